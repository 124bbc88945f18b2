import { CsvError, parse } from 'csv-parse/sync';
import type { BindHeader, TableReader } from './layout.ts';
import { readLines, type TextLine } from './lines.ts';
import { badLine, badRow, LONGEST_LINE, tooLong, type UploadRow } from './rows.ts';

export interface CsvOptions {
  delimiter: ',' | ';' | '|' | '\t';
  bind: BindHeader;
}

/**
 * Delimited text (RFC 4180) with a header, numbered by the line of the file on which a row starts. A row
 * that is wrong does not keep those after it from being read, as long as its quotes come in pairs.
 * @throws {LineError}
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
  options: CsvOptions,
): AsyncGenerator<UploadRow[], void, undefined> {
  const framer = new RecordFramer(options.delimiter);
  let columns = 0;
  let table: TableReader | undefined;
  const rowOf = (line: number, cells: readonly string[] | undefined): UploadRow | undefined => {
    if (cells === undefined) {
      if (table === undefined) throw badLine(line, misplacedQuote);
      return badRow(line, misplacedQuote);
    }
    if (table === undefined) {
      columns = cells.length;
      table = options.bind(line, cells);
      return undefined;
    }
    if (cells.length === columns) return table.read(line, cells);
    return badRow(line, `has ${cells.length} cells where the header has ${columns}`);
  };
  for await (const lines of readLines(bytes)) {
    const rows: UploadRow[] = [];
    try {
      const records: TextLine[] = [];
      let failure: unknown;
      try {
        for (const line of lines) {
          const record = framer.add(line);
          if (record !== undefined) records.push(record);
        }
      } catch (error) {
        failure = error;
      }
      for (const [index, cells] of splitRecords(records, options.delimiter).entries()) {
        const row = rowOf(records[index]?.line ?? 0, cells);
        if (row !== undefined) rows.push(row);
      }
      if (failure !== undefined) throw failure;
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
  readonly #blank: RegExp;
  #line = 0;
  #parts: string[] = [];
  #length = 0;
  #open = false;

  constructor(delimiter: string) {
    // Where tabs part cells, a line of them is a row.
    this.#blank = delimiter === '\t' ? /^[^\S\t]*$/ : /^\s*$/;
  }

  /** The record that ends with this line; undefined where none does. */
  add({ line, text }: TextLine): TextLine | undefined {
    if (this.#parts.length === 0) {
      if (this.#blank.test(text)) return undefined;
      if (!text.includes('"')) {
        if (text.length > LONGEST_LINE) throw tooLong(line);
        return { line, text: withoutReturn(text) };
      }
      this.#line = line;
    }
    this.#parts.push(text);
    this.#length += text.length + 1;
    if (this.#length > LONGEST_LINE) throw tooLong(this.#line);
    if (hasOddQuotes(text)) this.#open = !this.#open;
    if (this.#open) return undefined;
    const record = withoutReturn(this.#parts.join('\n'));
    this.#parts = [];
    this.#length = 0;
    return { line: this.#line, text: record };
  }

  end(): void {
    if (this.#open) throw badLine(this.#line, misplacedQuote);
  }
}

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

/**
 * The cells of each record; undefined for one whose quotes are misplaced. The library is called for
 * many records at once, since a call costs more than a record; those without a quote need no parser.
 */
function splitRecords(
  records: readonly TextLine[],
  delimiter: string,
): (readonly string[] | undefined)[] {
  const quoted = records.filter(({ text }) => text.includes('"'));
  const parsed = parseTogether(quoted, delimiter) ?? quoted.map((one) => parseOne(one, delimiter));
  let next = 0;
  return records.map(({ text }) => {
    if (!text.includes('"')) return text.split(delimiter);
    next += 1;
    return parsed[next - 1];
  });
}

/** Undefined where one of them is wrong. */
function parseTogether(
  records: readonly TextLine[],
  delimiter: string,
): readonly string[][] | undefined {
  if (records.length === 0) return [];
  try {
    const cells = parse(records.map(({ text }) => text).join('\n'), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
    });
    return cells.length === records.length ? cells : undefined;
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

const parseOne = (record: TextLine, delimiter: string): readonly string[] | undefined =>
  parseTogether([record], delimiter)?.[0];

const misplacedQuote =
  'a quote is in the wrong place: put the whole cell in quotes, and double each quote inside it';
