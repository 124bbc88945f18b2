import type { Json } from '#libs/contracts';
import { defineMetric } from '#libs/evaluation';
import { absolute, isAtMost, multiply, subtract, toDecimal, type Decimal } from '#libs/statistics';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';

const tolerance = z.number().min(0, 'must not be negative').default(0);

/** Whether the output is the expected number, within a tolerance. */
export const numericMatch = defineMetric({
  name: 'numeric_match',
  title: 'Number',
  family: 'structure',
  description:
    'Whether the output is the expected number, exactly or within a tolerance, however it is written: 1,234.50, $1234.5, 1.2345e3.',
  definition:
    'True when |output − expected| ≤ absoluteTolerance, or ≤ relativeTolerance × |expected|; both are 0 unless configured, and a difference right on the border counts. Computed in exact decimals, never in floating point. Output and expected must each be a JSON number or a text that is one number: digits with or without decimals or a power of ten, a sign before them, commas between thousands (1,234,567, also 12,34,567; 1,5 is refused, as it may mean 1.5), one currency sign before or after, a percent sign after (60% is 60), a period at the end, white space around. An output that is no such number is wrong, and extract picks a number out of a longer text; where expected is no such number the metric is not applicable. A JSON number of more than 15 digits is best given as a text, since JSON parsers round it.',
  source:
    'The answer check of GSM8K (Cobbe et al. 2021, arXiv:2110.14168), generalised; unlike match(numeric=True) of inspect_ai it does not round to 5 digits.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    absoluteTolerance: tolerance.meta({ description: 'Largest difference that still matches' }),
    relativeTolerance: tolerance.meta({
      description: 'The same as a share of the expected number: 0.01 is one percent',
    }),
  }),
  examples: [
    { output: '$1,234.50', expected: 1234.5, value: true },
    { config: { absoluteTolerance: 0.01 }, output: 3.14, expected: 3.15, value: true },
    { config: { relativeTolerance: 0.01 }, output: '102', expected: 100, value: false },
    { output: '42', expected: 'forty-two', value: null },
  ],
  prepare(config) {
    const absoluteTolerance = toDecimal(config.absoluteTolerance);
    const relativeTolerance = toDecimal(config.relativeTolerance);
    return ({ output, expected = null }) => {
      const wanted = numberIn(expected);
      if (!wanted) return { outcome: 'not_applicable', reason: 'expected is not a number' };
      const given = numberIn(output);
      if (!given) {
        return { outcome: 'scored', value: false, reason: `${excerpt(output)} is not one number` };
      }
      const difference = absolute(subtract(given, wanted));
      const value =
        isAtMost(difference, absoluteTolerance) ||
        isAtMost(difference, multiply(relativeTolerance, absolute(wanted)));
      if (value) return { outcome: 'scored', value };
      return {
        outcome: 'scored',
        value,
        reason: `got ${excerpt(output)}, expected ${excerpt(expected)}`,
      };
    };
  },
});

/** No number that is meant as an answer is longer; it also bounds the work that one can cause. */
const TEXT_MAX = 400;

/** Sign, currency, sign, digits (in thousands, in lakhs, or plain) and decimals, power, unit, period. */
const written =
  /^([+\-−]?)\s*\p{Sc}?\s*([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:\.\d+)?|\.\d+)((?:e[+-]?\d{1,3})?)\s*[%\p{Sc}]?\.?$/iu;

function numberIn(value: Json): Decimal | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? toDecimal(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text.length > TEXT_MAX) return undefined;
  const [, before = '', after = '', digits, power = ''] = written.exec(text) ?? [];
  if (digits === undefined || (before !== '' && after !== '')) return undefined;
  const sign = before + after === '' || before + after === '+' ? '' : '-';
  return toDecimal(
    `${sign}${digits.startsWith('.') ? '0' : ''}${digits.replaceAll(',', '')}${power}`,
  );
}
