import { describe, expect, test } from '@jest/globals';
import { rankRuns } from './leaderboard.ts';
import { scoreStatus, type Alignment } from './pairs.ts';
import { drawn } from './test-input.ts';

type Direction = 'higher' | 'lower' | 'none';

/** Ranks runs of the same items in the same order; NaN: no score. */
function ranked(
  runs: readonly (readonly number[])[],
  { direction = 'higher', clusters }: { direction?: Direction; clusters?: readonly number[] } = {},
  order: readonly number[] = runs.map((_, run) => run),
) {
  const size = runs[0]?.length ?? 0;
  const alignment: Alignment = {
    partner: Int32Array.from({ length: size }, (_, no) => no),
    firstOnly: 0,
    secondOnly: 0,
    chosen: new Uint8Array(size).fill(1),
    clusters: clusters ? Int32Array.from(clusters) : null,
    items: null,
  };
  const shown = order.map((run) => runs[run] ?? []);
  return rankRuns(
    {
      metric: {
        name: 'quality',
        source: 'metric',
        shape: { kind: 'numeric', range: { min: null, max: null }, direction },
      },
      runIds: order.map((run) => `run ${run}`),
      scores: shown.map((values) => ({
        status: Uint8Array.from(values, (value) =>
          Number.isNaN(value) ? scoreStatus.failed : scoreStatus.scored,
        ),
        values: Float64Array.from(values),
      })),
      frame: 0,
      alignments: shown.map(() => alignment),
    },
    { confidence: 0.95 },
  );
}

const values = (seed: number, count: number, level = 0) =>
  drawn(seed, count, (random) => level + random.normal());
/** Runs that share most of what makes items hard. */
const related = (levels: readonly number[], count = 60) => {
  const items = values(1, count);
  return levels.map((level, run) =>
    values(run + 2, count).map((noise, item) => level + (items[item] ?? 0) + 0.5 * noise),
  );
};

test('two runs as the paired t test has them', () => {
  // scipy 1.10: ttest_rel and its interval.
  const board = ranked([
    [0.1, 0.4, 0.35, 0.8, 0.7],
    [0.2, 0.3, 0.25, 0.9, 0.4],
  ]);
  expect(board?.n).toBe(5);
  const [pair] = board?.pairs ?? [];
  expect(pair).toMatchObject({ runId: 'run 0', otherRunId: 'run 1' });
  expect(pair?.difference).toBeCloseTo(0.059999999999999984, 12);
  expect(pair?.low).toBeCloseTo(-0.1477701267367139, 9);
  expect(pair?.high).toBeCloseTo(0.2677701267367139, 9);
  expect(pair?.p).toBeCloseTo(0.46760475460939743, 9);
});

test.each(['higher', 'lower', 'none'] as const)('the best first: %s', (direction) => {
  const board = ranked(related([0, 2, 1]), { direction });
  const means = board?.runs.map(({ mean }) => mean) ?? [];
  const sorted = means.toSorted((a, b) => (direction === 'lower' ? a - b : b - a));
  expect(means).toEqual(sorted);
  expect(board?.runs.map(({ groups }) => groups)).toEqual([[0], [1], [2]]);
});

test.each([2, 3, 7, 20])('groups hold what cannot be told apart, of %d runs', (count) => {
  const board = ranked(related(Array.from({ length: count }, (_, run) => 0.2 * (run % 5))));
  expect(board?.runs).toHaveLength(count);
  expect(board?.pairs).toHaveLength((count * (count - 1)) / 2);
  const groupsOf = new Map(board?.runs.map(({ runId, groups }) => [runId, new Set(groups)]));
  for (const { runId, otherRunId, p, low, high } of board?.pairs ?? []) {
    const share = [...(groupsOf.get(runId) ?? [])].some((group) =>
      groupsOf.get(otherRunId)?.has(group),
    );
    expect(share).toBe((p ?? 1) >= 0.05);
    // The interval and p say the same.
    expect((low ?? -1) <= 0 && (high ?? 1) >= 0).toBe(share);
  }
});

test('only items that all runs have a score for', () => {
  const runs = related([0, 1, 2], 20).map((run, place) =>
    run.map((value, item) => (item === place ? Number.NaN : value)),
  );
  const board = ranked(runs);
  expect(board?.n).toBe(17);
  const [first] = runs;
  const common = first?.slice(3) ?? [];
  const mean = board?.runs.find(({ runId }) => runId === 'run 0')?.mean;
  expect(mean).toBeCloseTo(common.reduce((sum, value) => sum + value, 0) / 17, 12);
});

test('the order in which runs are given changes nothing but the signs', () => {
  const runs = related([0, 0.3, 0.1, 0.8]);
  const one = ranked(runs);
  const other = ranked(runs, {}, [3, 1, 0, 2]);
  expect(other?.runs).toEqual(one?.runs);
  for (const pair of one?.pairs ?? []) {
    const same = other?.pairs.find(
      ({ runId, otherRunId }) =>
        [runId, otherRunId].toSorted().join() === [pair.runId, pair.otherRunId].toSorted().join(),
    );
    expect(same?.p).toBeCloseTo(pair.p ?? Number.NaN, 12);
    const sign = same?.runId === pair.runId ? 1 : -1;
    expect(same?.difference).toBe(sign * pair.difference);
  }
});

test('items in clusters tell less', () => {
  const runs = related([0, 0.4]).map((run) => run.flatMap((value) => [value, value, value]));
  const clusters = runs[0]?.map((_, item) => Math.floor(item / 3)) ?? [];
  const alone = ranked(related([0, 0.4]));
  const clustered = ranked(runs, { clusters });
  // Three copies of each item say as much as one.
  expect(clustered?.pairs[0]?.p).toBeCloseTo(alone?.pairs[0]?.p ?? Number.NaN, 12);
  expect(ranked(runs)?.pairs[0]?.p).toBeLessThan(clustered?.pairs[0]?.p ?? 0);
});

describe('what does not vary', () => {
  test('a run with the same score throughout has no interval', () => {
    const board = ranked([Array<number>(30).fill(0.5), values(2, 30, 0.5)]);
    const constant = board?.runs.find(({ runId }) => runId === 'run 0');
    expect(constant).toMatchObject({ mean: 0.5, low: null, high: null });
    expect(board?.pairs[0]?.low).not.toBeNull();
  });

  test('two items that differ by the same are not told apart', () => {
    const board = ranked([
      [1, 2],
      [2, 3],
    ]);
    expect(board?.pairs).toEqual([
      { runId: 'run 0', otherRunId: 'run 1', difference: -1, low: null, high: null, p: 0.5 },
    ]);
    expect(board?.runs.map(({ groups }) => groups)).toEqual([[0], [0]]);
  });

  test('many items that do are, with all pairs of runs counted', () => {
    const base = values(3, 12);
    const board = ranked([base, base.map((value) => value + 1), values(4, 12)]);
    const pair = board?.pairs.find(
      ({ runId, otherRunId }) => `${runId}${otherRunId}` === 'run 0run 1',
    );
    expect(pair).toMatchObject({ low: null, high: null, p: 3 * 2 ** -11 });
  });

  test('clusters count as one each', () => {
    const board = ranked(
      [
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 1],
      ],
      { clusters: [1, 1, 1, 2, 2, 2] },
    );
    expect(board?.pairs[0]).toMatchObject({ low: null, high: null, p: 0.5 });
  });

  test('equal runs, be it up to rounding, are one group', () => {
    const base = Array<number>(20).fill(0.3);
    const board = ranked([base, base, base.map(() => 0.1 + 0.2)]);
    expect(board?.pairs.map(({ p }) => p)).toEqual([1, 1, 1]);
    expect(board?.runs.map(({ groups }) => groups)).toEqual([[0], [0], [0]]);
  });
});

test.each([[[[], []]], [[[1], [2]]]])('too few items: %j', (runs) => {
  expect(ranked(runs)).toBeNull();
});
