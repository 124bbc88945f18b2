import { expect, test } from '@jest/globals';
import { formatCost, formatPercent, formatScore, formatShare } from './numbers.ts';
import { formatDuration, formatRelative } from './time.ts';

test.each([
  [null, '–'],
  [0.391, '0.391'],
  [1, '1.000'],
  [0, '0.000'],
  [0.99996, '>0.999'],
  [0.0001, '<0.001'],
  [-0.5, '-0.500'],
  [5, '5'],
  [12.345, '12.35'],
  [431.27, '431.3'],
  [25_000, '25K'],
])('a score of %p reads %s', (value, text) => {
  expect(formatScore(value)).toBe(text);
});

test('a run that is not over never reads 100 %', () => {
  expect(formatPercent(99_999, 100_000)).toBe('99 %');
  expect(formatPercent(0, 0)).toBe('0 %');
});

test.each([
  [0, '$0'],
  [0.000_000_2, '<$0.000001'],
  [0.000_052_5, '$0.000053'],
  [0.004, '$0.004'],
  [0.0155, '$0.02'],
  [1.5, '$1.50'],
  [1234.5, '$1,234.50'],
])('a cost of %p reads %s', (dollars, text) => {
  expect(formatCost(dollars)).toBe(text);
});

test.each([
  [12, '12 ms'],
  [59_400, '59 s'],
  [185_000, '3 m 05 s'],
  [7_800_000, '2 h 10 m'],
  [273_600_000, '3 d 4 h'],
])('%p ms reads %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('times are told from now', () => {
  const now = Date.parse('2026-11-01T12:00:00Z');
  expect(formatRelative('2026-11-01T11:59:30Z', now)).toBe('just now');
  expect(formatRelative('2026-11-01T11:57:00Z', now)).toBe('3 min. ago');
  expect(formatRelative('2026-10-31T11:00:00Z', now)).toBe('yesterday');
});

test('a share is rounded, and never reads as nothing or all where it is neither', () => {
  expect(formatShare(286, 1319)).toBe('21.7 %');
  expect(formatShare(1, 100_000)).toBe('< 0.1 %');
  expect(formatShare(99_999, 100_000)).toBe('> 99.9 %');
  expect([formatShare(0, 0), formatShare(0, 3), formatShare(3, 3)]).toEqual([
    '0 %',
    '0 %',
    '100 %',
  ]);
});
