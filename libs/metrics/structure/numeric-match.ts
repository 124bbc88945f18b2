import type { Json } from '#libs/contracts';
import { defineMetric } from '#libs/evaluation';
import { toDecimal } from '#libs/statistics';
import type { Fraction } from 'fraction.js';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';
import { evaluate, TEXT_MAX, toFraction } from './expression.ts';

const tolerance = z.number().min(0, 'must not be negative').default(0);

/** Whether the output is the expected number, within a tolerance. */
export const numericMatch = defineMetric({
  name: 'numeric_match',
  title: 'Number',
  family: 'structure',
  description:
    'Whether the output is the expected number, exactly or within a tolerance, however it is written: 1,234.50, $1234.5, 1.2345e3, 1/2, 3*10^4.',
  definition:
    'True when |output − expected| ≤ absoluteTolerance, or ≤ relativeTolerance × |expected|; both are 0 unless configured, and a difference right on the border counts. Computed in exact fractions, never in floating point. Output and expected must each be a JSON number or a text that is one number: digits with or without decimals or a power of ten, a sign before them, commas between thousands (1,234,567, also 12,34,567; 1,5 is refused, as it may mean 1.5), one currency sign before or after, a percent sign after (60% is 60, and 0.6 with percent divide), a period at the end, white space around. With expressions (the default) either may also be an arithmetic expression of such plain numbers: + − * × · / ÷ ^, signs, parentheses, in the usual order (−2^2 is −4, 2^3^2 is 2^9; powers are whole numbers), mixed numbers (1 1/2), ½ and its like, and \\frac{1}{2}, \\cdot, \\times, 10^{4} of LaTeX. An output that is no such number is wrong, also one without a value such as 1/0, and extract picks a number out of a longer text; where expected is no such number the metric is not applicable. Numbers of more than about 1200 digits on the way give an error. A JSON number of more than 15 digits is best given as a text, since JSON parsers round it.',
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
    expressions: z.boolean().default(true).meta({
      description: 'Output and expected may be expressions such as 1/2, 1 1/2 or 3*10^4',
    }),
    percent: z
      .enum(['ignore', 'divide'])
      .default('ignore')
      .meta({ description: 'What a percent sign means: ignore, 60% is 60; divide, 60% is 0.6' }),
  }),
  examples: [
    { output: '$1,234.50', expected: 1234.5, value: true },
    { config: { absoluteTolerance: 0.01 }, output: 3.14, expected: 3.15, value: true },
    { config: { relativeTolerance: 0.01 }, output: '102', expected: 100, value: false },
    { output: '\\frac{1}{2}', expected: '0.5', value: true },
    { output: '3 × 10^4', expected: 30000, value: true },
    { config: { expressions: false }, output: '1/2', expected: '0.5', value: false },
    { config: { percent: 'divide' }, output: '60%', expected: 0.6, value: true },
    { output: '42', expected: 'forty-two', value: null },
  ],
  prepare({ expressions, percent, ...tolerances }) {
    const absoluteTolerance = toFraction(toDecimal(tolerances.absoluteTolerance));
    const relativeTolerance = toFraction(toDecimal(tolerances.relativeTolerance));
    const read = (value: Json): Fraction | undefined => {
      const number = numberIn(value, percent === 'divide');
      if (number || !expressions || typeof value !== 'string') return number;
      return evaluate(value);
    };
    return ({ output, expected = null }) => {
      const wanted = read(expected);
      if (!wanted) return { outcome: 'not_applicable', reason: 'expected is not a number' };
      const given = read(output);
      if (!given) {
        return { outcome: 'scored', value: false, reason: `${excerpt(output)} is not one number` };
      }
      const difference = given.sub(wanted).abs();
      const value =
        difference.lte(absoluteTolerance) || difference.lte(relativeTolerance.mul(wanted.abs()));
      if (value) return { outcome: 'scored', value };
      return {
        outcome: 'scored',
        value,
        reason: `got ${excerpt(output)}, expected ${excerpt(expected)}`,
      };
    };
  },
});

/** Sign, currency, sign, digits (in thousands, in lakhs, or plain) and decimals, power, unit, period. */
const written =
  /^([+\-−]?)\s*\p{Sc}?\s*([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:\.\d+)?|\.\d+)((?:e[+-]?\d{1,3})?)\s*([%\p{Sc}]?)\.?$/iu;

function numberIn(value: Json, divide: boolean): Fraction | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? toFraction(toDecimal(value)) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text.length > TEXT_MAX) return undefined;
  const [, before = '', after = '', digits, power = '', unit] = written.exec(text) ?? [];
  if (digits === undefined || (before !== '' && after !== '')) return undefined;
  const sign = before + after === '' || before + after === '+' ? '' : '-';
  const number = toFraction(
    toDecimal(`${sign}${digits.startsWith('.') ? '0' : ''}${digits.replaceAll(',', '')}${power}`),
  );
  return divide && unit === '%' ? number.div(100n) : number;
}
