import type { Json } from '#libs/contracts';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { isObject, ownField, type Call } from './tool-calls.ts';

/** Values that one case may have compared: calls by calls by arguments would grow without end. */
const WORK_MAX = 5_000_000;
/** Characters that are compared in the time of one value. */
const CHARACTERS_AT_ONCE = 256;

export const ignoredPaths = z
  .array(z.string().min(1, 'must not be empty').max(500))
  .max(100)
  .default([])
  .meta({
    description: 'Dotted paths in the arguments that do not count, such as options.timestamp',
  });

/** How arguments are compared: the same JSON, expected ones within the given ones, or not at all. */
export type ArgumentMode = 'exact' | 'partial' | 'ignore';

/** Tells whether a call is an expected one, with one allowance of work for a whole case. */
export class CallComparison {
  readonly #mode: ArgumentMode;
  readonly #ignored: readonly string[][];
  #work = 0;

  constructor(mode: ArgumentMode, ignored: readonly string[]) {
    this.#mode = mode;
    this.#ignored = ignored.map((path) => path.split('.'));
  }

  /** The calls without the arguments that do not count. */
  prepare(calls: readonly Call[]): Call[] {
    if (this.#mode === 'ignore') return calls.map(({ name }) => ({ name, arguments: {} }));
    return calls.map(({ name, arguments: given }) => ({
      name,
      arguments: this.#ignored.reduce((value, path) => without(value, path), given),
    }));
  }

  /**
   * Where two prepared calls differ: null where they do not.
   * @throws {MetricError} where a case takes too much comparing
   */
  difference(expected: Call, made: Call): string | null {
    if (expected.name !== made.name) return 'name';
    const open: { path: string; expected: Json; made: Json | undefined }[] = [
      { path: '', expected: expected.arguments, made: made.arguments },
    ];
    for (let pair = open.pop(); pair; pair = open.pop()) {
      const { path, expected: wanted, made: given } = pair;
      const at = (step: string | number) => (path === '' ? String(step) : `${path}.${step}`);
      const different = path === '' ? 'arguments' : path;
      if (Array.isArray(wanted)) {
        if (!Array.isArray(given) || given.length !== wanted.length) return different;
        this.#spend(wanted.length + 1);
        for (const [place, value] of wanted.entries()) {
          open.push({ path: at(place), expected: value, made: given[place] });
        }
      } else if (isObject(wanted)) {
        if (!isObject(given)) return different;
        const names = Object.keys(wanted);
        this.#spend(names.length + 1);
        if (this.#mode === 'exact') {
          const others = Object.keys(given);
          this.#spend(others.length);
          const extra = others.find((name) => !Object.hasOwn(wanted, name));
          if (extra !== undefined) return at(extra);
        }
        for (const name of names) {
          const value = ownField(wanted, name);
          if (value !== undefined) {
            open.push({ path: at(name), expected: value, made: ownField(given, name) });
          }
        }
      } else {
        if (typeof wanted === 'string') this.#spend(1 + wanted.length / CHARACTERS_AT_ONCE);
        if (wanted !== given) return different;
      }
    }
    return null;
  }

  matches(expected: Call, made: Call): boolean {
    return this.difference(expected, made) === null;
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > WORK_MAX) {
      throw new MetricError('the tool calls have too many arguments to compare');
    }
  }
}

/** A value without what is at a path. What stands in a list becomes null, so that places stay. */
function without(value: Json, path: readonly string[]): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(step) || value[Number(step)] === undefined) return value;
    return value.map((each, place) => {
      if (place !== Number(step)) return each;
      return rest.length === 0 ? null : without(each, rest);
    });
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([name]) => name !== step)
      : entries.map(([name, each]) => [name, name === step ? without(each, rest) : each]),
  );
}

/**
 * Pairs as many of `left` with one of `right` each as can be, by augmenting paths (Kuhn). Taking the first
 * that fits would not do: it may be the only one that fits another.
 * @returns for each of `left` its partner in `right`, undefined for those that are left over
 */
export function pairUp<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
  fits: (left: Left, right: Right) => boolean,
): (number | undefined)[] {
  const partnerOfLeft: (number | undefined)[] = left.map(() => undefined);
  const partnerOfRight: (number | undefined)[] = right.map(() => undefined);
  const known = left.map((): (boolean | undefined)[] => []);
  const fit = (place: number, other: number): boolean => {
    const [row, one, another] = [known[place], left[place], right[other]];
    if (!row || one === undefined || another === undefined) return false;
    return (row[other] ??= fits(one, another));
  };
  const pair = (place: number, other: number): boolean => {
    partnerOfRight[other] = place;
    partnerOfLeft[place] = other;
    return true;
  };
  const augment = (place: number, seen: Set<number>): boolean => {
    for (const [other, holder] of partnerOfRight.entries()) {
      if (holder === undefined && fit(place, other)) return pair(place, other);
    }
    for (const other of right.keys()) {
      const holder = partnerOfRight[other];
      if (holder === undefined || seen.has(other) || !fit(place, other)) continue;
      seen.add(other);
      if (augment(holder, seen)) return pair(place, other);
    }
    return false;
  };
  // What a search in vain has seen leads nowhere, until the pairs change.
  let seen = new Set<number>();
  for (const place of left.keys()) if (augment(place, seen)) seen = new Set();
  return partnerOfLeft;
}
