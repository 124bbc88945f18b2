import { expect, test } from '@jest/globals';
import { columnMapping } from '#libs/contracts';
import { delimiterOf, formatOf } from './formats.ts';
import { areFields, guessRoles, mappingOf, withRole } from './mapping.ts';

test('columns with the names of fields need no mapping', () => {
  expect(areFields(['key', 'input', 'expected', 'tags'])).toBe(true);
  expect(areFields(['input.question', 'input.hint', 'metadata.source', 'split'])).toBe(true);
  expect(areFields(['key', 'expected'])).toBe(false);
  expect(areFields(['input', 'topic'])).toBe(false);
  expect(areFields(['input', 'tags.more'])).toBe(false);
});

test('columns are known by the names that they usually have', () => {
  const columns = ['ID', 'Question', 'hint', 'Answer', 'topic', 'split', 'uuid'];
  expect(guessRoles(columns)).toEqual([
    'key',
    'input',
    'unused',
    'expected',
    'tags',
    'split',
    'unused',
  ]);
  expect(guessRoles(['what', 'label'])).toEqual(['input', 'expected']);
  expect(guessRoles(['id'])).toEqual(['key']);
});

test('one column is a value, several are an object; a key comes from one column only', () => {
  const columns = ['id', 'question', 'hint', 'answer', 'from'];
  const roles = withRole(guessRoles(columns), 2, 'input');
  const mapping = mappingOf(columns, withRole(roles, 4, 'metadata'));
  expect(mapping).toEqual({
    key: 'id',
    input: ['question', 'hint'],
    expected: 'answer',
    metadata: ['from'],
  });
  expect(columnMapping.parse(mapping)).toEqual(mapping);
  expect(withRole(roles, 3, 'key')).toEqual(['unused', 'input', 'input', 'key', 'unused']);
  expect(mappingOf(columns, ['key', 'unused', 'unused', 'unused', 'unused'])).toBeUndefined();
});

test('files are known by their names, and CSV by its first line', () => {
  expect(formatOf('A.B.XLSX')).toContain('spreadsheetml');
  expect(formatOf('items.jsonl')).toBe('application/x-ndjson');
  expect(delimiterOf('a;b;"x,y,z,w"\n1,2,3')).toBe(';');
  expect(delimiterOf('a\tb,c\td\n')).toBe('tab');
  expect(delimiterOf('single\n')).toBe(',');
});
