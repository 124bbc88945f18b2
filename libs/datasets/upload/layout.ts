import type { ColumnMapping } from '#libs/contracts';
import { badLine, LineError, type LineProblem, type UploadRow } from './rows.ts';

/** What the cells of a file are, which decides how they are read. */
export type CellKind =
  /** Text, or what a spreadsheet knows of: an object or array in JSON is read, empty cells are left out. */
  | 'text'
  /** Typed: text stays text. */
  | 'typed';

/** Reads the rows of a table whose header is known. */
export interface TableReader {
  /** The columns that are read, from 0; a file that keeps columns apart need not read others. */
  columns: readonly number[];
  read(line: number, cells: readonly unknown[]): UploadRow;
}

/** Makes sense of a header. @throws {LineError} where it does not fit */
export type BindHeader = (line: number, header: readonly string[]) => TableReader;

/** Where the value of a field comes from: one column, or an object built of several. */
type Source = { column: string } | { parts: readonly Part[] };
interface Part {
  path: readonly string[];
  column: string;
}

interface Layout {
  key?: string | undefined;
  input: Source;
  expected?: Source | undefined;
  metadata?: Source | undefined;
  tags: readonly string[];
  split?: string | undefined;
}

type Read<Row> = (row: Row) => unknown;

const fields = ['key', 'input', 'expected', 'metadata', 'tags', 'split'] as const;
/** Fields that may be built of columns such as `input.question`. */
const nested = ['input', 'expected', 'metadata'] as const;
const MOST_NAMED = 50;

/**
 * Finds the fields of an item in the columns of a table: by the mapping, or by their names.
 * @throws {LineError} where the header does not fit
 */
export function bindHeader(
  line: number,
  header: readonly string[],
  options: { mapping: ColumnMapping | undefined; cells: CellKind },
): TableReader {
  const names = header.map((name) => name.trim());
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw badLine(line, 'stands in the header twice', twice);
  const layout =
    options.mapping === undefined ? layoutOfHeader(line, names) : layoutOf(options.mapping);
  const missing: string[] = [];
  const columns = new Set<number>();
  const build = bind<readonly unknown[]>(layout, options.cells, (column) => {
    const found = findColumn(names, column);
    if (!found) {
      missing.push(column);
      return () => undefined;
    }
    const { index, path } = found;
    columns.add(index);
    if (path === undefined) return (cells) => cells[index];
    return (cells) => reach(readJson(cells[index]), path);
  });
  if (missing.length > 0) throw missingColumns(line, missing, names);
  return {
    columns: [...columns],
    read(rowLine, cells) {
      if (cells.length <= names.length) return build(rowLine, cells);
      const message = `has ${cells.length} cells where the header has ${names.length}`;
      return { line: rowLine, problems: [{ message }] };
    },
  };
}

/** Reads objects by a mapping. */
export interface ObjectReader {
  read(line: number, value: unknown): UploadRow;
  /** @throws {LineError} where no row had a column that the mapping names */
  end(): void;
}

export function bindObjects(mapping: ColumnMapping): ObjectReader {
  const unseen = new Set<string>();
  let first: { line: number; names: string[] } | undefined;
  const build = bind<object>(layoutOf(mapping), 'object', (column) => {
    unseen.add(column);
    return (row) => {
      const found = reach(row, column);
      if (found !== undefined) unseen.delete(column);
      return found;
    };
  });
  return {
    read(line, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return { line, problems: [{ message: 'must be a JSON object, whose fields are columns' }] };
      }
      first ??= { line, names: Object.keys(value) };
      return build(line, value);
    },
    end() {
      if (first && unseen.size > 0) throw missingColumns(first.line, [...unseen], first.names);
    },
  };
}

function missingColumns(line: number, missing: readonly string[], names: readonly string[]) {
  const there = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length > MOST_NAMED ? ' and others' : '';
  const message = `is named in the mapping, but is not a column; there are ${there}${more}`;
  return new LineError(
    line,
    missing.map((field) => ({ field, message })),
  );
}

function layoutOf(mapping: ColumnMapping): Layout {
  const { key, input = 'input', expected, metadata, tags = [], split } = mapping;
  return {
    key,
    input: sourceOf(input),
    expected: expected === undefined ? undefined : sourceOf(expected),
    metadata: metadata === undefined ? undefined : sourceOf(metadata),
    tags: typeof tags === 'string' ? [tags] : tags,
    split,
  };
}

function sourceOf(given: string | readonly string[] | Record<string, string>): Source {
  if (typeof given === 'string') return { column: given };
  const named = isList(given) ? given.map((column) => [column, column]) : Object.entries(given);
  return { parts: named.map(([field = '', column = '']) => ({ path: [field], column })) };
}

const isList = (value: readonly string[] | Record<string, string>): value is readonly string[] =>
  Array.isArray(value);

/** Columns with the names of fields, or of parts of fields. @throws {LineError} at any other */
function layoutOfHeader(line: number, names: readonly string[]): Layout {
  const problems: LineProblem[] = [];
  const parts = new Map<string, Part[]>();
  for (const name of names) {
    const [field = '', ...path] = name.split('.');
    const isNested = nested.some((one) => one === field) && path.every((part) => part !== '');
    if (fields.some((one) => one === name)) continue;
    if (path.length > 0 && isNested) {
      const list = parts.get(field) ?? [];
      parts.set(field, [...list, { path, column: name }]);
    } else if (name === '') problems.push({ message: namelessColumn });
    else problems.push({ field: name, message: unknownColumn });
  }
  for (const [field, list] of parts) {
    if (names.includes(field)) {
      const message = `stands in the header as a whole and in parts: ${list[0]?.column}`;
      problems.push({ field, message });
    }
    for (const { path, column } of list) {
      const part = list.find((other) => other.column.startsWith(`${column}.`));
      if (!part) continue;
      const message = `stands in the header as a whole and in parts: ${part.column}`;
      problems.push({ field: [field, ...path].join('.'), message });
    }
  }
  if (problems.length === 0 && !names.includes('input') && !parts.has('input')) {
    problems.push({ field: 'input', message: 'the header must name this column' });
  }
  if (problems.length > 0) throw new LineError(line, problems.slice(0, MOST_NAMED));
  const sourceNamed = (field: string): Source | undefined => {
    const list = parts.get(field);
    if (list) return { parts: list };
    return names.includes(field) ? { column: field } : undefined;
  };
  return {
    key: names.includes('key') ? 'key' : undefined,
    input: sourceNamed('input') ?? { column: 'input' },
    expected: sourceNamed('expected'),
    metadata: sourceNamed('metadata'),
    tags: names.includes('tags') ? ['tags'] : [],
    split: names.includes('split') ? 'split' : undefined,
  };
}

const namelessColumn =
  'the header has a column without a name; name it, or say which columns to use in the query parameter `mapping`';

const unknownColumn =
  `is not a column; there are ${fields.join(', ')} and parts such as input.question; ` +
  'to use others, say which is what in the query parameter `mapping`';

/** The column of this name or, for `a.b`, what lies in column `a`. */
function findColumn(
  names: readonly string[],
  column: string,
): { index: number; path?: string } | undefined {
  const index = names.indexOf(column);
  if (index >= 0) return { index };
  for (let dot = column.indexOf('.'); dot >= 0; dot = column.indexOf('.', dot + 1)) {
    const head = names.indexOf(column.slice(0, dot));
    if (head >= 0) return { index: head, path: column.slice(dot + 1) };
  }
  return undefined;
}

/** The value of this name or, for `a.b`, the value `b` in the object `a`. */
function reach(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, name)) return Reflect.get(value, name);
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const head = name.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = reach(Reflect.get(value, head), name.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Builds items; what is in them is checked by the schema of an item later. */
function bind<Row>(
  layout: Layout,
  kind: CellKind | 'object',
  column: (name: string) => Read<Row>,
): (line: number, row: Row) => UploadRow {
  const { cell, isEmpty, emptyInput } = kinds[kind];
  const readSource = (source: Source | undefined, empty: unknown): Read<Row> => {
    if (source === undefined) return () => undefined;
    if ('column' in source) {
      const read = column(source.column);
      return (row) => {
        const value = read(row);
        return isEmpty(value) ? empty : cell(value);
      };
    }
    const parts = source.parts.map(({ path, column: name }) => ({ path, read: column(name) }));
    return (row) => {
      let object: Record<string, unknown> | undefined;
      for (const { path, read } of parts) {
        const value = read(row);
        const part = isEmpty(value) ? empty : cell(value);
        if (part !== undefined) setPart((object ??= {}), path, part);
      }
      return object;
    };
  };
  const key = layout.key === undefined ? undefined : column(layout.key);
  const input = readSource(layout.input, emptyInput);
  const expected = readSource(layout.expected, undefined);
  const metadata = readSource(layout.metadata, undefined);
  const tags = layout.tags.map(column);
  const split = layout.split === undefined ? undefined : column(layout.split);
  const text = (value: unknown) =>
    isEmpty(value) || value === null ? undefined : plainText(value);

  return (line, row) => {
    const item: Record<string, unknown> = { input: input(row) };
    if (key) item['key'] = text(key(row));
    if (layout.expected) item['expected'] = expected(row);
    if (layout.metadata) {
      const object = readJson(metadata(row));
      if (object !== undefined && (typeof object !== 'object' || Array.isArray(object))) {
        return { line, problems: [{ field: 'metadata', message: 'must be a JSON object' }] };
      }
      item['metadata'] = object ?? undefined;
    }
    if (tags.length > 0) {
      const all = tags.flatMap((read) => tagsIn(read(row)));
      item['tags'] = all.length > 0 ? all : undefined;
    }
    if (split) item['split'] = text(split(row));
    return { line, value: item };
  };
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;
const asIs = (value: unknown): unknown => value;

const kinds = {
  text: {
    cell: readJson,
    isEmpty: (value: unknown) => isNothing(value) || value === '',
    emptyInput: '',
  },
  typed: { cell: asIs, isEmpty: isNothing, emptyInput: null },
  object: { cell: asIs, isEmpty: (value: unknown) => value === undefined, emptyInput: undefined },
};

/** As an export writes what would be read otherwise: `json:42`. */
const JSON_MARK = 'json:';

/** What the JSON in a text says, an object or array or what is marked; all else as it is. */
function readJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const marked = value.startsWith(JSON_MARK);
  if (!marked && !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(marked ? value.slice(JSON_MARK.length) : value);
  } catch {
    return value;
  }
}

/** Keys and splits are text, whatever a typed file takes them for. */
const plainText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

function tagsIn(value: unknown): unknown[] {
  const read = readJson(value);
  if (isNothing(read)) return [];
  if (Array.isArray(read)) return read;
  if (typeof read !== 'string') return [plainText(read)];
  return read
    .split(';')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

function setPart(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    define(object, name, value);
    return;
  }
  const inner = Object.hasOwn(object, name) ? object[name] : undefined;
  const next = isRecord(inner) ? inner : {};
  if (next !== inner) define(object, name, next);
  setPart(next, rest, value);
}

/** Also for `__proto__`, which an assignment would not make a field of. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
