import type { Json } from '#libs/contracts';
import type { Field } from './schema.ts';

/** What stands in a control: a text as it is typed, a tick, the lines of a list, or what stands in a group. */
export type Entry = string | boolean | string[] | Entries;
/** What a person has entered, by field. A field that is not here is left to its default. */
export interface Entries {
  readonly [name: string]: Entry | undefined;
}
/** What is wrong, by field; of a field in a group by its path, such as `model.provider`. */
export type Faults = Readonly<Record<string, string | undefined>>;

export type Reading = { value: Record<string, Json> } | { faults: Faults };

/** The value that the entries make, with nothing in it that was left to its default; or every fault. */
export function readEntries(fields: readonly Field[], entries: Entries): Reading {
  const value: Record<string, Json> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const read =
      field.kind === 'group'
        ? readGroup(field, groupOf(entries[field.name]))
        : readEntry(field, entries[field.name]);
    if ('fault' in read) faults[field.name] = read.fault;
    else if ('faults' in read) {
      for (const [name, fault] of Object.entries(read.faults)) {
        if (fault !== undefined) faults[`${field.name}.${name}`] = fault;
      }
    } else if (read.value !== undefined) value[field.name] = read.value;
  }
  return Object.keys(faults).length > 0 ? { faults } : { value };
}

/** The entries of a group; none where nothing stands there yet. */
export const groupOf = (entry: Entry | undefined): Entries =>
  typeof entry === 'object' && !Array.isArray(entry) ? entry : {};

/** Whether anything stands there. */
export function isEntered(entry: Entry | undefined): boolean {
  if (entry === undefined || entry === '') return false;
  if (typeof entry !== 'object') return true;
  return Array.isArray(entry) ? entry.length > 0 : Object.values(entry).some(isEntered);
}

function readGroup(
  { fields, required }: Field,
  entries: Entries,
): { value: Json | undefined } | { faults: Faults } {
  return required || isEntered(entries) ? readEntries(fields, entries) : { value: undefined };
}

function readEntry(
  field: Field,
  entry: Entry | undefined,
): { value: Json | undefined } | { fault: string } {
  if (!isEntered(entry)) return field.required ? { fault: 'is needed' } : { value: undefined };
  if (typeof entry === 'boolean' || Array.isArray(entry)) return { value: entry };
  if (typeof entry !== 'string') return { value: undefined };
  if (field.kind === 'number' || field.kind === 'integer') return readNumber(entry, field.kind);
  if (field.kind === 'json') return readJson(entry);
  return { value: entry };
}

function readNumber(text: string, kind: 'number' | 'integer') {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return { fault: 'must be a number' };
  if (kind === 'integer' && !Number.isInteger(value)) return { fault: 'must be a whole number' };
  return { value };
}

/** JSON as a person wrote it, or what is wrong with it. */
export function readJson(text: string): { value: Json } | { fault: string } {
  try {
    const value: Json = JSON.parse(text);
    return { value };
  } catch (error) {
    return { fault: error instanceof Error ? `is no JSON: ${error.message}` : 'is no JSON' };
  }
}

/** The entries that make this value: the opposite of `readEntries`. */
export function entriesOf(
  fields: readonly Field[],
  value: Readonly<Record<string, Json>>,
): Record<string, Entry | undefined> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const given = value[field.name];
      return given === undefined ? [] : [[field.name, entryOf(field, given)]];
    }),
  );
}

function entryOf({ kind, fields }: Field, value: Json): Entry {
  if (kind === 'group') {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? entriesOf(fields, value) : {};
  }
  if (kind === 'json') return JSON.stringify(value, null, 2);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (kind === 'texts' && Array.isArray(value)) {
    return value.map((text) => (typeof text === 'string' ? text : JSON.stringify(text)));
  }
  return JSON.stringify(value);
}

/**
 * The faults that a server named by path, each at the field that it lies in or below.
 * @param prefix the path of the form's own value, such as `metric.config`
 * @returns the rest, which belong to no field, with them
 */
export function faultsAt<Fault extends { field?: string | undefined; message: string }>(
  prefix: string,
  fields: readonly Field[],
  errors: readonly Fault[],
): { faults: Faults; rest: Fault[] } {
  const faults: Record<string, string> = {};
  const rest: Fault[] = [];
  const start = prefix === '' ? '' : `${prefix}.`;
  for (const error of errors) {
    const path = error.field?.startsWith(start) === true ? error.field.slice(start.length) : '';
    const found = fieldAt(fields, path.split('.'));
    if (!found) {
      rest.push(error);
      continue;
    }
    const { field, name, deeper } = found;
    const where = deeper.length > 0 ? `${placeIn(field, deeper)}: ` : '';
    const before = faults[name];
    const told = `${where}${error.message}`;
    faults[name] = before === undefined ? told : `${before}; ${told}`;
  }
  return { faults, rest };
}

/** The innermost field that a path leads to or through, and what of the path lies below it. */
function fieldAt(
  fields: readonly Field[],
  [step = '', ...deeper]: readonly string[],
): { field: Field; name: string; deeper: string[] } | undefined {
  const field = fields.find(({ name }) => name === step);
  if (!field) return undefined;
  const inner = fieldAt(field.fields, deeper);
  return inner
    ? { ...inner, name: `${step}.${inner.name}` }
    : { field, name: step, deeper: [...deeper] };
}

/** The faults of the fields in a group. */
export function faultsWithin(faults: Faults, group: string): Faults {
  const start = `${group}.`;
  return Object.fromEntries(
    Object.entries(faults)
      .filter(([name]) => name.startsWith(start))
      .map(([name, fault]) => [name.slice(start.length), fault]),
  );
}

/** People count the lines of a list from 1; a path into JSON stays as a program writes it. */
function placeIn({ kind }: Field, path: readonly string[]): string {
  const [first] = path;
  return kind === 'texts' && first !== undefined ? `no. ${Number(first) + 1}` : path.join('.');
}
