import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { readLines } from './lines.ts';
import { badLine, LONGEST_LINE, tooLong, type UploadRow } from './rows.ts';

const columns = ['key', 'input', 'expected', 'metadata', 'tags'];
const parsedRecord = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.int(), empty_lines: z.int() }),
});

/**
 * Items as CSV (RFC 4180) with a header. A cell that is a JSON object or array is read as JSON, any
 * other is text; an empty cell is left out, but for `input`. Rows are numbered by their line in the
 * file.
 * @throws {LineError}
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadRow[], void, undefined> {
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    // Counted here, so that lines are refused in their order.
    relax_column_count: true,
    max_record_size: LONGEST_LINE,
  });
  // A broken line ends the text, and is reported once the records before it have been read.
  let broken: unknown;
  async function* text(): AsyncGenerator<string, void, undefined> {
    try {
      for await (const lines of readLines(bytes)) {
        yield lines.map((line) => `${line.text}\n`).join('');
      }
    } catch (error) {
      broken = error;
    }
  }
  const feeding = pipeline(text, parser).catch(() => undefined);

  let header: string[] | undefined;
  let lastLine = 0;
  let blankLines = 0;
  try {
    for await (const parsed of parser) {
      const { record, info } = parsedRecord.parse(parsed);
      const line = lastLine + 1 + info.empty_lines - blankLines;
      lastLine = info.lines;
      blankLines = info.empty_lines;
      if (header === undefined) header = checkHeader(line, record);
      else yield [{ line, value: toValue(line, header, record) }];
    }
  } catch (error) {
    throw broken ?? toLineError(error, lastLine + 1);
  } finally {
    parser.destroy();
    await feeding;
  }
  if (broken !== undefined) throw broken;
}

function checkHeader(line: number, record: readonly string[]): string[] {
  const names = record.map((name) => name.trim());
  for (const [index, name] of names.entries()) {
    if (!columns.includes(name)) {
      throw badLine(line, `is not a column; there are ${columns.join(', ')}`, name);
    }
    if (names.indexOf(name) !== index) throw badLine(line, 'stands in the header twice', name);
  }
  if (!names.includes('input')) throw badLine(line, 'the header must name this column', 'input');
  return names;
}

function toValue(line: number, header: readonly string[], record: readonly string[]): unknown {
  if (record.length !== header.length) {
    throw badLine(line, `has ${record.length} cells where the header has ${header.length}`);
  }
  const cells = new Map(header.map((name, index) => [name, record[index] ?? '']));
  const filled = (name: string): string | undefined => cells.get(name) || undefined;
  const expected = filled('expected');
  const metadata = filled('metadata');
  const tags = filled('tags');
  return {
    key: filled('key'),
    input: readCell(cells.get('input') ?? ''),
    expected: expected === undefined ? undefined : readCell(expected),
    metadata: metadata === undefined ? undefined : readMetadata(line, metadata),
    tags: tags === undefined ? undefined : readTags(tags),
  };
}

function readCell(cell: string): unknown {
  if (!/^\s*[[{]/.test(cell)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

function readMetadata(line: number, cell: string): unknown {
  const value = readCell(cell);
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw badLine(line, 'must be a JSON object', 'metadata');
}

function readTags(cell: string): unknown {
  const value = readCell(cell);
  if (typeof value !== 'string') return value;
  return value
    .split(';')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** The parser's own errors, of which only those about quotes and size can happen. */
function toLineError(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(line);
  return badLine(
    line,
    'a quote is in the wrong place: put the whole cell in quotes, and double each quote inside it',
  );
}
