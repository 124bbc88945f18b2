import type { DatasetItem } from '#libs/contracts';
import { asText } from '../../../components/json-text.ts';

export const comparedFields = ['input', 'expected', 'metadata', 'tags', 'split'] as const;
export type ComparedField = (typeof comparedFields)[number];

/** What a field holds, as a text; empty where it holds nothing. */
export function textOf(item: DatasetItem | null, field: ComparedField): string {
  if (item === null) return '';
  if (field === 'tags') return item.tags.join('\n');
  if (field === 'split') return item.split ?? '';
  if (field === 'metadata') {
    return Object.keys(item.metadata).length === 0 ? '' : asText(item.metadata);
  }
  const value = item[field];
  return value === null ? '' : asText(value);
}

/** The fields in which two states of an item differ, in their order. */
export const fieldsThatDiffer = (
  before: DatasetItem | null,
  after: DatasetItem | null,
): ComparedField[] =>
  comparedFields.filter((field) => textOf(before, field) !== textOf(after, field));

/** How much of a text is shown before the first place in which it differs, and in all. */
const ahead = 60;
const shown = 400;

/** The same beginning of two long texts is left out, so that where they differ comes into view. */
export function fromFirstDifference(before: string, after: string): [string, string] {
  let at = 0;
  while (at < before.length && at < after.length && before[at] === after[at]) at += 1;
  const start = at > ahead ? at - ahead : 0;
  const cut = (text: string): string =>
    `${start > 0 ? '…' : ''}${text.slice(start, start + shown).replaceAll(/\s+/g, ' ')}`;
  return [cut(before), cut(after)];
}
