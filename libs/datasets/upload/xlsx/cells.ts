import { invalidXlsx, type XmlHandler } from './package.ts';
import { unescapeText, type Workbook } from './workbook.ts';

/** One row of a sheet: its cells by column, from 0; what is empty is null. */
export interface SheetRow {
  /** As the sheet numbers it, from 1. */
  line: number;
  cells: (string | number | boolean | null)[];
  /** Such as `#N/A`, where a formula gave no value. */
  error?: { column: number; code: string };
}

const MOST_COLUMNS = 16_384;
const MOST_LINES = 1_048_576;

/** Makes rows of what stands in the XML of a sheet. */
export class SheetReader implements XmlHandler {
  /** Rows that are complete; whoever takes them empties it. */
  rows: SheetRow[] = [];
  readonly #workbook: Workbook;
  #row: SheetRow = { line: 0, cells: [] };
  #column = -1;
  #type = '';
  #style = 0;
  #value = '';
  #inValue = false;
  #phonetic = false;

  constructor(workbook: Workbook) {
    this.#workbook = workbook;
  }

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'row') {
      const line = Number(attributes['r'] ?? this.#row.line + 1);
      if (!(line > this.#row.line && line <= MOST_LINES)) {
        throw invalidXlsx(`its rows are out of order after row ${this.#row.line}`);
      }
      this.#row = { line, cells: [] };
      this.#column = -1;
    } else if (name === 'c') {
      const { r, t = 'n', s } = attributes;
      this.#column = r === undefined ? this.#column + 1 : columnOf(r);
      if (!(this.#column >= 0 && this.#column < MOST_COLUMNS)) {
        throw invalidXlsx(`row ${this.#row.line} has a cell in no column`);
      }
      this.#type = t;
      this.#style = Number(s ?? -1);
      this.#value = '';
    } else if (name === 'v' || name === 't') this.#inValue = !this.#phonetic;
    else if (name === 'rPh') this.#phonetic = true;
  }

  text(text: string): void {
    if (this.#inValue) this.#value += text;
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'rPh') this.#phonetic = false;
    else if (name === 'c') this.#addCell();
    else if (name === 'row') this.rows.push(this.#row);
  }

  #addCell(): void {
    const { cells } = this.#row;
    const value = this.#valueOf();
    if (value === null) return;
    while (cells.length < this.#column) cells.push(null);
    cells[this.#column] = value;
  }

  #valueOf(): string | number | boolean | null {
    const text = this.#value;
    if (text === '') return null;
    switch (this.#type) {
      case 's':
        return this.#sharedText(text);
      case 'inlineStr':
      case 'str':
        return unescapeText(text);
      case 'b':
        return text === '1' || text === 'true';
      case 'e':
        this.#row.error ??= { column: this.#column, code: text };
        return text;
      case 'd':
        return text;
      default:
        return this.#numberOf(text);
    }
  }

  #sharedText(index: string): string {
    const text = this.#workbook.strings[Number(index)];
    if (text === undefined)
      throw invalidXlsx(`row ${this.#row.line} names a text that is not there`);
    return text;
  }

  #numberOf(text: string): string | number {
    const number = Number(text);
    if (!Number.isFinite(number)) throw invalidXlsx(`row ${this.#row.line} holds no number`);
    if (this.#workbook.dateStyles[this.#style] !== true) return number;
    return dateText(number, this.#workbook.from1904) ?? number;
  }
}

/** The column of a reference such as `AB12`, from 0; -1 where it is none. */
function columnOf(reference: string): number {
  let column = 0;
  for (let at = 0; at < reference.length; at += 1) {
    const letter = reference.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    if (column > MOST_COLUMNS) return -1;
  }
  return column - 1;
}

const DAY_MS = 86_400_000;
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);

/**
 * A day number as ISO 8601: a date, a date with a time, or a time alone. A sheet has no time zones. The
 * calendar from 1900 has a 29 February in that year, so days before March are counted from one later.
 */
export function dateText(days: number, from1904: boolean): string | undefined {
  if (days < 0) return undefined;
  const epoch = from1904 ? EPOCH_1904 : EPOCH_1900 + (days < 60 ? DAY_MS : 0);
  const date = new Date(epoch + Math.round(days * DAY_MS));
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return undefined;
  const [day = '', clock = ''] = date
    .toISOString()
    .replace(/(\.000)?Z$/, '')
    .split('T');
  if (days < 1) return clock;
  return clock === '00:00:00' ? day : `${day}T${clock}`;
}
