import {
  MOST_FILTERED,
  RequestError,
  type Dataset,
  type DatasetVersion,
  type EditDataset,
  type ItemsFromRun,
  type Json,
  type VersionOrigin,
} from '#libs/contracts';
import { DatasetVersionEntity, sql, uuid, type Database, type Queryable } from '#libs/database';
import type { Sandbox } from '#libs/evaluation';
import { arrayLiteral, hashContent, MOST_ITEMS } from './content.ts';
import { lockDataset } from './datasets.ts';
import { contentDiffers } from './difference.ts';
import { findSchemaFaults, type ItemFault } from './item-schemas.ts';

const MOST_TAGS = 50;
/** Faults that an answer names. */
const MOST_FAULTS = 100;
/** Items are read back to be checked so many characters at a time. */
const CHECKED_AT_ONCE = 4_000_000;

/** The items of a run that a filter takes, some at a time. */
export type PickItems = (
  transaction: Queryable,
  projectId: string,
  runId: string,
  filter: NonNullable<ItemsFromRun['filter']>,
) => AsyncIterable<readonly Picked[]>;

type Picked = NonNullable<ItemsFromRun['items']>[number];

/**
 * Makes a new version of a dataset out of the latest, whose items are copied inside the database. All
 * in one transaction that holds the dataset: edits at the same time are made one after another.
 * @param createdBy the name of whose key it is
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, `version_conflict`, `invalid_edit`,
 * `invalid_item` where an item does not meet a schema of the dataset, `key_not_found`,
 * `schema_check_failed`, `run_not_found`, `run_deleted`, `run_item_not_found`, `output_missing`,
 * `nothing_changed`, `nothing_left`, `dataset_too_large`, `too_many_items`, and as `pickItems`
 */
export async function editDataset(
  deps: { database: Database; sandbox: Sandbox; pickItems: PickItems },
  projectId: string,
  datasetId: string,
  edit: EditDataset,
  createdBy: string | null = null,
): Promise<DatasetVersion> {
  const put = withKeys(edit.put ?? []);
  const remove = edit.remove ?? [];
  checkKeys(put, edit);
  return deps.database.transaction(async (transaction) => {
    const dataset = await lockDataset(transaction, projectId, datasetId);
    const base = await findBase(transaction, dataset, edit.baseVersion);
    await stagePut(transaction, put);
    if (edit.fromRun) await stageFromRun(transaction, projectId, edit.fromRun, put.length, deps);
    await checkStaged(transaction, deps.sandbox, dataset, {
      putCount: put.length,
      isFiltered: edit.fromRun?.filter !== undefined,
    });
    await checkRemoved(transaction, base.id, remove);
    const changed = await countChanged(transaction, base.id);
    if (changed === 0 && remove.length === 0) throw nothingChanged();

    const versionId = uuid();
    const itemCount = await copy(transaction, { from: base.id, to: versionId, remove });
    if (itemCount === 0) throw nothingLeft();
    if (itemCount > MOST_ITEMS) throw tooLarge();
    const origin: VersionOrigin = {
      kind: 'edit',
      baseVersion: base.version,
      put: changed,
      removed: remove.length,
      ...(edit.fromRun && { fromRunId: edit.fromRun.runId }),
    };
    const version = (base.version ?? 0) + 1;
    const createdAt = new Date();
    const made = { datasetId, version, itemCount, origin, createdBy };
    await transaction.em.insert(DatasetVersionEntity, { id: versionId, ...made, createdAt });
    return { ...made, createdAt: createdAt.toISOString() };
  });
}

type PutItem = NonNullable<EditDataset['put']>[number] & { key: string };

/** Items without a key get one made from their content; equal ones are numbered, as in an upload. */
function withKeys(items: NonNullable<EditDataset['put']>): PutItem[] {
  const taken = new Set(items.flatMap(({ key }) => key ?? []));
  return items.map((item) => {
    if (item.key !== undefined) return { ...item, key: item.key };
    const hash = hashContent(item);
    let key = hash;
    for (let number = 2; taken.has(key); number += 1) key = `${hash}-${number}`;
    taken.add(key);
    return { ...item, key };
  });
}

/** Each key may be named once: what should come of it otherwise is anybody's guess. */
function checkKeys(put: readonly PutItem[], { remove = [], fromRun }: EditDataset): void {
  const named = new Map<string, string>();
  const errors: { field: string; message: string }[] = [];
  const name = (key: string, field: string) => {
    const before = named.get(key);
    if (before === undefined) named.set(key, field);
    else errors.push({ field, message: `the key stands in ${before} already` });
  };
  for (const [index, { key }] of put.entries()) name(key, `put.${index}.key`);
  for (const [index, { key }] of (fromRun?.items ?? []).entries()) {
    name(key, `fromRun.items.${index}.key`);
  }
  for (const [index, key] of remove.entries()) name(key, `remove.${index}`);
  const [first] = errors;
  if (!first) return;
  throw new RequestError(
    'invalid',
    'invalid_edit',
    `${first.field}: ${first.message}. Name each key once: to put, to take from the run, or to remove.`,
    errors.slice(0, MOST_FAULTS),
  );
}

/** The latest version; null and an id that no version has where there is none. */
async function findBase(
  transaction: Queryable,
  { id, latestVersion }: Dataset,
  expected: number | undefined,
): Promise<{ id: string | null; version: number | null }> {
  if (expected !== undefined && expected !== latestVersion) {
    throw new RequestError(
      'conflict',
      'version_conflict',
      latestVersion === null
        ? 'The dataset has no version yet; leave baseVersion out.'
        : `The latest version is ${latestVersion} by now, not ${expected}. Look at GET /api/v1/datasets/${id}/versions/${latestVersion}/difference?from=${expected}, and edit version ${latestVersion}.`,
      [{ field: 'baseVersion', message: 'is not the latest version' }],
    );
  }
  if (latestVersion === null) return { id: null, version: null };
  const found = await transaction.queryOne<{ id: string }>(sql`
    select id from dataset_versions where dataset_id = ${id} and version = ${latestVersion}`);
  return { id: found?.id ?? null, version: latestVersion };
}

/** The items that are put stand in a table of the transaction, where the database can compare them. */
async function stagePut(transaction: Queryable, items: readonly PutItem[]): Promise<void> {
  await transaction.query(sql`
    create temporary table edit_items (
      place int not null, key text primary key, input json not null, expected json,
      metadata jsonb not null, tags text[] not null, split text
    ) on commit drop`);
  const column = (of: (item: PutItem) => string | null) => sql`${items.map(of)}::text[]`;
  await transaction.query(sql`
    insert into edit_items (place, key, input, expected, metadata, tags, split)
    select place, key, input::json, expected::json, metadata::jsonb, tags::text[], split
    from unnest(
      ${column(({ key }) => key)}, ${column(({ input }) => JSON.stringify(input))},
      ${column(({ expected }) => (expected === undefined ? null : JSON.stringify(expected)))},
      ${column(({ metadata }) => JSON.stringify(metadata ?? {}))},
      ${column(({ tags }) => arrayLiteral(tags ?? []))}, ${column(({ split }) => split ?? null)}
    ) with ordinality as item (key, input, expected, metadata, tags, split, place)`);
}

/** Adds the dataset items behind items of a run, without taking them out of the database. */
async function stageFromRun(
  transaction: Queryable,
  projectId: string,
  fromRun: ItemsFromRun,
  after: number,
  { pickItems }: { pickItems: PickItems },
): Promise<void> {
  const { runId, items, filter } = fromRun;
  const run = await transaction.queryOne<{ version_id: string; deleted: boolean }>(sql`
    select dataset_version_id as version_id, deleted_at is not null as deleted
    from evaluation_runs where id = ${runId} and project_id = ${projectId}`);
  if (!run) {
    throw new RequestError(
      'not_found',
      'run_not_found',
      'There is no such run in this project; GET /api/v1/runs lists those that are.',
      [{ field: 'fromRun.runId', message: 'names no run of this project' }],
    );
  }
  if (run.deleted) {
    throw new RequestError(
      'conflict',
      'run_deleted',
      `The run is deleted; POST /api/v1/runs/${runId}/restore brings it back.`,
      [{ field: 'fromRun.runId', message: 'names a run that is deleted' }],
    );
  }
  const source = { ...fromRun, versionId: run.version_id };
  if (items) await stagePicked(transaction, source, items, after);
  if (!filter) return;
  const taken = new Set<string>();
  for await (const page of pickItems(transaction, projectId, runId, filter)) {
    const before = taken.size;
    const first = page.filter(({ key }) => {
      const isFirst = !taken.has(key);
      taken.add(key);
      return isFirst;
    });
    if (taken.size > MOST_FILTERED) throw tooManyFiltered();
    await stagePicked(transaction, source, first, after + before);
  }
  if (taken.size === 0) throw nothingFiltered();
}

/** Adds some of them; of a filter's, faults name the filter. */
async function stagePicked(
  transaction: Queryable,
  {
    runId,
    versionId,
    filter,
    expected,
    tags = [],
  }: Omit<ItemsFromRun, 'items'> & { versionId: string },
  items: readonly Picked[],
  after: number,
): Promise<void> {
  const given = sql`unnest(
    ${items.map(({ key }) => key)}::text[], ${items.map(({ repeat }) => repeat)}::int[]
  ) with ordinality as given (key, repeat, place)
    left join evaluation_items e on e.run_id = ${runId} and e.key = given.key
      and e.repeat = given.repeat and e.status <> 'open'`;
  const wanting = await transaction.query<{ place: number; there: boolean }>(sql`
    select given.place::int, e.key is not null as there from ${given}
    where e.key is null ${expected === 'output' ? sql`or e.output is null` : sql``}
    order by given.place limit ${MOST_FAULTS}`);
  if (wanting.length > 0) throw notInRun(items, wanting, filter !== undefined);

  await transaction.query(sql`
    insert into edit_items (place, key, input, expected, metadata, tags, split)
    select ${after}::int + given.place, d.key, d.input,
      ${expected === 'output' ? sql`e.output` : sql`d.expected`},
      d.metadata || jsonb_build_object('fromRun', jsonb_build_object(
        'runId', ${runId}::text, 'key', given.key, 'repeat', given.repeat)),
      d.tags || array(
        select tag from unnest(${[...new Set(tags)]}::text[]) with ordinality as added (tag, place)
        where tag <> all (d.tags) order by place
      ),
      d.split
    from ${given}
    join dataset_items d on d.version_id = ${versionId} and d.key = given.key`);
  const crowded = await transaction.queryOne<{ place: number }>(sql`
    select place - ${after}::int - 1 as place from edit_items
    where place > ${after} and cardinality(tags) > ${MOST_TAGS} order by place limit 1`);
  if (crowded) {
    throw new RequestError(
      'invalid',
      'invalid_edit',
      `${filter ? `The item ${JSON.stringify(items[crowded.place]?.key)}` : `fromRun.items.${crowded.place}`} would have more than ${MOST_TAGS} tags; add fewer.`,
      [{ field: 'fromRun.tags', message: `at most ${MOST_TAGS} tags with those of the item` }],
    );
  }
}

function notInRun(
  items: readonly Picked[],
  wanting: readonly { place: number; there: boolean }[],
  isFiltered: boolean,
): RequestError {
  const errors = wanting.map(({ place, there }) => ({
    field: isFiltered ? 'fromRun.filter' : `fromRun.items.${place - 1}`,
    message: there
      ? 'has no output that could become the expected value'
      : 'is no item of the run that is done',
  }));
  const [first] = wanting;
  const item = items[(first?.place ?? 1) - 1];
  const which = `${JSON.stringify(item?.key)}, repeat ${item?.repeat}`;
  return first?.there
    ? new RequestError(
        'conflict',
        'output_missing',
        `The run has no output for ${which}; take it over with expected "keep", or leave it out.`,
        errors,
      )
    : new RequestError(
        'not_found',
        'run_item_not_found',
        `The run has no item ${which} that is done; GET /api/v1/runs/{id}/items lists those that are.`,
        errors,
      );
}

/** Holds what was staged to the schemas of the dataset. */
async function checkStaged(
  transaction: Queryable,
  sandbox: Sandbox,
  dataset: Dataset,
  { putCount, isFiltered }: { putCount: number; isFiltered: boolean },
): Promise<void> {
  if (dataset.inputSchema === null && dataset.expectedSchema === null) return;
  const errors: ItemFault[] = [];
  let faulty = 0;
  for (const { first, last } of await inParts(transaction)) {
    const rows = await transaction.query<{
      place: number;
      key: string;
      input: Json;
      expected: Json;
      expects: boolean;
    }>(sql`
      select place, key, input, expected, expected is not null as expects from edit_items
      where place between ${first} and ${last} order by place`);
    const found = await findSchemaFaults(
      sandbox,
      dataset,
      rows.map(({ input, expected, expects }) => ({
        input,
        expected: expects ? expected : undefined,
      })),
    );
    for (const [index, { place, key }] of rows.entries()) {
      const faults = found[index] ?? [];
      if (faults.length > 0) faulty += 1;
      const where = isFiltered
        ? `fromRun.filter (${JSON.stringify(key)})`
        : place > putCount
          ? `fromRun.items.${place - putCount - 1}`
          : `put.${place - 1}`;
      const room = MOST_FAULTS - errors.length;
      errors.push(
        ...faults
          .slice(0, room)
          .map(({ field, message }) => ({ field: `${where}.${field}`, message })),
      );
    }
  }
  const [first] = errors;
  if (!first) return;
  throw new RequestError(
    'invalid',
    'invalid_item',
    `${first.field} ${first.message}. ${faulty} of the items that are put or taken over are wrong so; correct them, or change the schemas with PATCH /api/v1/datasets/{id}.`,
    errors,
  );
}

/** Ranges of staged items that can be held at once. */
const inParts = (transaction: Queryable): Promise<{ first: number; last: number }[]> =>
  transaction.query(sql`
    select min(place) as first, max(place) as last
    from (
      select place, sum(length(input::text) + coalesce(length(expected::text), 0))
        over (order by place) / ${CHECKED_AT_ONCE}::int as part
      from edit_items
    ) as sizes
    group by floor(part) order by 1`);

async function checkRemoved(
  transaction: Queryable,
  baseId: string | null,
  remove: readonly string[],
): Promise<void> {
  if (remove.length === 0) return;
  const missing = await transaction.query<{ place: number; key: string }>(sql`
    select given.place::int, given.key
    from unnest(${[...remove]}::text[]) with ordinality as given (key, place)
    where not exists (
      select 1 from dataset_items d where d.version_id = ${baseId} and d.key = given.key
    )
    order by given.place limit ${MOST_FAULTS}`);
  const [first] = missing;
  if (!first) return;
  throw new RequestError(
    'conflict',
    'key_not_found',
    `The latest version has no item ${JSON.stringify(first.key)} to remove; leave it out.`,
    missing.map(({ place }) => ({ field: `remove.${place - 1}`, message: 'is no key there' })),
  );
}

/** Staged items that the base does not have as they are. */
async function countChanged(transaction: Queryable, baseId: string | null): Promise<number> {
  const changed = await transaction.queryOne<{ count: number }>(sql`
    select count(*)::int as count
    from edit_items e
    left join dataset_items b on b.version_id = ${baseId} and b.key = e.key
    where b.key is null or ${contentDiffers('e', 'b')}`);
  return changed?.count ?? 0;
}

/**
 * Writes the items of the new version: those of the base in their order, replaced where they stand,
 * then those that are new. Answers with their number; positions have no gaps.
 */
async function copy(
  transaction: Queryable,
  { from, to, remove }: { from: string | null; to: string; remove: readonly string[] },
): Promise<number> {
  const either = (name: string) =>
    sql.raw(`case when e.key is null then b.${name} else e.${name} end`);
  const copied = await transaction.queryOne<{ count: number }>(sql`
    with copied as (
      insert into dataset_items (
        version_id, position, key, input, expected, metadata, tags, split
      )
      select ${to}, row_number() over (order by b.position nulls last, e.place) - 1,
        coalesce(e.key, b.key), ${either('input')}, ${either('expected')}, ${either('metadata')},
        ${either('tags')}, ${either('split')}
      from (
        select * from dataset_items d
        where d.version_id = ${from} and not exists (
          select 1 from unnest(${[...remove]}::text[]) as removed (key) where removed.key = d.key
        )
      ) as b
      full join edit_items e on e.key = b.key
      returning 1
    )
    select count(*)::int as count from copied`);
  return copied?.count ?? 0;
}

const tooManyFiltered = (): RequestError =>
  new RequestError(
    'unprocessable',
    'too_many_items',
    `The filter takes more than ${MOST_FILTERED} items of the run, which is the most for one edit; narrow it down.`,
    [{ field: 'fromRun.filter', message: `takes more than ${MOST_FILTERED} items` }],
  );

const nothingFiltered = (): RequestError =>
  new RequestError(
    'not_found',
    'run_item_not_found',
    'The filter takes no item of the run that is done; widen it.',
    [{ field: 'fromRun.filter', message: 'takes no item' }],
  );

const nothingChanged = (): RequestError =>
  new RequestError(
    'conflict',
    'nothing_changed',
    'The latest version has these items as they are; no version was made.',
  );

const nothingLeft = (): RequestError =>
  new RequestError(
    'conflict',
    'nothing_left',
    'Nothing would be left; a version has at least one item. DELETE /api/v1/datasets/{id} deletes the dataset.',
  );

/** More items than a version may have. */
export const tooLarge = (): RequestError =>
  new RequestError(
    'conflict',
    'dataset_too_large',
    `A version has at most ${MOST_ITEMS} items; remove some.`,
  );
