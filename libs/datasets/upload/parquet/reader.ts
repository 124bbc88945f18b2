import { read as readDescriptor } from 'node:fs';
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
import { DEEPEST_JSON } from '../../storable.ts';
import { LONGEST_LINE } from '../rows.ts';
import { FILE_DESCRIPTOR, type Answer, type ParquetLimits, type Row } from './messages.ts';

/** A row group is read in parts of about so much. */
const PART_BYTES = 32_000_000;
const PART_ROWS = 100_000;
const LARGEST_DIRECTORY = 64_000_000;
const ROWS_PER_ANSWER = 1_000;

/** A Parquet file that was opened. @throws {Error} that says what is wrong with the file */
export interface ParquetFile {
  names: string[];
  /** Its rows, each with the cells of these columns. */
  rows(columns: string[]): AsyncGenerator<Extract<Answer, { kind: 'rows' }>, void, undefined>;
}

export async function openParquet(bytes: number, limits: ParquetLimits): Promise<ParquetFile> {
  const file = bufferOf(bytes);
  const metadata = await readDirectory(file);
  return {
    names: parquetSchema(metadata).children.map(({ element }) => element.name),
    async *rows(columns) {
      let start = 0;
      for (const [index, group] of metadata.row_groups.entries()) {
        const rows = Number(group.num_rows);
        const partRows = sizeOfParts(index, group, columns, limits);
        file.forget();
        for (let from = 0; from < rows; from += partRows) {
          const rowStart = start + from;
          const rowEnd = rowStart + Math.min(partRows, rows - from);
          const cells = await readPart(file, metadata, { columns, rowStart, rowEnd }, limits);
          for (let at = 0; at < cells.length; at += ROWS_PER_ANSWER) {
            const some = cells.slice(at, at + ROWS_PER_ANSWER).map(rowOf);
            yield { kind: 'rows', line: rowStart + at + 1, text: JSON.stringify(some) };
          }
        }
        start += rows;
      }
    },
  };
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
    throw new Error(
      `row group ${index + 1} is too large (${rows} rows, ${Math.ceil(bytes / 1e6)} MB unpacked; at most ${limits.groupRows} rows and ${most / 1e6} MB): write the file with smaller row groups`,
    );
  }
  if (hasLists) return rows;
  return Math.max(1, Math.ceil(rows / Math.max(bytes / PART_BYTES, rows / PART_ROWS)));
}

async function readDirectory(file: AsyncBuffer): Promise<FileMetaData> {
  // Its length stands before the mark at the end, and is believed by whoever reads it.
  const tail = new DataView(await file.slice(Math.max(0, file.byteLength - 8), file.byteLength));
  if (tail.byteLength === 8 && tail.getUint32(0, true) > LARGEST_DIRECTORY) {
    throw new Error('its directory is too large');
  }
  const metadata = await parquetMetadataAsync(file, { parsers, geoparquet: false });
  const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (rows !== metadata.num_rows) throw new Error('its row groups do not hold all of its rows');
  return metadata;
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
    throw new Error('it holds fewer rows than it announces');
  }
  return read;
}

/** What a page announces to be unpacked is allocated before it is. */
function boundedCompressors(most: number): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (length > most) throw new Error('a page in it is too large');
        return unpack(input, length);
      },
    ]),
  );
}

interface RememberingBuffer extends AsyncBuffer {
  forget(): void;
}

/** Remembers what it read, since each part of a row group is cut out of the same bytes. */
function bufferOf(bytes: number): RememberingBuffer {
  const known = new Map<string, Promise<ArrayBuffer>>();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const buffer = new ArrayBuffer(Math.max(0, Math.min(end, bytes) - start));
    for (let at = 0; at < buffer.byteLength;) {
      const view = new Uint8Array(buffer, at);
      const bytesRead = await readAt(view, start + at);
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

const readAt = (into: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    readDescriptor(FILE_DESCRIPTOR, into, 0, into.length, position, (error, bytesRead) => {
      if (error) reject(error);
      else resolve(bytesRead);
    });
  });

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

/** A row that cannot become JSON as it is. */
class RowError extends Error {}

function rowOf(cells: readonly unknown[]): Row {
  const budget = { left: LONGEST_LINE };
  try {
    return cells.map((cell) => jsonOf(cell, budget, 0));
  } catch (error) {
    if (error instanceof RowError) return error.message;
    throw error;
  }
}

/** A cell as JSON. What it takes is counted, so that one row cannot hold gigabytes. */
function jsonOf(value: unknown, budget: { left: number }, depth: number): unknown {
  budget.left -= typeof value === 'string' ? value.length : 1;
  if (budget.left < 0) {
    throw new RowError(`is longer than ${LONGEST_LINE / 1_000_000} million characters`);
  }
  if (depth > DEEPEST_JSON) throw new RowError(`is nested more than ${DEEPEST_JSON} levels deep`);
  if (typeof value === 'bigint') {
    return BigInt.asIntN(54, value) === value ? Number(value) : String(value);
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    if (Number.isNaN(value)) return null;
    throw new RowError('holds a number that is too large');
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
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
    Object.entries(value).map(([name, one]) => {
      budget.left -= name.length;
      return [name, jsonOf(one, budget, depth + 1)];
    }),
  );
}

const listOf = (value: object): Iterable<unknown> =>
  Symbol.iterator in value && isIterable(value) ? value : [];

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;
