import type { Json } from '#libs/contracts';
import { sql, type Database, type Queryable } from '#libs/database';

/** Items that estimates rest on, spread evenly over a run. */
const SAMPLE = 100;

/** An item of a dataset, as a target and its metrics are shown it. */
export interface Sampled {
  key: string;
  input: Json;
  expected: Json | null;
  metadata: Record<string, Json>;
}

class RolledBack extends Error {}

/** Does its work and takes it back. */
export async function inVain<Result>(
  database: Database,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  const done: Result[] = [];
  try {
    await database.transaction(async (tx) => {
      done[0] = await work(tx);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  const [result] = done;
  if (result === undefined) throw new Error('a transaction ended without its work');
  return result;
}

const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * Those that are shown come first, and then others spread evenly over the rest: one of each stretch, now
 * earlier in it and now later, since what differs between items often comes again at regular places.
 */
export function placesOf(items: number, shown: { items: number; skip: number }): number[] {
  const length = Math.max(0, Math.min(items - shown.skip, shown.items));
  const first = Array.from({ length }, (_, place) => shown.skip + place);
  const step = items / SAMPLE;
  const spread = Array.from({ length: Math.min(items, SAMPLE) }, (_, n) =>
    Math.floor(step <= 1 ? n : (n + ((n * GOLDEN_RATIO) % 1)) * step),
  );
  return [...new Set([...first, ...spread])].slice(0, Math.max(SAMPLE, length));
}

/** The items at these places of a run, in that order. */
export const sampleOf = (
  tx: Queryable,
  sample: { runId: string; versionId: string; filtered: boolean; places: readonly number[] },
): Promise<Sampled[]> => {
  const position = sample.filtered
    ? sql`(select s.position from run_selections s
        where s.run_id = ${sample.runId} and s.place = w.place limit 1)`
    : sql`w.place`;
  return tx.query<Sampled>(sql`
    select d.key, d.input, d.expected, d.metadata
    from unnest(${sample.places}::int[]) with ordinality as w (place, turn)
    join lateral (
      select * from dataset_items
      where version_id = ${sample.versionId} and position = ${position} limit 1
    ) d on true
    order by w.turn`);
};
