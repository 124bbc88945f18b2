import { RE2JS, RE2JSException } from 're2js';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';

export interface PatternOptions {
  ignoreCase?: boolean;
  /** `.` also matches a line break. */
  dotAll?: boolean;
  /** `^` and `$` also match at the beginning and the end of a line. */
  multiline?: boolean;
}

/** Why a pattern is refused, for the person who wrote it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Steps that a pattern may have once its repetitions are written out: `a{100}` has a hundred. */
const PROGRAM_MAX = 2_000;
/** A match takes at most pattern steps × characters, about 10 ns each: so about a second. */
const WORK_MAX = 1e8;
/** A search may start again after each match, so finding all of them is not bounded by the above. */
const SEARCH_MS_MAX = 1_000;

/**
 * A user's pattern. RE2 and not JavaScript's own engine, whose time can grow exponentially with the
 * text: one pattern could hold a worker for ever. Whatever is left is bounded here, and beyond the
 * bounds the score is an error.
 *
 * Syntax: https://github.com/google/re2/wiki/Syntax
 */
export class Pattern {
  readonly #pattern: RE2JS;
  readonly #size: number;
  readonly #group: 0 | 1;

  /** @throws {PatternError} with what is wrong and what to do */
  constructor(source: string, options: PatternOptions = {}) {
    const flags =
      (options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
      (options.dotAll ? RE2JS.DOTALL : 0) |
      (options.multiline ? RE2JS.MULTILINE : 0);
    try {
      this.#pattern = RE2JS.compile(source, flags);
    } catch (error) {
      if (error instanceof RE2JSException) throw new PatternError(explain(error.message));
      throw new PatternError('is not a regular expression that can be used here');
    }
    this.#size = this.#pattern.programSize();
    this.#group = this.#pattern.groupCount() > 0 ? 1 : 0;
    if (this.#size > PROGRAM_MAX) {
      throw new PatternError(
        'is too large: its repetitions stand for too many steps; shorten them',
      );
    }
  }

  /** Whether it matches anywhere in the text. */
  matchesWithin(text: string): boolean {
    this.#requireBounded(text);
    return this.#pattern.test(text);
  }

  /** Whether it matches the text from its beginning to its end. */
  matchesAll(text: string): boolean {
    this.#requireBounded(text);
    return this.#pattern.matches(text);
  }

  /**
   * The first group of the last match, or the whole match where the pattern has no group. Matches are
   * taken from left to right and do not overlap. Undefined without a match; null where the last match
   * did not use the group.
   */
  extractLast(text: string): string | null | undefined {
    this.#requireBounded(text);
    const matcher = this.#pattern.matcher(text);
    const start = performance.now();
    let last = -1;
    while (matcher.find()) {
      last = matcher.start();
      if (performance.now() - start > SEARCH_MS_MAX) {
        throw new MetricError('the pattern takes too long on this text; make it more specific');
      }
    }
    if (last === -1) return undefined;
    // The groups of a match cost more than the match, so they are asked for once.
    matcher.find(last);
    return matcher.group(this.#group);
  }

  #requireBounded(text: string): void {
    if (text.length * this.#size > WORK_MAX) {
      throw new MetricError(
        `the text is too long for this pattern: it may have ${Math.floor(WORK_MAX / this.#size)} characters`,
      );
    }
  }
}

/** A pattern in a metric's configuration. */
export const patternText = z
  .string()
  .min(1, 'must not be empty')
  .max(1000, 'must have at most 1000 characters')
  .superRefine((source, context) => {
    const message = faultOf(source);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** What is wrong with a pattern; undefined where nothing is. */
export function faultOf(source: string): string | undefined {
  try {
    return void new Pattern(source);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

function explain(message: string): string {
  const fault = message.replace(/^error parsing regexp: /, '');
  if (/: `\(\?<?[=!]/.test(fault)) {
    return 'uses look-ahead or look-behind, which RE2 patterns do not have; match the text around it too, and put what is wanted into a group';
  }
  if (/invalid escape sequence: `\\[1-9k]/.test(fault)) {
    return 'uses a back-reference, which RE2 patterns do not have';
  }
  return `is not a valid RE2 pattern: ${fault}`;
}
