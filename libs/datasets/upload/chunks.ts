import { RequestError } from '#libs/contracts';
import { sql, type Database, type Queryable } from '#libs/database';
import { MOST_ITEMS } from '../content.ts';
import { UploadProblems } from './problems.ts';
import { LineError, type LineProblem, type UploadRow, type UploadRows } from './rows.ts';

const CHUNK_ROWS = 2_000;
const CHUNK_CHARACTERS = 4_000_000;
/** A small file can unpack to more than any disk holds. */
const MOST_CHARACTERS = 8_000_000_000;

/** A row ready to be stored. */
export interface PreparedRow {
  line: number;
  /** Roughly, in characters. */
  size: number;
}

/** A line, and what is wrong with it. */
export interface WrongLine {
  line: number;
  problems: readonly LineProblem[];
}

/** What is done with the rows of an upload. */
export interface UploadSteps<Prepared extends PreparedRow> {
  /** Called for one row after the other, in their order. */
  prepare(line: number, value: unknown): Prepared | { problems: readonly LineProblem[] };
  /** What is wrong with rows that can be found for many of them together. */
  check?: ((chunk: readonly Prepared[]) => Promise<readonly WrongLine[]>) | undefined;
  /** Notes the keys of a chunk and stores it; false where a key had been given before. */
  store(chunk: readonly Prepared[]): Promise<boolean>;
  /** Notes the keys of a chunk, once nothing is stored any more. */
  note(chunk: readonly Prepared[]): Promise<void>;
  /** The first lines, of those noted, whose key stands on an earlier line; and how many there are. */
  repeated(): Promise<{ first: readonly WrongLine[]; total: number }>;
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
 * Reads all rows and stores them chunk by chunk.
 * @returns how many rows there were
 * @throws {RequestError} `invalid_line` with the first wrong lines and how many there are, `empty_upload`
 */
export async function storeRows<Prepared extends PreparedRow>(
  rows: UploadRows,
  steps: UploadSteps<Prepared>,
  signal?: AbortSignal,
): Promise<number> {
  const { read, problems } = await readRows(rows, steps, signal);
  if (!problems.none) throw problems.toError();
  if (read > 0) return read;
  throw new RequestError(
    'invalid',
    'empty_upload',
    'The upload holds nothing; give at least one line.',
  );
}

/**
 * Reads all rows chunk by chunk, holding two chunks at a time: one is prepared while the one before it
 * is stored. From the first wrong line on nothing is stored any more, but reading goes on, so that all
 * that is wrong is found at once.
 * @returns how many rows were read, and what is wrong with them
 */
export async function readRows<Prepared extends PreparedRow>(
  rows: UploadRows,
  steps: UploadSteps<Prepared>,
  signal?: AbortSignal,
): Promise<{ read: number; problems: UploadProblems }> {
  const problems = new UploadProblems();
  let keyRepeated = false;
  let chunk: Prepared[] = [];
  let size = 0;
  let read = 0;
  let readSize = 0;

  const handle = async (full: readonly Prepared[]): Promise<void> => {
    signal?.throwIfAborted();
    const wrong = (await steps.check?.(full)) ?? [];
    for (const { line, problems: found } of wrong) problems.add(line, found);
    const wrongLines = new Set(wrong.map(({ line }) => line));
    const sound = wrong.length === 0 ? full : full.filter(({ line }) => !wrongLines.has(line));
    if (sound.length === 0) return;
    if (!problems.none || keyRepeated) await steps.note(sound);
    else if (!(await steps.store(sound))) keyRepeated = true;
  };
  let handling = Promise.resolve();
  const flush = async (): Promise<void> => {
    const full = chunk;
    chunk = [];
    size = 0;
    await handling;
    if (full.length === 0) return;
    handling = handle(full);
    // Whoever waits for it next hears of it.
    handling.catch(() => {});
  };
  const add = (row: UploadRow): void => {
    read += 1;
    if (read > MOST_ITEMS) throw tooMuch(row.line, `${MOST_ITEMS} lines`);
    if ('problems' in row) {
      problems.add(row.line, row.problems);
      return;
    }
    const prepared = steps.prepare(row.line, row.value);
    if ('problems' in prepared) {
      problems.add(row.line, prepared.problems);
      return;
    }
    chunk.push(prepared);
    size += prepared.size;
    readSize += prepared.size;
    if (readSize > MOST_CHARACTERS) throw tooMuch(row.line, `${MOST_CHARACTERS} characters`);
  };

  try {
    try {
      for await (const group of rows) {
        for (const row of group) {
          add(row);
          if (chunk.length >= CHUNK_ROWS || size > CHUNK_CHARACTERS) await flush();
        }
      }
    } catch (error) {
      if (!(error instanceof RequestError) || error.kind !== 'invalid') throw error;
      problems.end(error);
    }
    await flush();
    await handling;
  } catch (error) {
    // The transaction must not end under a statement.
    await handling.catch(() => {});
    throw error;
  }
  signal?.throwIfAborted();
  if (keyRepeated || !problems.none) {
    const repeated = await steps.repeated();
    for (const { line, problems: found } of repeated.first) problems.add(line, found);
    problems.count(repeated.total - repeated.first.length);
  }
  return { read, problems };
}

const tooMuch = (line: number, most: string): LineError =>
  new LineError(line, [{ message: `an upload holds at most ${most}` }]);

/**
 * Notes the line of every key on the server, where it costs no memory here and is gone with the
 * transaction, so that a key given twice can be refused by both its lines.
 */
export async function createLineNotes(transaction: Queryable): Promise<void> {
  await transaction.query(sql`
    create temporary table upload_lines (
      key text not null, repeat int not null, line int not null, made boolean not null
    ) on commit drop`);
}

const MOST_REPEATED = 100;

/** The first lines whose key was given, not made, and stands on an earlier line too. */
export async function findRepeatedKeys(
  transaction: Queryable,
): Promise<{ first: WrongLine[]; total: number }> {
  const rows = await transaction.query<{
    key: string;
    repeat: number;
    line: number;
    first: number;
    total: number;
  }>(sql`
    select key, repeat, line, first, (count(*) over ())::int as total
    from (
      select key, repeat, line, made, min(line) over (partition by key, repeat) as first
      from upload_lines
    ) as noted
    where line > first and not made
    order by line limit ${MOST_REPEATED}`);
  return {
    first: rows.map(({ key, repeat, line, first }) => {
      const what = `key ${JSON.stringify(key)}${repeat === 0 ? '' : `, repeat ${repeat},`}`;
      return {
        line,
        problems: [{ field: 'key', message: `${what} was given on line ${first} already` }],
      };
    }),
    total: rows[0]?.total ?? 0,
  };
}
