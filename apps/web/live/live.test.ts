import { expect, test } from '@jest/globals';
import type { Run, RunSnapshot } from '#libs/contracts';
import { addSample, rateOf, type Sample } from './rate.ts';
import { newerSnapshot, withSnapshot } from './snapshots.ts';

const snapshot: RunSnapshot = {
  runId: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11',
  version: 7,
  state: 'running',
  total: 100,
  done: 40,
  failed: 2,
  metrics: [],
};
const run: Run = {
  id: snapshot.runId,
  name: 'baseline',
  state: 'queued',
  reason: null,
  stopCode: null,
  datasetId: snapshot.runId,
  datasetName: 'capitals',
  datasetVersion: 1,
  filter: null,
  target: { kind: 'recorded', recordingId: snapshot.runId },
  metrics: [],
  repeats: 1,
  concurrency: 10,
  maxCostUsd: null,
  maxDurationMs: null,
  timeoutMs: 120_000,
  maxRetries: 4,
  cache: false,
  tags: [],
  metadata: {},
  total: 100,
  done: 0,
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
  version: 6,
  createdBy: null,
  createdAt: '2026-11-01T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  deletedAt: null,
};

test('an older snapshot never replaces a newer one', () => {
  const older = { ...snapshot, version: 6, done: 30 };
  expect(newerSnapshot(snapshot, older)).toBe(snapshot);
  expect(newerSnapshot(older, snapshot)).toBe(snapshot);
  expect(newerSnapshot(undefined, older)).toBe(older);
});

test('a snapshot is laid over a run only where it is newer', () => {
  expect(withSnapshot(run, snapshot)).toMatchObject({ state: 'running', done: 40, version: 7 });
  const fresher = { ...run, version: 8 };
  expect(withSnapshot(fresher, snapshot)).toBe(fresher);
  expect(withSnapshot(run, undefined)).toBe(run);
});

const sampled = (...pairs: [number, number][]): Sample[] =>
  pairs.reduce<Sample[]>((samples, [at, done]) => addSample(samples, { at, done }), []);

test('the rate is what was done over the last moments', () => {
  expect(rateOf(sampled([0, 0]), 1000)).toBeUndefined();
  expect(rateOf(sampled([0, 0], [1000, 50], [2000, 100]), 2000)).toBe(50);
});

test('the rate falls while nothing arrives', () => {
  const samples = sampled([0, 0], [2000, 100]);
  expect(rateOf(samples, 4000)).toBe(25);
  expect(rateOf(samples, 60_000)).toBe(0);
});

test('the rate starts over when a retry opens items again', () => {
  expect(rateOf(sampled([0, 0], [1000, 100], [2000, 90]), 2000)).toBeUndefined();
});
