import type { ComparisonFilter, ComparisonOptions } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { Alignment } from './analysis/pairs.ts';
import type { ComparedRun } from './compared-runs.ts';
import { packInts, rangesOf, unpackInts } from './packed.ts';

/**
 * Aligns the evaluation items of two runs by the keys of their dataset items and the repeat, across
 * versions and datasets. Filter and clusters are those of the first run's dataset version.
 */
export async function alignRuns(
  database: Queryable,
  first: ComparedRun,
  second: ComparedRun,
  options: Pick<ComparisonOptions, 'filter' | 'clusterBy'>,
): Promise<Alignment> {
  const places = await placesOf(database, first);
  const partner = await partnersOf(database, first, second, places);
  let matched = 0;
  for (const no of partner) if (no >= 0) matched += 1;
  const repeated = Math.min(first.repeats, second.repeats) > 1;
  return {
    partner,
    firstOnly: first.total - matched,
    secondOnly: second.total - matched,
    chosen: await chosenOf(database, first, places, options.filter),
    clusters: await clustersOf(database, first, places, { ...options, repeated }),
    items: repeated
      ? Int32Array.from({ length: first.total }, (_, no) => Math.floor(no / first.repeats))
      : null,
  };
}

/** By the place of a dataset item in the run: its position in the version; null: the same. */
type Places = Int32Array | null;

/** Where the dataset items of a run stand in its version. */
export async function placesOf(database: Queryable, run: ComparedRun): Promise<Places> {
  if (run.filter === null) return null;
  const positions = new Int32Array(run.total / run.repeats).fill(-1);
  for (const { from, to } of rangesOf(positions.length)) {
    const rows = await database.query<{ places: Buffer; positions: Buffer }>(sql`
      select ${packInts(sql`place`)} as places, ${packInts(sql`position`)} as positions
      from run_selections where run_id = ${run.id} and place >= ${from} and place < ${to}`);
    for (const row of rows) {
      const found = unpackInts(row.positions);
      unpackInts(row.places).forEach((place, index) => {
        positions[place] = found[index] ?? -1;
      });
    }
  }
  return positions;
}

async function partnersOf(
  database: Queryable,
  first: ComparedRun,
  second: ComparedRun,
  places: Places,
): Promise<Int32Array> {
  const secondPlaces = await placesOf(database, second);
  const secondItems = second.total / second.repeats;
  /** By the position in the second version: the place in the second run. */
  let placeOfPosition: (position: number) => number;
  if (secondPlaces === null) {
    placeOfPosition = (position) => (position < secondItems ? position : -1);
  } else {
    const byPosition = new Map<number, number>();
    secondPlaces.forEach((position, place) => byPosition.set(position, place));
    placeOfPosition = (position) => byPosition.get(position) ?? -1;
  }
  const samePosition =
    first.versionId === second.versionId
      ? null
      : await matchPositions(database, first.versionId, second.versionId, first.versionItems);
  const partner = new Int32Array(first.total).fill(-1);
  for (let no = 0; no < first.total; no += 1) {
    const repeat = no % first.repeats;
    if (repeat >= second.repeats) continue;
    const place = Math.floor(no / first.repeats);
    const position = places ? (places[place] ?? -1) : place;
    const otherPosition = samePosition ? (samePosition[position] ?? -1) : position;
    const otherPlace = otherPosition < 0 ? -1 : placeOfPosition(otherPosition);
    if (otherPlace >= 0) partner[no] = otherPlace * second.repeats + repeat;
  }
  return partner;
}

/** By the position in the first version: that of the item with the same key in the second, or −1. */
async function matchPositions(
  database: Queryable,
  firstVersion: string,
  secondVersion: string,
  size: number,
): Promise<Int32Array> {
  const matched = new Int32Array(size).fill(-1);
  for (const { from, to } of rangesOf(size)) {
    const rows = await database.query<{ first: Buffer; second: Buffer }>(sql`
      select ${packInts(sql`f.position`)} as first, ${packInts(sql`s.position`)} as second
      from dataset_items f
      join dataset_items s on s.version_id = ${secondVersion} and s.key = f.key
      where f.version_id = ${firstVersion} and f.position >= ${from} and f.position < ${to}`);
    for (const row of rows) {
      const seconds = unpackInts(row.second);
      unpackInts(row.first).forEach((position, index) => {
        matched[position] = seconds[index] ?? -1;
      });
    }
  }
  return matched;
}

/** The condition that the filter puts on `dataset_items`. */
export function filterCondition(filter: ComparisonFilter): ReturnType<typeof sql> {
  const conditions = [
    ...(filter.splits ? [sql`split = any(${filter.splits}::text[])`] : []),
    ...(filter.tags ? [sql`tags && ${filter.tags}::text[]`] : []),
    ...Object.entries(filter.metadata ?? {}).map(
      ([path, values]) => sql`
        metadata #> ${path.split('.')}::text[]
          = any(${values.map((value) => JSON.stringify(value))}::jsonb[])`,
    ),
  ];
  return sql.join(conditions, sql` and `);
}

async function chosenOf(
  database: Queryable,
  run: ComparedRun,
  places: Places,
  filter: ComparisonFilter | undefined,
): Promise<Uint8Array> {
  if (!filter) return new Uint8Array(run.total).fill(1);
  const chosen = new Uint8Array(run.versionItems);
  for (const { from, to } of rangesOf(run.versionItems)) {
    const rows = await database.query<{ positions: Buffer }>(sql`
      select ${packInts(sql`position`)} as positions from dataset_items
      where version_id = ${run.versionId} and position >= ${from} and position < ${to}
        and ${filterCondition(filter)}`);
    for (const row of rows) for (const position of unpackInts(row.positions)) chosen[position] = 1;
  }
  return byNumber(run, places, (position) => chosen[position] ?? 0, Uint8Array);
}

/** What belongs to a position in the version, by the number of the evaluation item. */
function byNumber<Numbers extends Uint8Array | Int32Array>(
  run: ComparedRun,
  places: Places,
  valueOf: (position: number, place: number) => number,
  kind: new (size: number) => Numbers,
): Numbers {
  const values = new kind(run.total);
  for (let no = 0; no < run.total; no += 1) {
    const place = Math.floor(no / run.repeats);
    values[no] = valueOf(places ? (places[place] ?? -1) : place, place);
  }
  return values;
}

async function clustersOf(
  database: Queryable,
  run: ComparedRun,
  places: Places,
  { clusterBy, repeated }: { clusterBy?: string | undefined; repeated: boolean },
): Promise<Int32Array | null> {
  if (clusterBy === undefined) {
    return repeated ? byNumber(run, places, (_, place) => place, Int32Array) : null;
  }
  const clusterOf = new Int32Array(run.versionItems);
  // An item that lacks the field is a cluster of its own; the others are numbered from 1.
  clusterOf.forEach((_, position) => (clusterOf[position] = -position - 1));
  const rows = await database.query<{ positions: Buffer; clusters: Buffer }>(sql`
    select ${packInts(sql`position`)} as positions, ${packInts(sql`cluster`)} as clusters from (
      select position, (dense_rank() over (order by value))::int as cluster from (
        select position, ${valueAt(clusterBy)} as value from dataset_items
        where version_id = ${run.versionId}
      ) valued where value is not null
    ) ranked`);
  for (const row of rows) {
    const clusters = unpackInts(row.clusters);
    unpackInts(row.positions).forEach((position, index) => {
      clusterOf[position] = clusters[index] ?? 0;
    });
  }
  return byNumber(run, places, (position) => clusterOf[position] ?? -1, Int32Array);
}

/** The text at a path such as `metadata.source` of a dataset item. */
const valueAt = (path: string) => sql`metadata #>> ${path.split('.').slice(1)}::text[]`;

/** Slices of one dimension, the largest first, and how many there are beyond. */
export interface Slices {
  slices: { value: string; members: Uint8Array }[];
  leftOut: number;
}

/**
 * The parts of a run's items by what the dataset says of them, at most so many.
 * @param by `tags`, `split` or a path such as `metadata.topic`
 */
export async function slicesOf(
  database: Queryable,
  run: ComparedRun,
  by: string,
  maximum: number,
): Promise<Slices> {
  const places = await placesOf(database, run);
  const valueOf = by === 'split' ? sql`split` : valueAt(by);
  const values =
    by === 'tags'
      ? sql`select distinct t.value, i.position from dataset_items i, unnest(i.tags) as t (value)
          where i.version_id = ${run.versionId}`
      : sql`select ${valueOf} as value, position from dataset_items
          where version_id = ${run.versionId} and ${valueOf} is not null`;
  const rows = await database.query<{ value: string; positions: Buffer; all: number }>(sql`
    select value, ${packInts(sql`position`)} as positions, (count(*) over ())::int as "all"
    from (${values}) labelled group by value order by count(*) desc, value limit ${maximum}`);
  const slices = rows.map(({ value, positions }) => {
    const members = new Uint8Array(run.versionItems);
    for (const position of unpackInts(positions)) members[position] = 1;
    return {
      value,
      members: byNumber(run, places, (position) => members[position] ?? 0, Uint8Array),
    };
  });
  return { slices, leftOut: (rows[0]?.all ?? 0) - rows.length };
}
