import type { DatasetItem, ItemChange, ItemDifference, VersionDifference } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { decodeCursor, encodeCursor, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import { findVersion } from './datasets.ts';

/**
 * How many keys are compared at first to fill a page, and at most. Where little has changed, more and
 * more are taken at once.
 */
const FEWEST_KEYS = 500;
const MOST_KEYS = 50_000;

/** No version has this id: all is added where there is none to compare with. */
const NO_VERSION = '00000000-0000-0000-0000-000000000000';

const count = z.int().min(0);
const differenceCursor = z.strictObject({
  key: z.string(),
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
    before === null
      ? { id: NO_VERSION }
      : await findVersion(database, projectId, datasetId, before);
  const pair = { from: from.id, to: to.id };
  const { key: start, ...counted } = cursor ?? { key: undefined };
  const counts = isCounted(counted) ? counted : await countChanges(database, pair);

  const items: ItemDifference[] = [];
  let after = start;
  for (let keys = FEWEST_KEYS; items.length <= limit; keys = Math.min(keys * 4, MOST_KEYS)) {
    const missing = limit + 1 - items.length;
    const window = await compareWindow(database, pair, { after, keys, change, limit: missing });
    items.push(...window.items);
    if (window.last === null) break;
    after = window.last;
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

const isCounted = (counts: Partial<Counts>): counts is Counts => counts.added !== undefined;

async function countChanges(
  database: Queryable,
  { from, to }: { from: string; to: string },
): Promise<Counts> {
  const counts = await database.queryOne<Counts>(sql`
    select added, removed, changed, both_have - changed as unchanged
    from (
      select
        (count(*) filter (where a.key is null))::int as added,
        (count(*) filter (where b.key is null))::int as removed,
        (count(*) filter (where a.key = b.key))::int as both_have,
        (count(*) filter (where ${contentDiffers('a', 'b')}))::int as changed
      from (select * from dataset_items where version_id = ${from}) a
      full join (select * from dataset_items where version_id = ${to}) b on a.key = b.key
    ) as counts`);
  return counts ?? { added: 0, removed: 0, changed: 0, unchanged: 0 };
}

const itemOf = (row: string) => {
  const item = sql.ref(row);
  return sql`case when ${item}.key is not null then json_build_object(
    'position', ${item}.position, 'key', ${item}.key, 'input', ${item}.input,
    'expected', ${item}.expected, 'metadata', ${item}.metadata, 'tags', ${item}.tags,
    'split', ${item}.split) end`;
};

interface WindowRow {
  /** The last key that was looked at; null: there was none. */
  last: string | null;
  /** There may be more keys after it. */
  full: boolean;
  key: string | null;
  before: DatasetItem | null;
  after: DatasetItem | null;
}

/**
 * Compares the next so many keys of both versions, which it finds by their index. Answers with what has
 * changed among them, up to a limit, and with the last of these keys, or null where there are no more.
 */
async function compareWindow(
  database: Queryable,
  { from, to }: { from: string; to: string },
  window: {
    after: string | undefined;
    keys: number;
    change: ItemChange | undefined;
    limit: number;
  },
): Promise<{ items: ItemDifference[]; last: string | null }> {
  const { after, keys, change, limit } = window;
  const keysOf = (versionId: string) => sql`(
    select key from dataset_items
    where version_id = ${versionId} ${after === undefined ? sql`` : sql`and key > ${after}`}
    order by key limit ${keys})`;
  const changes = {
    added: sql`a.key is null`,
    removed: sql`b.key is null`,
    changed: contentDiffers('a', 'b'),
  };
  const wanted = change
    ? changes[change]
    : sql`(${changes.added} or ${changes.removed} or ${changes.changed})`;
  const rows = await database.query<WindowRow>(sql`
    with keys as materialized (
      select key from (${keysOf(from)} union ${keysOf(to)}) as both_versions
      order by key limit ${keys}
    )
    select extent.last, extent.full, found.*
    from (select max(key) as last, count(*) = ${keys} as full from keys) as extent
    left join lateral (
      select keys.key, ${itemOf('a')} as before, ${itemOf('b')} as after
      from keys
      left join dataset_items a on a.version_id = ${from} and a.key = keys.key
      left join dataset_items b on b.version_id = ${to} and b.key = keys.key
      where ${wanted}
      order by keys.key limit ${limit}
    ) as found on true
    order by found.key`);
  const [extent] = rows;
  return {
    items: rows.flatMap(toDifference),
    last: extent?.full ? extent.last : null,
  };
}

function toDifference({ key, before, after }: WindowRow): ItemDifference[] {
  if (key === null) return [];
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return [{ key, change, before, after }];
}
