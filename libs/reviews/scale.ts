import { RequestError, type HumanScale, type HumanValue } from '#libs/contracts';

/** A value as the tables hold it. */
export interface StoredValue {
  /** Of yes or no, 1 or 0. */
  value: number | null;
  category: string | null;
}

/** Steps are decimals, which doubles hold only nearly. */
const ROUNDING = 1e-9;

/**
 * What a person gave, as it is stored; nothing at all stands for "cannot tell".
 * @param field where it stands in the request
 * @throws {RequestError} `value_off_scale`
 */
export function toStored(
  { name, scale }: { name: string; scale: HumanScale },
  given: HumanValue | null,
  field: string,
): StoredValue {
  if (given === null) return { value: null, category: null };
  if (scale.kind === 'boolean') {
    if (typeof given === 'boolean') return { value: given ? 1 : 0, category: null };
    throw offScale(name, field, 'must be true or false');
  }
  if (scale.kind === 'categorical') {
    const known = scale.categories.find((category) => category.name === given);
    if (known) return { value: null, category: known.name };
    const names = scale.categories.map((category) => category.name).join(', ');
    throw offScale(name, field, `must be one of ${names}`);
  }
  const { min, max, step } = scale;
  const steps = step === null ? 0 : (Number(given) - min) / step;
  const isOnStep = Math.abs(steps - Math.round(steps)) <= ROUNDING * Math.max(1, Math.abs(steps));
  if (typeof given === 'number' && given >= min && given <= max && isOnStep) {
    return { value: given, category: null };
  }
  const steppedBy = step === null ? '' : ` in steps of ${step}`;
  throw offScale(name, field, `must be a number from ${min} to ${max}${steppedBy}`);
}

/** What `toStored` stored. */
export function fromStored(scale: HumanScale, { value, category }: StoredValue): HumanValue | null {
  if (scale.kind === 'categorical') return category;
  return scale.kind === 'boolean' && value !== null ? value === 1 : value;
}

const offScale = (name: string, field: string, message: string): RequestError =>
  new RequestError('invalid', 'value_off_scale', `The value of "${name}" ${message}.`, [
    { field, message },
  ]);
