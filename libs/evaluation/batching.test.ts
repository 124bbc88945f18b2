import { describe, expect, test } from '@jest/globals';
import { planBatches } from './batching.ts';

describe('planBatches', () => {
  test.each([
    [1, 1, 2],
    [4, 1, 8],
    [10, 1, 20],
    [1000, 1, 2000],
  ])('gives each network call a batch, %d in flight', (concurrency, batchSize, window) => {
    expect(planBatches('network', 1319, concurrency)).toEqual({ batchSize, window });
  });

  test.each([
    [0, 25],
    [1, 25],
    [400, 25],
    [401, 26],
    [1319, 83],
    [4000, 250],
    [4001, 250],
    [1_000_000, 250],
  ])('cuts %d local items into batches of %d', (total, batchSize) => {
    expect(planBatches('local', total, 10)).toEqual({ batchSize, window: 16 });
  });

  test('always keeps more calls waiting than are in flight, and never a batch without items', () => {
    for (let size = 1; size <= 1000; size += 1) {
      expect(planBatches('network', size, size).window).toBeGreaterThan(size);
      expect(planBatches('local', size * 37, size).batchSize).toBeGreaterThan(0);
    }
  });
});
