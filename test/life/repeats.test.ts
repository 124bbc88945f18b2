import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunMetric, SubmitRun } from '#libs/contracts';
import { backends, createWorld, type World } from '../support/world.ts';

/**
 * Six items, four repeats each: how many of them are right by item is 4, 3, 2, 1, 0, and of the last
 * one two are right, one is wrong and one is missing.
 */
const RIGHT = [4, 3, 2, 1, 0];
const outputOf = (index: number, repeat: number): string | undefined => {
  if (index < 5) return repeat < (RIGHT[index] ?? 0) ? String(index) : 'wrong';
  return ['5', '5', 'wrong', undefined][repeat];
};

describe('repeats of each item', () => {
  let world: World;
  let metrics: RunMetric[];
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    await world.startWorker();
    const datasetId = await world.seedDataset(6);
    const recordingId = await world.seedRecording(6, outputOf, 4);
    const exact = { metric: 'exact_match' };
    const specs: SubmitRun['metrics'] = [
      exact,
      { ...exact, name: 'any', reducer: 'any' },
      { ...exact, name: 'all', reducer: 'all' },
      { ...exact, name: 'majority', reducer: 'majority' },
      { metric: 'levenshtein_similarity', name: 'like', threshold: 0.9, reducer: 'any' },
      { metric: 'levenshtein_similarity', name: 'like, unjudged' },
    ];
    const target = { kind: 'recorded' as const, recordingId };
    const { id } = await world.submit({ datasetId, target, repeats: 4, metrics: specs });
    await world.waitForState(id, 'completed');
    metrics = (await world.runs.listMetrics(world.projectId, id)).items;
  });
  afterAll(() => world.close());

  const metric = (name: string): RunMetric => {
    const found = metrics.find((one) => one.name === name);
    if (!found) throw new Error(`no metric ${name}`);
    return found;
  };

  test('reduce to the mean, any, all or the majority of those that were scored', () => {
    const mean = (1 + 0.75 + 0.5 + 0.25 + 0 + 2 / 3) / 6;
    expect(metric('exact_match').reduced).toMatchObject({ reducer: 'mean', n: 6 });
    expect(metric('exact_match').reduced?.mean).toBeCloseTo(mean, 9);
    expect(metric('any').reduced).toMatchObject({ reducer: 'any', n: 6, mean: 5 / 6 });
    expect(metric('all').reduced).toMatchObject({ reducer: 'all', n: 6, mean: 1 / 6 });
    // Half is no majority: of four repeats two are not, of three two are.
    expect(metric('majority').reduced).toMatchObject({ reducer: 'majority', n: 6, mean: 3 / 6 });
    expect(metric('like').reduced).toMatchObject({ reducer: 'any', n: 6, mean: 5 / 6 });
  });

  test('give pass@k and pass^k, without bias, over the items that have k of them', () => {
    const { passAt, passAll, mixed } = metric('exact_match').reduced ?? {};
    expect(mixed).toBe(4);
    const two = (values: number[]) => values.reduce((a, b) => a + b, 0) / 6;
    // C(n − c, 2) / C(n, 2): of four with 2 right 1/6, with 1 right 3/6; of three with 2 right 0.
    expect(passAt?.[1]?.value).toBeCloseTo(two([1, 1, 5 / 6, 3 / 6, 0, 1]), 9);
    expect(passAll?.[1]?.value).toBeCloseTo(two([1, 3 / 6, 1 / 6, 0, 0, 1 / 3]), 9);
    expect(passAt?.map(({ k, n }) => [k, n])).toEqual([
      [1, 6],
      [2, 6],
      [3, 6],
      [4, 5],
    ]);
    expect(passAt?.[3]?.value).toBeCloseTo(4 / 5, 9);
    expect(passAll?.[3]?.value).toBeCloseTo(1 / 5, 9);
  });

  test('that nothing judges have no pass@k', () => {
    expect(metric('like, unjudged').reduced).toMatchObject({
      passAt: [],
      passAll: [],
      mixed: null,
    });
  });

  test('make no interval narrower than the items they belong to allow', () => {
    const { n, mean, standardError } = metric('exact_match');
    expect([n, mean]).toEqual([23, 12 / 23]);
    // The sandwich over six items, by hand.
    const sums = [4, 3, 2, 1, 0, 2];
    const sizes = [4, 4, 4, 4, 4, 3];
    const spread = sums.reduce((sum, s, i) => sum + (s - (sizes[i] ?? 0) * (12 / 23)) ** 2, 0);
    expect(standardError).toBeCloseTo(Math.sqrt((6 / 5) * spread) / 23, 9);
    expect(standardError).toBeGreaterThan(Math.sqrt((12 * 11) / 23 ** 2 / 22));
  });

  test('that failed leave open what the worst and the best case say', () => {
    const { failed, worstCase, bestCase } = metric('exact_match');
    expect([failed, worstCase, bestCase]).toEqual([1, 12 / 24, 13 / 24]);
  });
});
