import type { HumanScale, HumanValue } from '#libs/contracts';
import { formatScore, formatShare } from '../format/numbers.ts';

/** A value that can be chosen, and the key that chooses it. */
export interface HumanOption {
  value: HumanValue;
  label: string;
  description?: string | undefined;
  /** Undefined where there are more options than digits. */
  key: string | undefined;
}

/** As many numbers can be chosen from; more are typed. */
const mostNumbers = 10;

/** What can be chosen on a scale; undefined where a number is to be typed. */
export function optionsOf(scale: HumanScale): HumanOption[] | undefined {
  if (scale.kind === 'boolean') {
    return [
      { value: true, label: 'pass', key: '1' },
      { value: false, label: 'fail', key: '2' },
    ];
  }
  if (scale.kind === 'categorical') {
    return scale.categories.map(({ name, description }, index) => ({
      value: name,
      label: name,
      description,
      key: index < 9 ? String(index + 1) : undefined,
    }));
  }
  const values = numbersOf(scale);
  return values?.map((value, index) => ({
    value,
    label: String(value),
    key: keyOf(value, index, values),
  }));
}

function numbersOf({ min, max, step }: HumanScale & { kind: 'numeric' }): number[] | undefined {
  if (step === null) return undefined;
  // As floating point has it, 0.1 + 0.2 is a little more than 0.3.
  const count = Math.floor((max - min) / step + 1e-9) + 1;
  if (count > mostNumbers) return undefined;
  return Array.from({ length: count }, (_, index) => rounded(min + index * step));
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** A digit is the key of its own number where all are digits, 0 that of 10; else they are counted. */
function keyOf(value: number, index: number, values: readonly number[]): string | undefined {
  const areDigits = values.every((one) => Number.isInteger(one) && one >= 0 && one <= 9);
  if (areDigits) return String(value);
  const areOneToTen = values.every((one) => Number.isInteger(one) && one >= 1 && one <= 10);
  if (areOneToTen) return String(value % 10);
  return index < 9 ? String(index + 1) : index === 9 ? '0' : undefined;
}

/** A number as it was typed, or what is wrong with it. */
export function readNumber(
  text: string,
  { min, max, step }: HumanScale & { kind: 'numeric' },
): { value: number } | { fault: string } {
  const value = Number(text.trim().replace(',', '.'));
  if (text.trim() === '' || !Number.isFinite(value)) return { fault: 'Give a number' };
  if (value < min || value > max) return { fault: `Give a number from ${min} to ${max}` };
  if (step === null) return { value };
  const steps = (value - min) / step;
  if (Math.abs(steps - Math.round(steps)) > 1e-9) {
    return { fault: `Give ${min}, or steps of ${step} from there` };
  }
  return { value: rounded(min + Math.round(steps) * step) };
}

/** A scale in a few words, as in "1 to 5". */
export function scaleInWords(scale: HumanScale): string {
  if (scale.kind === 'boolean') return 'pass or fail';
  if (scale.kind === 'categorical') {
    return scale.categories.map(({ name }) => name).join(scale.ordered ? ' < ' : ', ');
  }
  const { min, max, step } = scale;
  const steps = step === null ? ', any number' : step === 1 ? '' : `, in steps of ${step}`;
  return `${min} to ${max}${steps}`;
}

/** A value as people said it; null is that they could not tell. */
export function valueInWords(value: HumanValue | null): string {
  if (value === null) return 'cannot tell';
  if (typeof value === 'boolean') return value ? 'pass' : 'fail';
  return String(value);
}

/** The mean of a person's scores, in the terms of the scale. */
export function meanInWords(mean: number | null, scale: HumanScale): string {
  if (mean === null) return '–';
  return scale.kind === 'boolean' ? `${formatShare(mean, 1)} pass` : formatScore(mean);
}
