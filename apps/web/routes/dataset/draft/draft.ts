import { z } from 'zod';
import {
  datasetItemInput,
  json,
  metadata,
  type DatasetItem,
  type EditDataset,
  type Problem,
} from '#libs/contracts';

/** An item as it is written here: as an upload takes it. */
export const draftItem = datasetItemInput;
export type DraftItem = z.infer<typeof draftItem>;

/** An item as it stood in the base version. */
const baseItem = z.object({
  position: z.int(),
  key: z.string(),
  input: json,
  expected: json.nullable(),
  expectedIsNull: z.literal(true).optional(),
  metadata,
  tags: z.array(z.string()),
  split: z.string().nullable(),
});

const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('added'), id: z.string(), item: draftItem }),
  z.object({ kind: z.literal('changed'), id: z.string(), was: baseItem, item: draftItem }),
  z.object({ kind: z.literal('removed'), id: z.string(), was: baseItem }),
]);
/** One item's change. What was in the base version has its key as id, what is new one of its own. */
export type Change = z.infer<typeof change>;

/** Changes that are not yet a version. Also what is kept in the browser. */
export const draftSchema = z.object({
  /** The version that it is made on; null: there was none. */
  baseVersion: z.int().nullable(),
  changes: z.array(change),
});
export type Draft = z.infer<typeof draftSchema>;

export const emptyDraft: Draft = { baseVersion: null, changes: [] };

/** An item of a version as it is written: what it lacks is left out. */
export const toDraftItem = (item: DatasetItem): DraftItem => ({
  key: item.key,
  input: item.input,
  ...((item.expected !== null || item.expectedIsNull) && { expected: item.expected }),
  ...(Object.keys(item.metadata).length > 0 && { metadata: item.metadata }),
  ...(item.tags.length > 0 && { tags: item.tags }),
  ...(item.split !== null && { split: item.split }),
});

/** An item as it is written, to be shown beside those of a version. */
export const toShownItem = (item: DraftItem, was?: DatasetItem): DatasetItem => ({
  position: was?.position ?? -1,
  key: item.key ?? was?.key ?? '',
  input: item.input,
  expected: item.expected ?? null,
  ...(item.expected === null && { expectedIsNull: true }),
  metadata: item.metadata ?? {},
  tags: item.tags ?? [],
  split: item.split ?? null,
});

/** The draft with one change more, or another in its place; changes keep their order. */
export function withChange(draft: Draft, changed: Change): Draft {
  const known = draft.changes.some(({ id }) => id === changed.id);
  const changes = known
    ? draft.changes.map((one) => (one.id === changed.id ? changed : one))
    : [...draft.changes, changed];
  return { ...draft, changes };
}

export const withoutChange = (draft: Draft, id: string): Draft => ({
  ...draft,
  changes: draft.changes.filter((one) => one.id !== id),
});

export const countsOf = ({ changes }: Draft): Record<Change['kind'], number> => ({
  added: changes.filter(({ kind }) => kind === 'added').length,
  changed: changes.filter(({ kind }) => kind === 'changed').length,
  removed: changes.filter(({ kind }) => kind === 'removed').length,
});

/** What is sent for a draft, and which change each of its items comes from. */
export function toEdit(draft: Draft): { edit: EditDataset; put: Change[]; remove: Change[] } {
  const put: Change[] = [];
  const items: DraftItem[] = [];
  const remove: Change[] = [];
  for (const one of draft.changes) {
    if (one.kind === 'removed') remove.push(one);
    else {
      put.push(one);
      items.push(one.kind === 'changed' ? { ...one.item, key: one.was.key } : one.item);
    }
  }
  const edit = {
    ...(draft.baseVersion !== null && { baseVersion: draft.baseVersion }),
    ...(items.length > 0 && { put: items }),
    ...(remove.length > 0 && { remove: remove.map(({ id }) => id) }),
  };
  return { edit, put, remove };
}

/** What is wrong with a field of an item, by its path in the item; of all of it where there is none. */
export interface ItemFault {
  path: string;
  message: string;
}

/** What the server refused of a draft: at the change that each fault is of, and what belongs to none. */
export function faultsByChange(
  draft: Draft,
  errors: NonNullable<Problem['errors']>,
): { faults: ReadonlyMap<string, ItemFault[]>; rest: string[] } {
  const sent = toEdit(draft);
  const faults = new Map<string, ItemFault[]>();
  const rest: string[] = [];
  for (const { field = '', message } of errors) {
    const [, list, index = '', path = ''] = /^(put|remove)\.(\d+)(?:\.(.*))?$/s.exec(field) ?? [];
    const found = (list === 'put' ? sent.put : sent.remove)[Number(index)];
    if (list === undefined || !found) {
      rest.push(field === '' ? message : `${field}: ${message}`);
      continue;
    }
    faults.set(found.id, [...(faults.get(found.id) ?? []), { path, message }]);
  }
  return { faults, rest };
}
