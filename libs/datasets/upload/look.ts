import { previewLimits, type Json, type UploadPreview } from '#libs/contracts';
import type { BindHeader } from './layout.ts';
import { LineError, type UploadRows } from './rows.ts';

/** What a file holds at its beginning, as it stands there: columns, and the first rows. */
export class FileLook {
  columns: string[] = [];
  sheets: string[] = [];
  readonly #rows: { line: number; cells: unknown[] }[] = [];
  /** Why the header cannot be used; rows are looked at all the same. */
  fault: LineError | undefined;

  get full(): boolean {
    return this.#rows.length >= previewLimits.rows;
  }

  /** The rows by columns, with long values cut. */
  rows(): UploadPreview['rows'] {
    return this.#rows.map(({ line, cells }) => ({
      line,
      cells: this.columns.map((_, index) => cutValue(cells[index])),
    }));
  }

  sheetsAre(names: readonly string[]): void {
    this.sheets = [...names];
  }

  /** Looks at the rows of a table, also where its header does not fit what is made of it. */
  binding(bind: BindHeader): BindHeader {
    return (line, header) => {
      this.columns = header.slice(0, previewLimits.columns).map((name) => name.trim());
      const everyColumn = header.map((_, index) => index);
      try {
        const table = bind(line, header);
        return {
          columns: everyColumn,
          read: (rowLine, cells) => {
            this.#add(rowLine, cells);
            return table.read(rowLine, cells);
          },
        };
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        this.fault = error;
        return {
          columns: everyColumn,
          read: (rowLine, cells) => {
            this.#add(rowLine, cells);
            return { line: rowLine, problems: error.problems };
          },
        };
      }
    };
  }

  /** Looks at objects, whose fields are the columns. */
  async *objects(rows: UploadRows): UploadRows {
    for await (const group of rows) {
      for (const row of group)
        if ('value' in row && !this.full) this.#addObject(row.line, row.value);
      yield group;
    }
  }

  #add(line: number, cells: readonly unknown[]): void {
    if (!this.full) this.#rows.push({ line, cells: [...cells] });
  }

  #addObject(line: number, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const fields = new Map<string, unknown>(Object.entries(value));
    for (const name of fields.keys()) {
      if (this.columns.length < previewLimits.columns && !this.columns.includes(name)) {
        this.columns.push(name);
      }
    }
    this.#rows.push({ line, cells: this.columns.map((name) => fields.get(name)) });
  }
}

/**
 * The rows that can be made of a file that is looked at. Where its header cannot be used there are none;
 * as soon as enough has been looked at, that is told.
 * @throws {LineError} where the header cannot be used
 */
export async function* looked(rows: UploadRows, look: FileLook): UploadRows {
  for await (const group of rows) {
    if (look.fault === undefined) yield group;
    else if (look.full) break;
  }
  if (look.fault !== undefined) throw look.fault;
}

/** A value of at most so many characters: a text, or the JSON of what is none, is cut. */
export function cutValue(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > previewLimits.characters) {
    return `${text.slice(0, previewLimits.characters).toWellFormed()}…`;
  }
  const whole: Json = typeof value === 'string' ? value : JSON.parse(text);
  return whole;
}
