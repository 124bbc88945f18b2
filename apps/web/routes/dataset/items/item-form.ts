import { metadata, type Json } from '#libs/contracts';
import { readJson } from '../../../components/schema-form/entries.ts';
import type { DraftItem, ItemFault } from '../draft/draft.ts';

/** How a value is written: as the text that it is, as JSON, or not at all. */
export interface ValueEntry {
  kind: 'none' | 'text' | 'json';
  text: string;
}

/** What stands in the form of an item, as it is typed. */
export interface ItemForm {
  key: string;
  input: ValueEntry;
  expected: ValueEntry;
  metadata: string;
  tags: string[];
  split: string;
}

export const itemFields = ['key', 'input', 'expected', 'metadata', 'tags', 'split'] as const;
export type ItemField = (typeof itemFields)[number];
export type FormFaults = Partial<Record<ItemField, string>>;

const entryOf = (value: Json | undefined): ValueEntry => {
  if (value === undefined) return { kind: 'none', text: '' };
  return typeof value === 'string'
    ? { kind: 'text', text: value }
    : { kind: 'json', text: JSON.stringify(value, null, 2) };
};

export const formOf = (item: DraftItem): ItemForm => ({
  key: item.key ?? '',
  input: entryOf(item.input),
  expected: entryOf(item.expected),
  metadata: item.metadata === undefined ? '' : JSON.stringify(item.metadata, null, 2),
  tags: item.tags ?? [],
  split: item.split ?? '',
});

export const blankItem: DraftItem = { input: '' };

/** The item that the form makes, or what of it cannot be read. The server says what else is wrong. */
export function readItemForm(form: ItemForm): { item: DraftItem } | { faults: FormFaults } {
  const faults: FormFaults = {};
  const input = readValue(form.input);
  const expected = readValue(form.expected);
  const about = readMetadata(form.metadata);
  if ('fault' in input) faults.input = input.fault;
  else if (input.value === undefined) faults.input = 'must be given';
  if ('fault' in expected) faults.expected = expected.fault;
  if ('fault' in about) faults.metadata = about.fault;
  if ('fault' in input || 'fault' in expected || 'fault' in about || input.value === undefined) {
    return { faults };
  }
  const tags = form.tags.filter((tag) => tag !== '');
  return {
    item: {
      ...(form.key !== '' && { key: form.key }),
      input: input.value,
      ...(expected.value !== undefined && { expected: expected.value }),
      ...(about.value !== undefined && { metadata: about.value }),
      ...(tags.length > 0 && { tags }),
      ...(form.split !== '' && { split: form.split }),
    },
  };
}

function readValue({ kind, text }: ValueEntry): { value: Json | undefined } | { fault: string } {
  if (kind === 'none') return { value: undefined };
  return kind === 'text' ? { value: text } : readJson(text);
}

function readMetadata(text: string) {
  if (text.trim() === '') return { value: undefined };
  const read = readJson(text);
  if ('fault' in read) return read;
  const parsed = metadata.safeParse(read.value);
  if (parsed.success) return { value: parsed.data };
  const isObject =
    typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value);
  return { fault: (isObject ? parsed.error.issues[0]?.message : undefined) ?? notAnObject };
}

const notAnObject = 'must be a JSON object, such as {"source": "wiki"}';

/** Each fault at the field that it is in, with the place inside the field; and those of no field. */
export function faultsByField(faults: readonly ItemFault[]): {
  fields: FormFaults;
  rest: string[];
} {
  const fields: FormFaults = {};
  const rest: string[] = [];
  for (const { path, message } of faults) {
    const [first, ...deeper] = path.split('.');
    const field = itemFields.find((name) => name === first);
    if (field === undefined) {
      rest.push(path === '' ? message : `${path}: ${message}`);
      continue;
    }
    const told = deeper.length > 0 ? `${deeper.join('.')}: ${message}` : message;
    const before = fields[field];
    fields[field] = before === undefined ? told : `${before}; ${told}`;
  }
  return { fields, rest };
}

export const sameForm = (one: ItemForm, other: ItemForm): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
