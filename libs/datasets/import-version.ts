import { datasetItemInput, type DatasetVersion, type Json } from '#libs/contracts';
import { DatasetVersionEntity, sql, uuid, type Database, type Queryable } from '#libs/database';
import { z } from 'zod';
import { arrayLiteral, hashContent } from './content.ts';
import { getOpenDataset, lockDataset } from './datasets.ts';
import {
  createLineNotes,
  inUploadTransaction,
  storeInChunks,
  type PreparedRow,
} from './upload/chunks.ts';
import { badLine, type UploadRow, type UploadRows } from './upload/rows.ts';
import { validateRow } from './upload/validate.ts';

/** How often equal rows may find their next key taken by a key that was given. */
const KEY_TRIES = 100;

// What JSON.parse answers with is JSON: walking through it again would take most of the time.
const parsedJson = z.custom<Json>((value) => value !== undefined, 'must be given');
const itemRow = datasetItemInput.extend({ input: parsedJson, expected: parsedJson.optional() });

interface PreparedItem extends PreparedRow {
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
 * Stores a new version of a dataset from a stream of any length: all of it or, at the first line that
 * is wrong or when `rows` or `signal` ends it early, nothing. Numbers are JavaScript's: digits beyond
 * the precision of a double are lost, as everywhere else on the way through the system.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, `invalid_line` with the line, `empty_upload`
 */
export async function importDatasetVersion(
  database: Database,
  upload: { projectId: string; datasetId: string; rows: UploadRows; signal?: AbortSignal },
): Promise<DatasetVersion> {
  const { projectId, datasetId, rows, signal } = upload;
  await getOpenDataset(database, projectId, datasetId);
  const versionId = uuid();
  const createdAt = new Date();
  const origin = { kind: 'upload' } as const;
  return inUploadTransaction(database, async (transaction) => {
    await createLineNotes(transaction);
    const keys = new KeyMaker(transaction);
    let position = 0;
    const prepare = (row: UploadRow): PreparedItem => {
      const item = prepareItem(row, position);
      position += 1;
      return item;
    };
    const itemCount = await storeInChunks(rows, prepare, async (chunk) => {
      signal?.throwIfAborted();
      for (let taken = await store(transaction, versionId, chunk); taken.length > 0;) {
        taken = await store(transaction, versionId, await keys.next(taken));
      }
    });
    signal?.throwIfAborted();
    // The number comes last, under a lock, so that uploads at the same time wait only for this.
    await lockDataset(transaction, projectId, datasetId);
    const last = await transaction.queryOne<{ version: number | null }>(
      sql`select max(version) as version from dataset_versions where dataset_id = ${datasetId}`,
    );
    const version = (last?.version ?? 0) + 1;
    await transaction.em.insert(DatasetVersionEntity, {
      id: versionId,
      datasetId,
      version,
      itemCount,
      origin,
      createdAt,
    });
    return { datasetId, version, itemCount, origin, createdAt: createdAt.toISOString() };
  });
}

function prepareItem(row: UploadRow, position: number): PreparedItem {
  const item = validateRow(itemRow, row);
  const hash = item.key === undefined ? hashContent(item) : undefined;
  const prepared = {
    line: row.line,
    position,
    key: item.key ?? hash ?? '',
    hash,
    input: JSON.stringify(item.input),
    expected: item.expected === undefined ? null : JSON.stringify(item.expected),
    metadata: JSON.stringify(item.metadata ?? {}),
    tags: arrayLiteral(item.tags ?? []),
    split: item.split ?? null,
  };
  const { input, expected, metadata, tags } = prepared;
  return {
    ...prepared,
    size: input.length + (expected?.length ?? 0) + metadata.length + tags.length,
  };
}

/**
 * Stores a chunk, and answers with the items without a key of their own whose made key is taken.
 * @throws {LineError} at the first item whose given key is
 */
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
        ${chunk.map((item) => item.split)}::text[]
      ) as item (position, line, key, input, expected, metadata, tags, split)
    ), noted as (
      insert into upload_lines (key, repeat, line) select key, 0, line from given
    )
    insert into dataset_items (version_id, position, key, input, expected, metadata, tags, split)
    select ${versionId}, position, key, input::json, expected::json, metadata::jsonb, tags::text[],
      split
    from given
    on conflict (version_id, key) do nothing
    returning position`);
  if (stored.length === chunk.length) return [];
  const done = new Set(stored.map(({ position }) => position));
  const taken = chunk.filter(({ position }) => !done.has(position));
  const refused = taken.find(({ hash }) => hash === undefined);
  if (refused) throw await keyGivenTwice(transaction, refused);
  return taken;
}

async function keyGivenTwice(transaction: Queryable, { key, line }: PreparedItem): Promise<Error> {
  const first = await transaction.queryOne<{ line: number }>(
    sql`select min(line) as line from upload_lines where key = ${key}`,
  );
  return badLine(
    line,
    `key ${JSON.stringify(key)} was given on line ${first?.line} already`,
    'key',
  );
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
