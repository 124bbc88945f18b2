import { json, type Json } from '#libs/contracts';
import type { Judgement, MetricCase, MetricShape } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';

/** The sort of value that a user's scorer gives: part of the configuration of each. */
export const shapeOptions = {
  kind: z
    .enum(['numeric', 'boolean', 'categorical'])
    .default('numeric')
    .meta({ description: 'The sort of value: a number, true or false, or a category as text' }),
  min: z.number().optional().meta({
    description: 'Least number that it gives; also what an output without anything to score gets',
  }),
  max: z.number().optional().meta({ description: 'Greatest number that it gives' }),
  direction: z
    .enum(['higher', 'lower', 'none'])
    .default('higher')
    .meta({ description: 'Which values are better; none where neither end is' }),
};

interface ShapeConfig {
  kind: MetricShape['kind'];
  min?: number | undefined;
  max?: number | undefined;
  direction: MetricShape['direction'];
}

/** Reports where the parts of a shape do not go together. */
export function checkShape({ kind, min, max }: ShapeConfig, context: z.RefinementCtx): void {
  const bounded = min !== undefined ? 'min' : 'max';
  if (kind !== 'numeric' && (min ?? max) !== undefined) {
    const message = 'only numbers have bounds; leave it out';
    context.addIssue({ code: 'custom', path: [bounded], message });
  }
  if (min !== undefined && max !== undefined && min >= max) {
    context.addIssue({ code: 'custom', path: ['max'], message: 'must be greater than min' });
  }
}

export function shapeOfConfig({ kind, min, max, direction }: ShapeConfig): MetricShape {
  if (kind === 'boolean') return { kind, range: { min: 0, max: 1 }, direction };
  if (kind === 'categorical') return { kind, range: { min: null, max: null }, direction: 'none' };
  return { kind, range: { min: min ?? null, max: max ?? null }, direction };
}

/** What an item has, as a scorer gets it; what it lacks is left out. */
export function caseOf(item: MetricCase): Record<string, Json> {
  const { input, output, expected, metadata, usage, toolCalls } = item;
  return {
    input,
    output,
    ...(expected !== undefined && { expected }),
    ...(metadata && { metadata: { ...metadata } }),
    ...(usage && { usage: defined({ ...usage }) }),
    ...(toolCalls && { toolCalls: toolCalls.map((call) => defined({ ...call })) }),
  };
}

function defined(value: Record<string, Json | undefined>): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const [name, part] of Object.entries(value)) if (part !== undefined) result[name] = part;
  return result;
}

const REASON_MAX = 2_000;
const DETAILS_MAX = 10_000;
const DEPTH_MAX = 50;

const notApplicable = z.strictObject({ notApplicable: z.string().min(1).max(REASON_MAX) });
const verdict = z.strictObject({
  value: z.union([z.number(), z.boolean(), z.string().max(500), z.null()]),
  passed: z.boolean().nullish(),
  reason: z.string().max(REASON_MAX).nullish(),
  details: json.nullish(),
});
const answer = z.union([notApplicable, verdict]);

/** What an answer must look like, for whoever wrote the scorer. */
const remedy =
  '{ "value": …, "passed"?: true or false, "reason"?: text, "details"?: any JSON }, or { "notApplicable": reason }';

/**
 * Reads the answer of a user's scorer in its long form.
 * @param who said it, as the beginning of a sentence: `the function`
 * @throws {MetricError} for anything else; it does not repeat what was answered
 */
export function judgementOf(given: unknown, who: string): Judgement {
  if (!nestsWithin(given, DEPTH_MAX)) {
    throw new MetricError(`${who} gave an answer that nests deeper than ${DEPTH_MAX}`);
  }
  const parsed = answer.safeParse(given);
  if (!parsed.success) throw new MetricError(`${who} gave something other than ${remedy}`);
  if ('notApplicable' in parsed.data) {
    return { outcome: 'not_applicable', reason: parsed.data.notApplicable };
  }
  const { value, passed, reason, details } = parsed.data;
  if (value === null) {
    return { outcome: 'not_applicable', reason: reason ?? `${who} gave no value for it` };
  }
  if (JSON.stringify(details ?? null).length > DETAILS_MAX) {
    throw new MetricError(`${who} gave details of more than ${DETAILS_MAX} characters`);
  }
  return {
    outcome: 'scored',
    value,
    ...(typeof passed === 'boolean' && { passed }),
    ...(typeof reason === 'string' && { reason }),
    ...(details !== undefined && details !== null && { details }),
  };
}

function nestsWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => nestsWithin(part, depth - 1));
}
