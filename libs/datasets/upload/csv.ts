import { CsvError, parse } from 'csv-parse/sync';
import { readLines, type TextLine } from './lines.ts';
import { badLine, LONGEST_LINE, tooLong, type UploadRow } from './rows.ts';

const columns = ['key', 'input', 'expected', 'metadata', 'tags'];

/**
 * Items as CSV (RFC 4180) with a header. A cell that is a JSON object or array is read as JSON, any
 * other is text; an empty cell is left out, but for `input`. A row has the number of the line of the
 * file on which it starts.
 * @throws {LineError}
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<UploadRow[], void, undefined> {
  const framer = new RecordFramer();
  let header: string[] | undefined;
  for await (const lines of readLines(bytes)) {
    const rows: UploadRow[] = [];
    try {
      for (const line of lines) {
        const record = framer.add(line);
        if (record === undefined) continue;
        const cells = splitRecord(record);
        if (header === undefined) header = checkHeader(record.line, cells);
        else rows.push({ line: record.line, value: toValue(record.line, header, cells) });
      }
    } catch (error) {
      yield rows;
      throw error;
    }
    yield rows;
  }
  framer.end();
}

/**
 * Joins lines into records, which the library then splits. It would read the whole file too, but counts
 * a CRLF inside quotes twice, and a refusal must name the right line. Quotes come in pairs around a cell
 * and inside it, so a line feed stands in a cell exactly where the number of quotes before it is odd.
 */
class RecordFramer {
  #line = 0;
  #parts: string[] = [];
  #length = 0;
  #open = false;

  /** The record that ends with this line; undefined where none does. */
  add({ line, text }: TextLine): TextLine | undefined {
    if (this.#parts.length === 0) {
      if (text.trim() === '') return undefined;
      this.#line = line;
    }
    this.#parts.push(text);
    this.#length += text.length + 1;
    if (this.#length > LONGEST_LINE) throw tooLong(this.#line);
    if (text.includes('"') && text.split('"').length % 2 === 0) this.#open = !this.#open;
    if (this.#open) return undefined;
    const record = this.#parts.join('\n').replace(/\r$/, '');
    this.#parts = [];
    this.#length = 0;
    return { line: this.#line, text: record };
  }

  end(): void {
    if (this.#open) throw misplacedQuote(this.#line);
  }
}

function splitRecord({ line, text }: TextLine): string[] {
  try {
    return parse(text)[0] ?? [];
  } catch (error) {
    throw error instanceof CsvError ? misplacedQuote(line) : error;
  }
}

const misplacedQuote = (line: number) =>
  badLine(
    line,
    'a quote is in the wrong place: put the whole cell in quotes, and double each quote inside it',
  );

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
