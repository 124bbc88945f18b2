import { expect, test } from '@jest/globals';
import type { MetricComparison, Run, VerdictOutcome } from '#libs/contracts';
import { sideOfBin } from './bins.ts';
import { csvOf } from './export-text.ts';
import { numberText, pText } from './number-text.ts';
import { draftOf, readDraft } from './options-draft.ts';
import { movedRun, requestOf, runIdsOf, runsMax } from './request.ts';
import { compareSearch } from './search.ts';
import { settingsOf } from './settings-difference.ts';
import { familyInWords, summaryOf, unpairedOf } from './summary.ts';
import { markDifferences } from './text-difference.ts';

const runId = (n: number): string => `0199a7a4-3c1e-7bb2-9f0e-${String(n).padStart(12, '0')}`;
const none = { failed: 0, open: 0, notApplicable: 0, errors: 0 };

const metricOf = (
  metric: string,
  outcome: VerdictOutcome,
  more: Partial<MetricComparison> = {},
): MetricComparison => ({
  metric,
  source: 'metric',
  kind: 'graded',
  direction: 'higher',
  pairing: {
    paired: 100,
    baselineOnly: 0,
    candidateOnly: 0,
    filteredOut: 0,
    baseline: none,
    candidate: none,
    unpaired: 0,
  },
  baseline: { mean: 0.5, low: null, high: null, standardError: null },
  candidate: { mean: 0.6, low: null, high: null, standardError: null },
  difference: 0.1,
  interval: { low: 0.05, high: 0.15 },
  intervalMethod: 't',
  relativeChange: null,
  standardError: null,
  unpairedStandardError: null,
  standardDeviation: null,
  degreesOfFreedom: null,
  correlation: null,
  test: { p: 0.01, method: 't', holm: 0.03, benjaminiHochberg: 0.02, family: 3 },
  binary: null,
  t: null,
  graded: null,
  categorical: null,
  clusters: null,
  repeats: null,
  wins: 60,
  ties: 10,
  losses: 30,
  bounds: null,
  power: null,
  equivalence: null,
  resampled: null,
  verdict: { outcome, sentence: '' },
  slices: [],
  regressions: [],
  improvements: [],
  ...more,
});

test('an address names runs once each, the baseline first, and no more than can be compared', () => {
  const [a, b] = [runId(1), runId(2)];
  expect(runIdsOf(`${a}, ${b},x,${a}`)).toEqual([a, b]);
  const many = Array.from({ length: 30 }, (_, n) => runId(n));
  expect(runIdsOf(many.join(','))).toEqual(many.slice(0, runsMax));
  expect(requestOf(compareSearch.parse({ runs: a }))).toBeUndefined();
  expect(requestOf(compareSearch.parse({ runs: `${a},${b}`, confidence: 0.9, seed: 'x' }))).toEqual(
    {
      baselineRunId: a,
      candidateRunIds: [b],
      confidence: 0.9,
    },
  );
});

test('a run moves to its place and the others keep their order', () => {
  expect(movedRun(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(movedRun(['a', 'b', 'c'], 0, 5)).toEqual(['a', 'b', 'c']);
});

test('what an address says goes through the form unchanged, and defaults are left out', () => {
  const search = compareSearch.parse({
    metrics: ['correct'],
    usage: false,
    filter: { tags: ['long'], metadata: { 'source.kind': ['web', 7, true] } },
    margins: { correct: 0.02 },
    sliceBy: ['tags', 'metadata.topic'],
    clusterBy: 'metadata.document',
    resampleSlices: true,
    seed: 7,
  });
  const read = readDraft(draftOf(search));
  expect(read).toEqual({ search: expect.objectContaining(search) });
  const empty = readDraft(draftOf({}));
  expect(Object.values('search' in empty ? empty.search : { a: 1 })).toEqual(
    Array.from({ length: 11 }, () => undefined),
  );
});

test('what cannot be read in the form is told field by field', () => {
  const read = readDraft({
    ...draftOf({}),
    margins: { correct: '-1', other: ' ' },
    sliceBy: ['topic'],
    clusterBy: 'document',
    metadata: ['web'],
    seed: '',
  });
  expect(Object.keys('faults' in read ? read.faults : {}).toSorted()).toEqual([
    'clusterBy',
    'margins.correct',
    'metadata',
    'seed',
    'sliceBy',
  ]);
});

test('the summary names what is better and worse, and does not take silence for sameness', () => {
  const summary = (...metrics: MetricComparison[]): string =>
    summaryOf({ runId: runId(1), metrics }, 'B');
  expect(
    summary(
      metricOf('correct', 'better'),
      metricOf('f1', 'worse'),
      metricOf('words', 'inconclusive'),
      metricOf('cost_usd', 'worse', { source: 'usage' }),
    ),
  ).toBe(
    'B is better than the baseline in correct and worse in f1; for words there is not enough evidence. It is higher in cost.',
  );
  expect(summary(metricOf('f1', 'worse'))).toBe('B is worse than the baseline in f1.');
  expect(summary(metricOf('f1', 'equivalent'))).toBe('B is equivalent, within the margin, in f1.');
  expect(summary(metricOf('a', 'inconclusive'), metricOf('b', 'inconclusive'))).toBe(
    'Not enough evidence that B differs from the baseline in any of the 2 metrics; that does not show that they are alike.',
  );
});

test('how many tests were made together is said, and nothing where none was', () => {
  const metrics = [metricOf('a', 'better')];
  expect(familyInWords({ candidates: [{ runId: runId(1), metrics }] }, 0.95)).toMatch(
    /^3 tests, adjusted together \(Holm\).* 5 %/,
  );
  const untested = metricOf('a', 'inconclusive', {
    test: { p: null, method: '', holm: null, benjaminiHochberg: null, family: 0 },
  });
  expect(
    familyInWords({ candidates: [{ runId: runId(1), metrics: [untested] }] }, 0.95),
  ).toBeUndefined();
});

test('what is not among the pairs is counted by its reason, with the list that has it', () => {
  const { pairing } = metricOf('a', 'better');
  expect(
    unpairedOf(
      {
        pairing: {
          ...pairing,
          unpaired: 5,
          baselineOnly: 2,
          filteredOut: 9,
          candidate: { ...none, failed: 4, notApplicable: 1 },
        },
      },
      'B',
    ),
  ).toEqual([
    { text: 'failed in B', count: 4, kind: 'unpaired' },
    { text: 'not applicable in B', count: 1, kind: 'unpaired' },
    { text: 'only in the baseline', count: 2, kind: 'baseline_only' },
    { text: 'left out by the filter', count: 9 },
  ]);
});

test('numbers are written in the units of their metric, differences with their sign', () => {
  const share = numberText({ kind: 'binary', source: 'metric', metric: 'correct' });
  expect([share.value(0.3904), share.difference(0.0412), share.one(1), share.one(0)]).toEqual([
    '39.0 %',
    '+4.1 points',
    'yes',
    'no',
  ]);
  expect(share.range({ low: -0.012, high: 0.0002 })).toBe('−1.2 to +0.020 points');
  const latency = numberText({ kind: 'graded', source: 'usage', metric: 'latency_ms' });
  expect([latency.value(3004.6), latency.difference(-1702.2)]).toEqual(['3,005 ms', '−1,702 ms']);
  const cost = numberText({ kind: 'graded', source: 'usage', metric: 'cost_usd' });
  expect([cost.value(0.00084), cost.difference(-0.00073)]).toEqual(['$0.00084', '−$0.00073']);
  const graded = numberText({ kind: 'graded', source: 'metric', metric: 'f1' });
  expect([graded.value(null), graded.value(0), graded.difference(-0.03704)]).toEqual([
    '–',
    '0',
    '−0.0370',
  ]);
  expect([pText(1e-9), pText(0.0496), pText(0.2), pText(null)]).toEqual([
    '< 0.0001',
    '0.05',
    '0.20',
    '–',
  ]);
});

test('a bin is on the side that the direction of the metric says', () => {
  expect(sideOfBin({ low: 0, high: 1, count: 1 }, 'higher')).toBe('better');
  expect(sideOfBin({ low: 0, high: 1, count: 1 }, 'lower')).toBe('worse');
  expect(sideOfBin({ low: null, high: -5, count: 1 }, 'lower')).toBe('better');
  expect(sideOfBin({ low: 5, high: null, count: 1 }, 'none')).toBe('neither');
});

test('two texts are marked word by word, and each side reads as it was', () => {
  const marked = markDifferences('The answer is 12 eggs.', 'The answer is 14 brown eggs.');
  const read = (pieces: { text: string }[] | undefined) => pieces?.map(({ text }) => text).join('');
  expect(read(marked?.before)).toBe('The answer is 12 eggs.');
  expect(read(marked?.after)).toBe('The answer is 14 brown eggs.');
  expect(marked?.before.filter(({ own }) => own).map(({ text }) => text.trim())).toEqual(['12']);
  expect(read(marked?.after.filter(({ own }) => own))?.trim()).toBe('14 brown');
  expect(markDifferences('same', 'same')?.after).toEqual([{ text: 'same', own: false }]);
  expect(markDifferences('a'.repeat(40_000), 'b'.repeat(40_000))).toBeUndefined();
});

test('settings are compared leaf by leaf, and one that a run lacks is a difference', () => {
  const run: Run = {
    id: runId(1),
    name: 'a',
    state: 'completed',
    reason: null,
    stopCode: null,
    datasetId: runId(9),
    datasetName: 'capitals',
    datasetVersion: 1,
    filter: null,
    target: {
      kind: 'model',
      provider: 'mock',
      model: 'small',
      parameters: { temperature: 0 },
      prompt: { content: { text: 'Answer: {{ input }}' } },
    },
    metrics: [{ metric: 'exact_match', name: 'right' }],
    repeats: 1,
    concurrency: 10,
    maxCostUsd: null,
    maxDurationMs: null,
    timeoutMs: 120_000,
    maxRetries: 4,
    cache: false,
    tags: [],
    metadata: {},
    total: 10,
    done: 10,
    failed: 0,
    errors: [],
    costUsd: 0,
    inputTokens: 0,
    outputTokens: 0,
    judgeCostUsd: 0,
    judgeInputTokens: 0,
    judgeOutputTokens: 0,
    cacheHits: 0,
    summary: [],
    version: 1,
    createdBy: null,
    createdAt: '2026-11-01T10:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    deletedAt: null,
  };
  const other: Run = {
    ...run,
    id: runId(2),
    metadata: { branch: 'next' },
    target: {
      kind: 'model',
      provider: 'mock',
      model: 'small',
      parameters: { temperature: 1 },
      prompt: { content: { text: 'Answer briefly: {{ input }}' } },
    },
  };
  const differing = settingsOf([run, other]).filter(({ differs }) => differs);
  expect(differing.map(({ group, name, values }) => [group, name, ...values])).toEqual([
    ['Target', 'parameters.temperature', '0', '1'],
    ['Prompt', 'text', 'Answer: {{ input }}', 'Answer briefly: {{ input }}'],
    ['Labels', 'branch', undefined, 'next'],
  ]);
});

test('cells of a file are quoted where they must be, and none is run as a formula', () => {
  expect(csvOf([['a,b', 'say "hi"', 1.5, null, '=1+1', -2]])).toBe(
    `"a,b","say ""hi""",1.5,,'=1+1,-2`,
  );
});
