import { expect, test } from '@jest/globals';
import type { DatasetItem } from '#libs/contracts';
import {
  countsOf,
  draftSchema,
  emptyDraft,
  faultsByChange,
  toDraftItem,
  toShownItem,
  toEdit,
  withChange,
  withoutChange,
  type Draft,
} from './draft.ts';

const item = (key: string, more: Partial<DatasetItem> = {}): DatasetItem => ({
  position: 0,
  key,
  input: 'in',
  expected: null,
  metadata: {},
  tags: [],
  split: null,
  ...more,
});

const draft: Draft = [
  { kind: 'added', id: 'new-1', item: { input: 'a' } } as const,
  { kind: 'removed', id: 'gone', was: item('gone') } as const,
  { kind: 'changed', id: 'kept', was: item('kept'), item: { key: 'other', input: 'b' } } as const,
].reduce<Draft>(withChange, { ...emptyDraft, baseVersion: 4 });

test('what is sent keeps the keys of the base and the order of changes', () => {
  expect(toEdit(draft).edit).toEqual({
    baseVersion: 4,
    put: [{ input: 'a' }, { key: 'kept', input: 'b' }],
    remove: ['gone'],
  });
  expect(countsOf(draft)).toEqual({ added: 1, changed: 1, removed: 1 });
  expect(toEdit({ baseVersion: null, changes: [] }).edit).toEqual({});
});

test('a change takes the place of the one before it, and can be taken back', () => {
  const again = withChange(draft, { kind: 'removed', id: 'kept', was: item('kept') });
  expect(again.changes.map(({ id, kind }) => [id, kind])).toEqual([
    ['new-1', 'added'],
    ['gone', 'removed'],
    ['kept', 'removed'],
  ]);
  expect(withoutChange(again, 'kept').changes).toHaveLength(2);
});

test('faults stand at the change that they are of', () => {
  const { faults, rest } = faultsByChange(draft, [
    { field: 'put.1.input.question', message: 'must be there' },
    { field: 'put.1.tags.0', message: 'is empty' },
    { field: 'remove.0', message: 'is no key there' },
    { field: 'put.0', message: 'is wrong' },
    { field: 'baseVersion', message: 'is not the latest version' },
    { field: 'put.7.key', message: 'is of none' },
  ]);
  expect([...faults]).toEqual([
    [
      'kept',
      [
        { path: 'input.question', message: 'must be there' },
        { path: 'tags.0', message: 'is empty' },
      ],
    ],
    ['gone', [{ path: '', message: 'is no key there' }]],
    ['new-1', [{ path: '', message: 'is wrong' }]],
  ]);
  expect(rest).toEqual(['baseVersion: is not the latest version', 'put.7.key: is of none']);
});

test('null that is expected is another thing than nothing that is', () => {
  const none = item('a');
  const isNull = { ...none, expectedIsNull: true as const };
  expect(toDraftItem(none)).not.toHaveProperty('expected');
  expect(toDraftItem(isNull)).toMatchObject({ expected: null });
  expect(toShownItem(toDraftItem(isNull), none)).toEqual(isNull);
  expect(toShownItem(toDraftItem(none), none)).toEqual(none);
});

test('an item is written as an upload takes it, and a kept draft is read back', () => {
  expect(toDraftItem(item('a'))).toEqual({ key: 'a', input: 'in' });
  const full = item('b', { expected: 0, metadata: { m: 1 }, tags: ['t'], split: 'test' });
  expect(toDraftItem(full)).toEqual({
    key: 'b',
    input: 'in',
    expected: 0,
    metadata: { m: 1 },
    tags: ['t'],
    split: 'test',
  });
  const kept: unknown = JSON.parse(JSON.stringify(draft));
  expect(draftSchema.parse(kept)).toEqual(draft);
});
