import type { Json } from '#libs/contracts';
import { MetricError } from '../metric-error.ts';

const REASON_MAX = 500;
const EXCERPT_MAX = 100;

/**
 * A value as the text that text metrics see: a text itself, anything else as compact JSON.
 * @throws {MetricError} for JSON that nests too deep to be written
 */
export function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new MetricError('the JSON nests too deep to be a text');
    throw error;
  }
}

/**
 * Makes texts that differ only in case equal, each character for itself, so that a part of a text
 * stays a part of it. Upper case first, so that also `ß` equals `SS`; lower-casing alone writes a sigma
 * at a word's end in its own way. No locale, so that a score is the same on every machine.
 */
export const foldCase = (text: string): string =>
  text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');

/** A reason as it may be stored: bounded, and free of what PostgreSQL's text refuses. */
export const cleanReason = (reason: string): string =>
  shorten(reason, REASON_MAX).toWellFormed().replaceAll('\u0000', '\ufffd');

/** A value's beginning, for a reason. */
export function excerpt(value: Json): string {
  if (typeof value === 'string') return `"${shorten(value, EXCERPT_MAX)}"`;
  try {
    return shorten(textOf(value), EXCERPT_MAX);
  } catch {
    // Nested deeper than JSON.stringify can go: a reason is not worth an error.
    return sortOf(value);
  }
}

/** The sort of a value, for a reason. */
export function sortOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

function shorten(text: string, maximum: number): string {
  if (text.length <= maximum) return text;
  const head = text.slice(0, maximum - 1);
  return `${/[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head}…`;
}
