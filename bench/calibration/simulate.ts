import { seededRandom } from '#libs/statistics';
import type { Measure, Replications, Row } from './studies.ts';

/** A part of the replications of one row, from a seed of its own. */
export interface Job {
  study: number;
  row: number;
  seed: number;
  replications: Replications;
}

/** How often something happened, in so many replications. */
export interface Tally {
  measure: Measure;
  method: string;
  replications: number;
  happened: number;
  /** In how many of them the method said nothing. */
  silent: number;
  /** Sum of the widths of intervals. */
  width: number;
}

export function simulate(row: Row, { seed, replications }: Omit<Job, 'study' | 'row'>): Tally[] {
  const random = seededRandom(seed);
  const tallies = new Map<string, Tally>();
  for (let replication = 0; replication < replications.closed; replication += 1) {
    row.replicate(
      random,
      (measure, method, happened, width = 0) => {
        const key = `${measure} ${method}`;
        const tally = tallies.get(key) ?? {
          measure,
          method,
          replications: 0,
          happened: 0,
          silent: 0,
          width: 0,
        };
        tallies.set(key, tally);
        tally.replications += 1;
        tally.happened += Number(happened ?? false);
        tally.silent += Number(happened === null);
        tally.width += width;
      },
      (cost) => replication < replications[cost],
    );
  }
  return [...tallies.values()];
}

/** Adds up parts, in the order given. */
export function addUp(parts: readonly (readonly Tally[])[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const tally of parts.flat()) {
    const key = `${tally.measure} ${tally.method}`;
    const sum = sums.get(key);
    sums.set(
      key,
      sum
        ? {
            ...sum,
            replications: sum.replications + tally.replications,
            happened: sum.happened + tally.happened,
            silent: sum.silent + tally.silent,
            width: sum.width + tally.width,
          }
        : tally,
    );
  }
  return [...sums.values()];
}
