import type { BindHeader, TableReader } from '../layout.ts';
import { badRow, LONGEST_LINE, type UploadRow } from '../rows.ts';
import { spooled, type SpooledFile } from '../spool.ts';
import { SheetReader, type SheetRow } from './cells.ts';
import { WorkbookPackage } from './package.ts';
import { readWorkbook } from './workbook.ts';

export interface XlsxOptions {
  /** By name; left out: the first one. */
  sheet?: string | undefined;
  /** Told the names of all sheets. */
  onSheets?: ((names: readonly string[]) => void) | undefined;
  bind: BindHeader;
  limits?: { sheetBytes: number; stringBytes: number };
}

/** Unpacked, in bytes. Texts that cells share are held in memory, the sheet is not. */
const defaultLimits = { sheetBytes: 4_000_000_000, stringBytes: 256_000_000 };

/**
 * The rows of one sheet of an XLSX workbook, by their number in the sheet; the first that is not empty
 * is the header, and empty ones are skipped. Dates and times are ISO 8601 text, formulas what they gave
 * when the workbook was saved. Only texts that cells share are held in memory.
 * @throws {RequestError} `invalid_xlsx`, `file_too_large`, `invalid_line` for the header
 */
export const readXlsx = (
  body: AsyncIterable<Uint8Array>,
  options: XlsxOptions,
): AsyncIterable<UploadRow[]> => spooled(body, (file) => readFile(file, options));

async function* readFile(
  { handle }: SpooledFile,
  { sheet, onSheets, bind, limits = defaultLimits }: XlsxOptions,
): AsyncGenerator<UploadRow[], void, undefined> {
  const parts = await WorkbookPackage.open(handle);
  const workbook = await readWorkbook(parts, sheet, limits);
  onSheets?.(workbook.sheetNames);
  const reader = new SheetReader(workbook);
  let table: { names: readonly string[]; reader: TableReader } | undefined;
  for await (const _ of parts.read(workbook.sheetPart, limits.sheetBytes, reader)) {
    const rows: UploadRow[] = [];
    for (const row of reader.rows.splice(0)) {
      if (isEmpty(row)) continue;
      if (table) {
        rows.push(rowOf(row, table.names, table.reader));
        continue;
      }
      const names = Array.from(row.cells, (cell) => (cell === null ? '' : String(cell).trim()));
      table = { names, reader: bindNamed(row.line, names, bind) };
    }
    yield rows;
  }
}

/** Columns without a name may stand between others, as long as nothing is in them. */
function bindNamed(line: number, names: readonly string[], bind: BindHeader): TableReader {
  const named = names.flatMap((name, column) => (name === '' ? [] : [column]));
  const table = bind(
    line,
    named.map((column) => names[column] ?? ''),
  );
  return {
    ...table,
    read: (rowLine, cells) =>
      table.read(
        rowLine,
        named.map((column) => cells[column] ?? null),
      ),
  };
}

const isEmpty = ({ cells }: SheetRow): boolean =>
  cells.every((cell) => cell === null || cell === '');

function rowOf(row: SheetRow, names: readonly string[], reader: TableReader): UploadRow {
  const { line, cells, error } = row;
  let length = 0;
  for (const [column, cell] of cells.entries()) {
    if (typeof cell === 'string') length += cell.length;
    if (cell === null || cell === '' || (names[column] ?? '') !== '') continue;
    return badRow(line, `has a value in column ${letters(column)}, which the header does not name`);
  }
  if (length > LONGEST_LINE) {
    return badRow(line, `is longer than ${LONGEST_LINE / 1_000_000} million characters`);
  }
  if (error) return badRow(line, `holds the error ${error.code}`, names[error.column]);
  return reader.read(line, cells);
}

/** The name of a column, from 0: A, B, …, Z, AA. */
function letters(column: number): string {
  let name = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}
