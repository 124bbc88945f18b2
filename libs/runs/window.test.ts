import { expect, test } from '@jest/globals';
import { planBatches } from '#libs/evaluation';
import { windowNow, type Sharing } from './window.ts';

const run = (kind: 'local' | 'network', items: number, concurrency = 10) => {
  const { batchSize, window } = planBatches(kind, items, concurrency);
  const queue = kind === 'local' ? ('batches' as const) : ('calls' as const);
  return { project_id: 'p', queue, batch_size: batchSize, batch_window: window };
};
const beside = (queue: 'batches' | 'calls', runs: number, slots: number): Sharing => ({
  runs: new Map([[`p-${queue}`, runs]]),
  slots: new Map(slots === 0 ? [] : [[queue, slots]]),
});

test('a run alone in its project has its whole window, whatever its size and the workers', () => {
  for (const slots of [0, 1, 4, 1_000]) {
    for (const items of [1, 100, 4_000, 1_000_000]) {
      const alone = run('local', items);
      expect(windowNow(alone, beside('batches', 1, slots))).toBe(alone.batch_window);
    }
    const calls = run('network', 1_000, 300);
    expect(windowNow(calls, beside('calls', 1, slots))).toBe(600);
  }
});

test('large runs of a project together have one window, or twice the places of the workers', () => {
  const large = run('local', 100_000);
  const total = (runs: number, slots: number) =>
    runs * windowNow(large, beside('batches', runs, slots));
  expect(total(4, 4)).toBe(16);
  expect(total(8, 2)).toBe(16);
  expect(total(10, 40)).toBe(80);
  // However many they are, each goes on.
  expect(total(500, 4)).toBe(500);
});

test('however many share, the places of all workers are filled', () => {
  const kinds = [run('local', 100_000), run('network', 1_000, 400)];
  for (const one of kinds) {
    for (const slots of [1, 4, 37, 400]) {
      for (const runs of [2, 3, 7, 50, 400]) {
        const window = windowNow(one, beside(one.queue, runs, slots));
        const most = runs * one.batch_window;
        expect(runs * window).toBeGreaterThanOrEqual(Math.min(slots, most));
      }
    }
  }
});

test('a small run has all of its items in the queue, however many runs share it', () => {
  for (const items of [1, 10, 100, 250]) {
    const small = run('local', items);
    for (const runs of [2, 20, 1_000]) {
      const window = windowNow(small, beside('batches', runs, 4));
      expect(window * small.batch_size).toBeGreaterThanOrEqual(items);
    }
  }
});

test('one that starts counts itself; runs of other projects and queues do not', () => {
  const large = run('local', 100_000);
  expect(windowNow(large, beside('batches', 1, 4), 1)).toBe(8);
  expect(windowNow({ ...large, project_id: 'q' }, beside('batches', 50, 4))).toBe(16);
  expect(windowNow(run('network', 100), beside('batches', 50, 4))).toBe(20);
});
