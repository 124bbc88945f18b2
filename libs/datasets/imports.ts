import { RequestError, type ImportProgress } from '#libs/contracts';
import {
  exactTime,
  ImportEntity,
  isUniqueViolation,
  sql,
  type Database,
  type Queryable,
} from '#libs/database';
import { toMilliseconds } from './listing.ts';
import type { UploadRow, UploadRows } from './upload/rows.ts';

const WRITE_EVERY_MS = 500;
/** An upload that waits for its client still says that it is there. */
const HEARTBEAT_MS = 10_000;
/** Whoever was not heard of for so long is gone. */
const LOST_SECONDS = 120;
const LONGEST_DETAIL = 2_000;

/** Counts what an upload has read. */
export interface ImportMeter {
  bytes(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  rows(rows: UploadRows): UploadRows;
}

/**
 * Does an upload whose progress can be asked for while it goes on. What is written about it is no part of
 * its transaction, and where it cannot be written, the upload goes on all the same.
 * @param given.id chosen by whoever uploads; left out: nobody asks
 * @param given.explain what people are told of an error
 * @throws {RequestError} `import_id_taken`, and what the upload throws
 */
export async function trackImport<Result>(
  database: Database,
  given: { id: string | undefined; projectId: string; explain: (error: unknown) => string },
  work: (meter: ImportMeter) => Promise<Result>,
): Promise<Result> {
  const { id, projectId, explain } = given;
  if (id === undefined) return work(unmetered);
  await begin(database, id, projectId);
  const progress = new Progress(database, id);
  try {
    const result = await work(progress);
    await progress.end('completed', null);
    return result;
  } catch (error) {
    await progress.end('failed', explain(error).slice(0, LONGEST_DETAIL));
    throw error;
  }
}

const unmetered: ImportMeter = { bytes: (body) => body, rows: (rows) => rows };

async function begin(database: Database, id: string, projectId: string): Promise<void> {
  const now = new Date();
  const row = { id, projectId, state: 'running', createdAt: now, updatedAt: now } as const;
  try {
    await database.em.insert(ImportEntity, row);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new RequestError(
      'conflict',
      'import_id_taken',
      'This importId was used before; choose a new UUID for every upload.',
    );
  }
}

class Progress implements ImportMeter {
  readonly #database: Database;
  readonly #id: string;
  readonly #timer: NodeJS.Timeout;
  #lines = 0;
  #bytes = 0;
  #written = { lines: 0, bytes: 0, at: Date.now() };
  #writing: Promise<void> | undefined;

  constructor(database: Database, id: string) {
    this.#database = database;
    this.#id = id;
    this.#timer = setInterval(() => this.#tick(), WRITE_EVERY_MS);
    this.#timer.unref();
  }

  async *bytes(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  async *rows(rows: UploadRows): AsyncGenerator<readonly UploadRow[]> {
    for await (const group of rows) {
      yield group;
      this.#lines += group.length;
    }
  }

  async end(state: 'completed' | 'failed', detail: string | null): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#write(state, detail);
  }

  #tick(): void {
    const { lines, bytes, at } = this.#written;
    const changed = lines !== this.#lines || bytes !== this.#bytes;
    if (this.#writing || (!changed && Date.now() - at < HEARTBEAT_MS)) return;
    this.#writing = this.#write('running', null).finally(() => {
      this.#writing = undefined;
    });
  }

  /** Never rejects: the upload is what matters. */
  async #write(state: ImportProgress['state'], detail: string | null): Promise<void> {
    const written = { lines: this.#lines, bytes: this.#bytes, at: Date.now() };
    try {
      await this.#database.query(sql`
        update imports set state = ${state}, lines = ${written.lines}, bytes = ${written.bytes},
          detail = ${detail}, updated_at = now()
        where id = ${this.#id}`);
      this.#written = written;
    } catch {
      // The next write says it too; after the last, it counts as lost.
    }
  }
}

/** @throws {RequestError} `import_not_found` */
export async function getImport(
  database: Queryable,
  projectId: string,
  importId: string,
): Promise<ImportProgress> {
  const [found] = await listImports(database, projectId, [importId]);
  if (found) return found;
  throw new RequestError(
    'not_found',
    'import_not_found',
    'There is no such import in this project: it is there once its upload has begun, and for 7 days.',
  );
}

/** Those of these uploads that have begun, and are of the project. */
export async function listImports(
  database: Queryable,
  projectId: string,
  importIds: readonly string[],
): Promise<ImportProgress[]> {
  const rows = await database.query<
    Omit<ImportProgress, 'bytes'> & { bytes: string; lost: boolean }
  >(sql`
    select id, state, lines, bytes, detail, ${exactTime('created_at')} as "createdAt",
      ${exactTime('updated_at')} as "updatedAt",
      state = 'running' and updated_at < now() - make_interval(secs => ${LOST_SECONDS}) as lost
    from imports where id = any(${[...importIds]}::uuid[]) and project_id = ${projectId}
    order by id`);
  return rows.map(({ lost, ...shown }) => ({
    ...shown,
    ...(lost && { state: 'failed', detail: 'The upload broke off.' }),
    bytes: Number(shown.bytes),
    createdAt: toMilliseconds(shown.createdAt),
    updatedAt: toMilliseconds(shown.updatedAt),
  }));
}
