import {
  datasetItemInput,
  type Dataset,
  type DatasetVersion,
  type Json,
  type VersionOrigin,
} from '#libs/contracts';
import { DatasetVersionEntity, sql, uuid, type Database, type Queryable } from '#libs/database';
import type { Sandbox } from '#libs/evaluation';
import { z } from 'zod';
import { arrayLiteral, hashContent, MOST_ITEMS } from './content.ts';
import { getOpenDataset, lockDataset } from './datasets.ts';
import { tooLarge } from './edit.ts';
import { findSchemaFaults } from './item-schemas.ts';
import {
  createLineNotes,
  findRepeatedKeys,
  inUploadTransaction,
  storeRows,
  type PreparedRow,
  type WrongLine,
} from './upload/chunks.ts';
import { badLine, type LineProblem, type UploadRows } from './upload/rows.ts';
import { validateRow } from './upload/validate.ts';

/** How often equal rows may find their next key taken by a key that was given. */
const KEY_TRIES = 100;

// What JSON.parse answers with is JSON: walking through it again would take most of the time.
const parsedJson = z.custom<Json>((value) => value !== undefined, 'must be given');
const itemRow = datasetItemInput.extend({ input: parsedJson, expected: parsedJson.optional() });
type ItemRow = z.output<typeof itemRow>;

export interface PreparedItem extends PreparedRow {
  /** What schemas are held against, where there are any. */
  values: ItemRow | undefined;
  position: number;
  key: string;
  /** The hash that the key was made from, where none was given. */
  hash: string | undefined;
  input: string;
  expected: string | null;
  metadata: string;
  tags: string;
  split: string | null;
}

/**
 * Stores a new version of a dataset from a stream of any length: all of it or, where anything in it is
 * wrong or `signal` ends it early, nothing. Numbers are JavaScript's: digits beyond the precision of a
 * double are lost, as everywhere else on the way through the system.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, `empty_upload`, `invalid_schema`, `dataset_too_large`, and
 * `invalid_line` with the first wrong lines and how many there are
 */
export async function importDatasetVersion(
  deps: { database: Database; sandbox: Sandbox },
  upload: {
    projectId: string;
    datasetId: string;
    rows: UploadRows;
    /** `add`: to the items of the latest version, where there is one. */
    mode?: 'replace' | 'add' | undefined;
    /** The name of whose key it is. */
    createdBy?: string | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<DatasetVersion> {
  const { database, sandbox } = deps;
  const { projectId, datasetId, rows, mode = 'replace', createdBy = null, signal } = upload;
  const dataset = await getOpenDataset(database, projectId, datasetId);
  const uploadedId = uuid();
  const createdAt = new Date();
  const check = schemaCheck(sandbox, dataset);
  return inUploadTransaction(database, async (transaction) => {
    await createLineNotes(transaction);
    const keys = new KeyMaker(transaction);
    let position = 0;
    const uploaded = await storeRows<PreparedItem>(
      rows,
      {
        prepare(line, value) {
          const item = prepareItem(line, value, position);
          if ('problems' in item) return item;
          position += 1;
          return check ? item : { ...item, values: undefined };
        },
        check,
        async store(chunk) {
          for (let rest = chunk; rest.length > 0;) {
            const taken = await store(transaction, uploadedId, rest);
            if (taken.some(({ hash }) => hash === undefined)) return false;
            rest = taken.length > 0 ? await keys.next(taken) : [];
          }
          return true;
        },
        note: (chunk) => noteKeys(transaction, chunk),
        repeated: () => findRepeatedKeys(transaction),
      },
      signal,
    );
    // The number comes last, under a lock, so that uploads at the same time wait only for this.
    await lockDataset(transaction, projectId, datasetId);
    const last = await transaction.queryOne<{ id: string; version: number }>(sql`
      select id, version from dataset_versions where dataset_id = ${datasetId}
      order by version desc limit 1`);
    const base = mode === 'add' ? last : undefined;
    const versionId = base ? uuid() : uploadedId;
    const itemCount = base
      ? await addTo(transaction, { base: base.id, added: uploadedId, whole: versionId })
      : uploaded;
    if (itemCount > MOST_ITEMS) throw tooLarge();
    const origin: VersionOrigin = { kind: 'upload', ...(base && { baseVersion: base.version }) };
    const version = (last?.version ?? 0) + 1;
    await transaction.em.insert(DatasetVersionEntity, {
      id: versionId,
      datasetId,
      version,
      itemCount,
      origin,
      createdAt,
      createdBy,
    });
    return { datasetId, version, itemCount, origin, createdAt: createdAt.toISOString(), createdBy };
  });
}

/**
 * Makes one version of the items of another, each replaced where it stands by what was uploaded under
 * its key, and of what else was uploaded. Answers with their number.
 */
async function addTo(
  transaction: Queryable,
  { base, added, whole }: { base: string; added: string; whole: string },
): Promise<number> {
  const either = (name: string) =>
    sql.raw(`case when u.key is null then b.${name} else u.${name} end`);
  const copied = await transaction.queryOne<{ count: number }>(sql`
    with copied as (
      insert into dataset_items (
        version_id, position, key, input, expected, metadata, tags, split
      )
      select ${whole}, row_number() over (order by b.position nulls last, u.position) - 1,
        coalesce(u.key, b.key), ${either('input')}, ${either('expected')}, ${either('metadata')},
        ${either('tags')}, ${either('split')}
      from (select * from dataset_items where version_id = ${base}) b
      full join (select * from dataset_items where version_id = ${added}) u on u.key = b.key
      returning 1
    )
    select count(*)::int as count from copied`);
  await transaction.query(sql`delete from dataset_items where version_id = ${added}`);
  return copied?.count ?? 0;
}

/** An item as it is stored, or what is wrong with the line that it stands on. */
export function prepareItem(
  line: number,
  value: unknown,
  position: number,
): PreparedItem | { problems: readonly LineProblem[] } {
  const validated = validateRow(itemRow, value);
  if ('problems' in validated) return validated;
  const item = validated.data;
  const hash = item.key === undefined ? hashContent(item) : undefined;
  const input = JSON.stringify(item.input);
  const expected = item.expected === undefined ? null : JSON.stringify(item.expected);
  const metadata = item.metadata === undefined ? '{}' : JSON.stringify(item.metadata);
  const tags = item.tags === undefined ? '{}' : arrayLiteral(item.tags);
  return {
    line,
    position,
    key: item.key ?? hash ?? '',
    hash,
    values: item,
    input,
    expected,
    metadata,
    tags,
    split: item.split ?? null,
    size: input.length + (expected?.length ?? 0) + metadata.length + tags.length,
  };
}

/** Holds the items of a chunk against the schemas of the dataset; undefined where it has none. */
export function schemaCheck(sandbox: Sandbox, dataset: Dataset) {
  if (dataset.inputSchema === null && dataset.expectedSchema === null) return undefined;
  return async (chunk: readonly PreparedItem[]): Promise<WrongLine[]> => {
    const items = chunk.flatMap(({ values }) => (values ? [values] : []));
    const faults = await findSchemaFaults(sandbox, dataset, items);
    return chunk.flatMap(({ line }, index) => {
      const problems = faults[index] ?? [];
      return problems.length === 0 ? [] : [{ line, problems }];
    });
  };
}

/** Stores a chunk, and answers with the items whose key is taken. */
async function store(
  transaction: Queryable,
  versionId: string,
  chunk: readonly PreparedItem[],
): Promise<PreparedItem[]> {
  const stored = await transaction.query<{ position: number }>(sql`
    with given as materialized (
      select * from unnest(
        ${chunk.map((item) => item.position)}::int[], ${chunk.map((item) => item.line)}::int[],
        ${chunk.map((item) => item.key)}::text[], ${chunk.map((item) => item.input)}::text[],
        ${chunk.map((item) => item.expected)}::text[],
        ${chunk.map((item) => item.metadata)}::text[], ${chunk.map((item) => item.tags)}::text[],
        ${chunk.map((item) => item.split)}::text[],
        ${chunk.map((item) => item.hash !== undefined)}::bool[]
      ) as item (position, line, key, input, expected, metadata, tags, split, made)
    ), noted as (
      insert into upload_lines (key, repeat, line, made) select key, 0, line, made from given
    )
    insert into dataset_items (version_id, position, key, input, expected, metadata, tags, split)
    select ${versionId}, position, key, input::json, expected::json, metadata::jsonb, tags::text[],
      split
    from given
    on conflict (version_id, key) do nothing
    returning position`);
  if (stored.length === chunk.length) return [];
  const done = new Set(stored.map(({ position }) => position));
  return chunk.filter(({ position }) => !done.has(position));
}

/** Notes the keys of a chunk that were given; made ones step aside. */
export async function noteKeys(
  transaction: Queryable,
  chunk: readonly PreparedItem[],
): Promise<void> {
  const given = chunk.filter(({ hash }) => hash === undefined);
  if (given.length === 0) return;
  await transaction.query(sql`
    insert into upload_lines (key, repeat, line, made)
    select key, 0, line, false
    from unnest(
      ${given.map(({ key }) => key)}::text[], ${given.map(({ line }) => line)}::int[]
    ) as item (key, line)`);
}

/**
 * Numbers equal rows: `<hash>`, `<hash>-2`, `<hash>-3`. The counts live in a temporary table, which is
 * made at the first equal row. A number whose key was given to another row is skipped.
 */
class KeyMaker {
  readonly #transaction: Queryable;
  #counting = false;
  #tries = 0;
  #lastPosition = -1;

  constructor(transaction: Queryable) {
    this.#transaction = transaction;
  }

  /** Gives each of the items, in their order, the next key of its hash. */
  async next(items: readonly PreparedItem[]): Promise<PreparedItem[]> {
    this.#limitTries(items);
    if (!this.#counting) {
      await this.#transaction.query(sql`
        create temporary table upload_occurrences (hash text primary key, count int not null)
        on commit drop`);
      this.#counting = true;
    }
    const counts = new Map<string, number>();
    for (const { hash = '' } of items) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    // The first of its kind is stored already: counting starts at one.
    const raised = await this.#transaction.query<{ hash: string; count: number }>(sql`
      insert into upload_occurrences (hash, count)
      select hash, count + 1
      from unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::int[]) as row (hash, count)
      on conflict (hash) do update
        set count = upload_occurrences.count + excluded.count - 1
      returning hash, count`);
    const numbers = new Map(
      raised.map(({ hash, count }) => [hash, count - (counts.get(hash) ?? 0)]),
    );
    return items.map((item) => {
      const { hash = '' } = item;
      const number = (numbers.get(hash) ?? 0) + 1;
      numbers.set(hash, number);
      return { ...item, key: `${hash}-${number}` };
    });
  }

  #limitTries(items: readonly PreparedItem[]): void {
    const [first] = items;
    if (first === undefined) return;
    this.#tries = first.position === this.#lastPosition ? this.#tries + 1 : 1;
    this.#lastPosition = first.position;
    if (this.#tries > KEY_TRIES) {
      throw badLine(
        first.line,
        'the keys made for it are all given to others; give it a key',
        'key',
      );
    }
  }
}
