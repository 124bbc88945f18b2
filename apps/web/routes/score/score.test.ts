import { expect, test } from '@jest/globals';
import type { HumanMetric } from '#libs/contracts';
import { draftOf, firstMissing, reviewOf, withComment, withValue, type Draft } from './draft.ts';
import { neighbours } from './trail.ts';

const metric = (id: string): HumanMetric => ({
  id,
  name: id,
  scale: { kind: 'boolean' },
  guidelines: null,
  createdAt: '2026-11-01T10:00:00.000Z',
  archivedAt: null,
});
const helpful = metric('helpful');
const safe = metric('safe');
const empty: Draft = { scores: {}, note: '' };

test('that it cannot be told is an answer, and nothing is none', () => {
  const told = withValue(empty, helpful, null);
  expect(firstMissing(told, [helpful, safe])).toBe(1);
  expect(firstMissing(withValue(told, safe, false), [helpful, safe])).toBe(-1);
  expect(firstMissing(withValue(told, helpful, undefined), [helpful, safe])).toBe(0);
});

test('a review has each value with its comment, and a note only where one is written', () => {
  const said = withComment(withValue(withValue(empty, helpful, true), safe, null), safe, ' odd ');
  expect(reviewOf({ ...said, note: '  ' }, [helpful, safe])).toEqual({
    scores: [
      { humanMetricId: 'helpful', value: true, comment: null },
      { humanMetricId: 'safe', value: null, comment: 'odd' },
    ],
    note: null,
    skip: false,
  });
});

test('an item that was scored before begins with what was given', () => {
  const scores = [{ humanMetricId: 'helpful', value: false, comment: 'no' }];
  const draft = draftOf({ mine: { state: 'done', scores, note: 'see' } });
  expect(draft).toEqual({ scores: { helpful: { value: false, comment: 'no' } }, note: 'see' });
});

test('one goes back from the next item to the last, and forward again', () => {
  expect(neighbours([4, 7, 9], undefined)).toEqual({ before: 9, after: undefined });
  expect(neighbours([4, 7, 9], 7)).toEqual({ before: 4, after: 9 });
  expect(neighbours([4, 7, 9], 9)).toEqual({ before: 7, after: undefined });
  expect(neighbours([4, 7, 9], 4)).toEqual({ before: undefined, after: 7 });
  expect(neighbours([4, 7, 9], 100)).toEqual({ before: 9, after: undefined });
  expect(neighbours([], undefined)).toEqual({ before: undefined, after: undefined });
});
