import { RequestError } from '#libs/contracts';
import { sql, type Database, type Queryable } from '#libs/database';
import { LineError, type UploadRow, type UploadRows } from './rows.ts';

const CHUNK_ROWS = 2_000;
const CHUNK_CHARACTERS = 4_000_000;
/** Positions are 32-bit, and so are the items of a run, which are rows × repeats. */
const MOST_ROWS = 10_000_000;

/** A row ready to be stored. */
export interface PreparedRow {
  line: number;
  /** Roughly, in characters. */
  size: number;
}

/**
 * Runs an upload in one transaction. Unlike others it is never run again after a deadlock: what it
 * reads from can be read once only, so a second try would store a part.
 */
export async function inUploadTransaction<Result>(
  database: Database,
  work: (transaction: Queryable) => Promise<Result>,
): Promise<Result> {
  let started = false;
  return database.transaction(async (transaction) => {
    if (started) {
      throw new RequestError(
        'busy',
        'upload_interrupted',
        'The upload met another change; nothing was stored. Upload it again.',
      );
    }
    started = true;
    return work(transaction);
  });
}

/**
 * Reads all rows and stores them chunk by chunk, holding one chunk at a time. When a row is refused,
 * those before it are stored first, since one of them may have to be refused instead: it is always the
 * first wrong line that is named.
 * @returns how many rows there were
 */
export async function storeInChunks<Prepared extends PreparedRow>(
  rows: UploadRows,
  prepare: (row: UploadRow) => Prepared,
  store: (chunk: readonly Prepared[]) => Promise<void>,
): Promise<number> {
  let chunk: Prepared[] = [];
  let size = 0;
  let total = 0;
  const flush = async (): Promise<void> => {
    const full = chunk;
    // Let go of first: what fails here must not be stored again below.
    chunk = [];
    size = 0;
    if (full.length > 0) await store(full);
  };
  try {
    for await (const group of rows) {
      for (const row of group) {
        const prepared = prepare(row);
        chunk.push(prepared);
        size += prepared.size;
        total += 1;
        if (total > MOST_ROWS) throw tooManyRows(row.line);
        if (chunk.length === CHUNK_ROWS || size > CHUNK_CHARACTERS) await flush();
      }
    }
  } catch (error) {
    if (error instanceof LineError) await flush();
    throw error;
  }
  await flush();
  if (total === 0) {
    throw new RequestError(
      'invalid',
      'empty_upload',
      'The upload holds nothing; give at least one line.',
    );
  }
  return total;
}

/**
 * Notes the line of every key on the server, where it costs no memory here and is gone with the
 * transaction, so that a key given twice can be refused by both its lines.
 */
export async function createLineNotes(transaction: Queryable): Promise<void> {
  await transaction.query(sql`
    create temporary table upload_lines (key text not null, repeat int not null, line int not null)
    on commit drop`);
}

const tooManyRows = (line: number): LineError =>
  new LineError(line, [{ message: `an upload holds at most ${MOST_ROWS} lines` }]);
