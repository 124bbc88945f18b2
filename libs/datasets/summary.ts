import { MOST_SUMMARIZED, type VersionSummary } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { findVersion } from './datasets.ts';

/**
 * How many items a version has of each split and each tag, those with the most first. It reads the
 * version once; what it answers never changes, so that whoever asked may keep it.
 * @throws {RequestError} `dataset_not_found`, `dataset_version_not_found`
 */
export async function summarizeVersion(
  database: Queryable,
  projectId: string,
  datasetId: string,
  version: number,
): Promise<VersionSummary> {
  const { id, itemCount } = await findVersion(database, projectId, datasetId, version);
  const counted = await database.queryOne<Omit<VersionSummary, 'itemCount'>>(sql`
    with items as materialized (
      select split, tags, expected is not null as expects
      from dataset_items where version_id = ${id}
    ), splits as (
      select split, count(*)::int as items from items group by split
    ), tags as (
      select tag, count(*)::int as items
      from items cross join lateral (select distinct tag from unnest(tags) as tag) as named
      group by tag
    )
    select
      (select count(*)::int from items where expects) as "expectedCount",
      (select count(*)::int from splits where split is not null) as "splitCount",
      (select coalesce(json_agg(s), '[]') from (
        select split, items from splits order by items desc, split limit ${MOST_SUMMARIZED}
      ) as s) as splits,
      (select count(*)::int from tags) as "tagCount",
      (select coalesce(json_agg(t), '[]') from (
        select tag, items from tags order by items desc, tag limit ${MOST_SUMMARIZED}
      ) as t) as tags`);
  const none = { expectedCount: 0, splitCount: 0, splits: [], tagCount: 0, tags: [] };
  return { itemCount, ...(counted ?? none) };
}
