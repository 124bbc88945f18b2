import {
  text,
  type DatasetItem,
  type ItemChange,
  type ItemDifference,
  type VersionDifference,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { decodeCursor, encodeCursor, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import { findVersion } from './datasets.ts';

/**
 * How many keys of a version are compared at once to fill a page, at first and at most. Where little has
 * changed, more and more are taken.
 */
const FEWEST_KEYS = 500;
const MOST_KEYS = 50_000;

/** No version has this id: all is added where there is none to compare with. */
const NO_VERSION = '00000000-0000-0000-0000-000000000000';

const count = z.int().min(0);
const differenceCursor = z.strictObject({
  key: text(500),
  // Versions never change, so what was counted for the first page holds for all of them.
  added: count,
  removed: count,
  changed: count,
  unchanged: count,
});

type Counts = VersionDifference['counts'];

/**
 * True where both rows are there and differ in what makes an item; how that is meant stands with the
 * operation. The rows are aliases that the statement has.
 */
export const contentDiffers = (one: string, other: string) => {
  const a = sql.ref(one);
  const b = sql.ref(other);
  return sql<boolean>`(${a}.key = ${b}.key and (
    ${a}.input::text <> ${b}.input::text or ${a}.expected::text is distinct from ${b}.expected::text
    or ${a}.metadata <> ${b}.metadata or ${a}.tags <> ${b}.tags
    or ${a}.split is distinct from ${b}.split))`;
};

/**
 * What has changed from one version of a dataset to another, by key.
 * @throws {RequestError} `dataset_not_found`, `dataset_version_not_found`
 */
export async function compareDatasetVersions(
  database: Queryable,
  projectId: string,
  datasetId: string,
  version: number,
  query: PageQuery & { from?: number | undefined; change?: ItemChange | undefined },
): Promise<VersionDifference> {
  const { limit, change } = query;
  const cursor = decodeCursor(differenceCursor, query.cursor);
  const to = await findVersion(database, projectId, datasetId, version);
  const before = query.from ?? (version > 1 ? version - 1 : null);
  const from =
    before === null ? undefined : await findVersion(database, projectId, datasetId, before);
  const pair = { from: from?.id ?? NO_VERSION, to: to.id };
  const wanted = { change, limit: limit + 1 };

  let counts: Counts;
  let items: ItemDifference[];
  if (cursor) {
    const { key, ...counted } = cursor;
    counts = counted;
    items = await differencesAfter(database, pair, key, wanted);
  } else {
    const first = await countDifferences(database, pair, wanted);
    const { added, removed, changed } = first;
    counts = { added, removed, changed, unchanged: to.itemCount - added - changed };
    items = await differencesOf(database, pair, sql`unnest(${first.keys}::text[])`, wanted);
  }
  const shown = items.slice(0, limit);
  const last = items.length > limit ? shown.at(-1) : undefined;
  return {
    from: before,
    to: version,
    counts,
    items: shown,
    nextCursor: last === undefined ? null : encodeCursor({ key: last.key, ...counts }),
  };
}

interface Pair {
  from: string;
  to: string;
}
interface Wanted {
  change: ItemChange | undefined;
  limit: number;
}

/** Goes through both versions as a whole, once: counts what differs, and finds the first keys. */
async function countDifferences(
  database: Queryable,
  { from, to }: Pair,
  { change, limit }: Wanted,
): Promise<Omit<Counts, 'unchanged'> & { keys: string[] }> {
  const found = await database.queryOne<Omit<Counts, 'unchanged'> & { keys: string[] }>(sql`
    with differences as materialized (
      select coalesce(a.key, b.key) as key,
        case when a.key is null then 'added' when b.key is null then 'removed' else 'changed' end
          as change
      from (select * from dataset_items where version_id = ${from}) a
      full join (select * from dataset_items where version_id = ${to}) b on a.key = b.key
      where a.key is null or b.key is null or ${contentDiffers('a', 'b')}
    )
    select (count(*) filter (where change = 'added'))::int as added,
      (count(*) filter (where change = 'removed'))::int as removed,
      (count(*) filter (where change = 'changed'))::int as changed,
      array(
        select key from differences ${change === undefined ? sql`` : sql`where change = ${change}`}
        order by key limit ${limit}
      ) as keys
    from differences`);
  return found ?? { added: 0, removed: 0, changed: 0, keys: [] };
}

/** What differs after a key, so many keys at a time as they stand in the index, until it is enough. */
async function differencesAfter(
  database: Queryable,
  pair: Pair,
  after: string,
  { change, limit }: Wanted,
): Promise<ItemDifference[]> {
  const items: ItemDifference[] = [];
  let last = after;
  for (let count = FEWEST_KEYS; items.length < limit; count = Math.min(count * 4, MOST_KEYS)) {
    const nextOf = (versionId: string) => sql`(
      select key from dataset_items where version_id = ${versionId} and key > ${last}
      order by key limit ${count})`;
    const next = sql<{ key: string }>`
      select key from (${nextOf(pair.from)} union ${nextOf(pair.to)}) as both_versions
      order by key limit ${count}`;
    const end = await database.queryOne<{ last: string | null; count: number }>(
      sql`select max(key) as last, count(*)::int as count from (${next}) as keys`,
    );
    const wanted = { change, limit: limit - items.length };
    items.push(...(await differencesOf(database, pair, sql`(${next})`, wanted)));
    if (!end || end.last === null || end.count < count) break;
    last = end.last;
  }
  return items;
}

const itemOf = (row: string) => {
  const item = sql.ref(row);
  return sql`case when ${item}.key is not null then json_build_object(
    'position', ${item}.position, 'key', ${item}.key, 'input', ${item}.input,
    'expected', ${item}.expected, 'metadata', ${item}.metadata, 'tags', ${item}.tags,
    'split', ${item}.split) end`;
};

interface DifferenceRow {
  key: string;
  before: DatasetItem | null;
  after: DatasetItem | null;
}

/** What differs among some keys, by key, each looked up in both versions by the index. */
async function differencesOf(
  database: Queryable,
  { from, to }: Pair,
  keys: ReturnType<typeof sql<unknown>>,
  { change, limit }: Wanted,
): Promise<ItemDifference[]> {
  // A join might read a version as a whole, which a query with a limit never does.
  const itemIn = (versionId: string) => sql`lateral (
    select * from dataset_items
    where version_id = ${versionId} and dataset_items.key = keys.key limit 1)`;
  const changes = {
    added: sql`a.key is null`,
    removed: sql`b.key is null`,
    changed: contentDiffers('a', 'b'),
  };
  const wanted = change
    ? changes[change]
    : sql`(${changes.added} or ${changes.removed} or ${changes.changed})`;
  const rows = await database.query<DifferenceRow>(sql`
    select keys.key, ${itemOf('a')} as before, ${itemOf('b')} as after
    from ${keys} as keys (key)
    left join ${itemIn(from)} a on true
    left join ${itemIn(to)} b on true
    where ${wanted}
    order by keys.key limit ${limit}`);
  return rows.map(({ key, before, after }) => ({
    key,
    change: before === null ? 'added' : after === null ? 'removed' : 'changed',
    before,
    after,
  }));
}
