import { RequestError } from '#libs/contracts';
import {
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DEEPEST_JSON } from '../storable.ts';
import type { BindHeader, TableReader } from './layout.ts';
import { badRow, LONGEST_LINE, type UploadRow } from './rows.ts';
import { spooled, type SpooledFile } from './spool.ts';

export interface ParquetOptions {
  bind: BindHeader;
  limits?: ParquetLimits;
}

/** Of one row group. */
interface ParquetLimits {
  /** Of the columns that are read, unpacked, in bytes. */
  groupBytes: number;
  /** The same where lists are among them: such a group is held as a whole. */
  groupBytesOfLists: number;
  groupRows: number;
}

const defaultLimits: ParquetLimits = {
  groupBytes: 512_000_000,
  groupBytesOfLists: 128_000_000,
  groupRows: 2_000_000,
};
/** A row group is read in parts of about so much. */
const PART_BYTES = 32_000_000;
const PART_ROWS = 100_000;
const LARGEST_DIRECTORY = 64_000_000;
const ROWS_PER_GROUP = 1_000;

/**
 * The rows of a Parquet file, numbered from 1, one part of a row group at a time. Numbers beyond 2^53
 * become text with all their digits; dates and times ISO 8601 text; bytes that are no text base64; NaN
 * is null.
 * @throws {RequestError} `invalid_parquet`, `file_too_large`
 */
export const readParquet = (
  body: AsyncIterable<Uint8Array>,
  options: ParquetOptions,
): AsyncIterable<UploadRow[]> => spooled(body, (file) => readFile(file, options));

async function* readFile(
  spool: SpooledFile,
  { bind, limits = defaultLimits }: ParquetOptions,
): AsyncGenerator<UploadRow[], void, undefined> {
  const file = bufferOf(spool);
  const metadata = await readable(() => readDirectory(file));
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const table = bind(1, names);
  const columns = table.columns.map((column) => names[column] ?? '');
  let start = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    const partRows = sizeOfParts(index, group, columns, limits);
    file.forget();
    for (let from = 0; from < rows; from += partRows) {
      const count = Math.min(partRows, rows - from);
      const part = { columns, rowStart: start + from, rowEnd: start + from + count };
      const cells = await readable(() => readPart(file, metadata, part, limits));
      for (let at = 0; at < cells.length; at += ROWS_PER_GROUP) {
        const line = part.rowStart + at + 1;
        yield cells
          .slice(at, at + ROWS_PER_GROUP)
          .map((row, offset) => rowOf(line + offset, row, names.length, table));
      }
    }
    start += rows;
  }
}

/**
 * How many rows of a group are read at a time. Pages before them are passed over unread, but for lists,
 * whose rows can only be counted by reading them.
 */
function sizeOfParts(
  index: number,
  group: RowGroup,
  columns: readonly string[],
  limits: ParquetLimits,
): number {
  const rows = Number(group.num_rows);
  const read = group.columns.flatMap(({ meta_data }) =>
    meta_data && columns.includes(meta_data.path_in_schema[0] ?? '') ? [meta_data] : [],
  );
  const bytes = read.reduce((sum, chunk) => sum + Number(chunk.total_uncompressed_size), 0);
  const hasLists = read.some(({ path_in_schema }) => path_in_schema.length > 1);
  const most = hasLists ? limits.groupBytesOfLists : limits.groupBytes;
  if (rows > limits.groupRows || bytes > most) {
    throw invalidParquet(
      `row group ${index + 1} is too large (${rows} rows, ${Math.ceil(bytes / 1e6)} MB unpacked; at most ${limits.groupRows} rows and ${most / 1e6} MB): write the file with smaller row groups`,
    );
  }
  if (hasLists) return rows;
  return Math.max(1, Math.ceil(rows / Math.max(bytes / PART_BYTES, rows / PART_ROWS)));
}

function rowOf(
  line: number,
  read: readonly unknown[],
  width: number,
  table: TableReader,
): UploadRow {
  const budget = { left: LONGEST_LINE };
  const cells: unknown[] = Array.from({ length: width });
  for (const [at, column] of table.columns.entries()) cells[column] = jsonOf(read[at], budget);
  if (budget.left >= 0) return table.read(line, cells);
  return badRow(line, `is longer than ${LONGEST_LINE / 1_000_000} million characters`);
}

async function readDirectory(file: AsyncBuffer): Promise<FileMetaData> {
  // Its length stands before the mark at the end, and is believed by whoever reads it.
  const tail = new DataView(await file.slice(Math.max(0, file.byteLength - 8), file.byteLength));
  if (tail.byteLength === 8 && tail.getUint32(0, true) > LARGEST_DIRECTORY) {
    throw invalidParquet('its directory is too large');
  }
  return parquetMetadataAsync(file, { parsers, geoparquet: false });
}

async function readPart(
  file: AsyncBuffer,
  metadata: FileMetaData,
  part: { columns: string[]; rowStart: number; rowEnd: number },
  limits: ParquetLimits,
): Promise<readonly (readonly unknown[])[]> {
  let read: unknown[][] = [];
  const reached = new Map<string, number>();
  await parquetRead({
    ...part,
    file,
    metadata,
    parsers,
    geoparquet: false,
    compressors: boundedCompressors(limits.groupBytes),
    onChunk: ({ columnName, rowEnd }) => reached.set(columnName, rowEnd),
    onComplete: (all: unknown[][]) => {
      read = all;
    },
  });
  // Rows that are missing would be taken for empty ones.
  if (part.columns.some((column) => (reached.get(column) ?? 0) < part.rowEnd)) {
    throw invalidParquet('it holds fewer rows than it announces');
  }
  return read;
}

/** What a page announces to be unpacked is allocated before it is. */
function boundedCompressors(most: number): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (length > most) throw invalidParquet('a page in it is too large');
        return unpack(input, length);
      },
    ]),
  );
}

interface RememberingBuffer extends AsyncBuffer {
  forget(): void;
}

/** Remembers what it read, since each part of a row group is cut out of the same bytes. */
function bufferOf({ handle, bytes }: SpooledFile): RememberingBuffer {
  const known = new Map<string, Promise<ArrayBuffer>>();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const buffer = new ArrayBuffer(Math.max(0, Math.min(end, bytes) - start));
    for (let at = 0; at < buffer.byteLength;) {
      const view = new Uint8Array(buffer, at);
      const { bytesRead } = await handle.read(view, 0, view.length, start + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return buffer;
  };
  return {
    byteLength: bytes,
    slice(start, end = bytes) {
      const range = `${start}-${end}`;
      const found = known.get(range) ?? read(start, end);
      known.set(range, found);
      return found;
    },
    forget: () => known.clear(),
  };
}

/** Whatever the library stumbles over lies in the file. */
async function readable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw invalidParquet(error instanceof Error ? error.message : 'it cannot be read');
  }
}

const LONGEST_REASON = 300;

const invalidParquet = (reason: string): RequestError =>
  new RequestError(
    'invalid',
    'invalid_parquet',
    `The body is not a Parquet file, or is damaged: ${reason.slice(0, LONGEST_REASON)}. Nothing was stored.`,
  );

const parsers: Partial<ParquetParsers> = {
  dateFromDays: (days) => isoText(BigInt(days) * 86_400_000n)?.slice(0, 10) ?? String(days),
  timestampFromMilliseconds: (milliseconds) => isoText(milliseconds) ?? String(milliseconds),
  timestampFromMicroseconds: (microseconds) => fineTime(microseconds, 1_000n, 3),
  timestampFromNanoseconds: (nanoseconds) => fineTime(nanoseconds, 1_000_000n, 6),
};

function isoText(milliseconds: bigint): string | undefined {
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Milliseconds, and what is finer only where there is anything. */
function fineTime(time: bigint, perMillisecond: bigint, digits: number): string {
  const fine = ((time % perMillisecond) + perMillisecond) % perMillisecond;
  const text = isoText((time - fine) / perMillisecond);
  if (text === undefined) return String(time);
  if (fine === 0n) return text;
  return text.replace('Z', `${String(fine).padStart(digits, '0')}Z`);
}

/** A cell as JSON. What it takes is counted, so that one row cannot hold gigabytes. */
function jsonOf(value: unknown, budget: { left: number }, depth = 0): unknown {
  if (budget.left < 0) return null;
  // Refused for its depth later.
  if (depth > DEEPEST_JSON) return value;
  budget.left -= typeof value === 'string' ? value.length : 1;
  if (typeof value === 'bigint') {
    return BigInt.asIntN(54, value) === value ? Number(value) : String(value);
  }
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return null;
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString('base64');
    budget.left -= text.length;
    return text;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(listOf(value), (one) => jsonOf(one, budget, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, jsonOf(one, budget, depth + 1)]),
  );
}

const listOf = (value: object): Iterable<unknown> =>
  Symbol.iterator in value && isIterable(value) ? value : [];

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;
