import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getTrend, listSeries } from '#libs/comparisons';
import { trendLimits, type Trend } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { finish } from '#libs/runs';
import { clusteredMean, meanInterval, pairedT, summarize } from '#libs/statistics';
import { backends, createWorld, type World } from '../support/world.ts';

type Value = number | undefined;

/** What has no pattern: 0 to 1, from a place in a series and in a run. */
const noise = (run: number, no: number): number => {
  const mixed = Math.imul(Math.imul(run * 2_654_435 + no * 40_503 + 7, 2_246_822_519) >>> 15, 3);
  return ((Math.imul(mixed ^ (no * 2_999), 3_266_489_917) >>> 8) % 10_007) / 10_007;
};

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const summaryOf = (values: readonly number[]) => {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n: values.length, mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
};

describe('trends', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
  });
  afterAll(() => world.close());

  const trendOf = (datasetId: string, query: Partial<Parameters<typeof getTrend>[3]> = {}) =>
    getTrend(world.database, world.projectId, datasetId, {
      metric: 'levenshtein_similarity',
      limit: 100,
      ...query,
    });

  /** A further version of a dataset, with these keys. */
  const addVersion = async (datasetId: string, keys: readonly string[]): Promise<void> => {
    const versionId = uuid();
    await world.database.query(sql`
      insert into dataset_versions (id, dataset_id, version, item_count)
      select ${versionId}, ${datasetId}, 1 + max(version), ${keys.length}
      from dataset_versions where dataset_id = ${datasetId}`);
    await world.database.query(sql`
      insert into dataset_items (version_id, position, key, input)
      select ${versionId}, k.place - 1, k.key, '1'
      from unnest(${[...keys]}::text[]) with ordinality as k (key, place)`);
  };

  /** A run as workers would have left it, completed; values by the number of the item. */
  const seedRun = async (
    datasetId: string,
    values: readonly Value[],
    given: {
      name?: string;
      repeats?: number;
      metric?: string;
      cached?: (no: number) => boolean;
      config?: Record<string, string>;
    } = {},
  ): Promise<string> => {
    const { name = 'nightly', repeats = 1, metric = 'levenshtein_similarity', cached } = given;
    const { id } = await world.submit({
      name,
      datasetId,
      repeats,
      target: { kind: 'recorded', recordingId: await world.seedRecording(1) },
      metrics: [
        { metric: 'contains' },
        { metric, name: 'levenshtein_similarity', ...(given.config && { config: given.config }) },
      ],
    });
    const nos = values.map((_, no) => no);
    await world.database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output, latency_ms,
        cached, cost_usd)
      select ${id}, g.no, i.key, g.no % ${repeats}, 'completed', 1, '"x"', 100 + g.no * 0.5,
        g.cached, 0.25
      from unnest(${nos}::int[], ${nos.map((no) => cached?.(no) ?? false)}::boolean[]) g (no, cached)
      join evaluation_runs r on r.id = ${id}
      join dataset_items i on i.version_id = r.dataset_version_id and i.position = g.no / ${repeats}`);
    const scored = nos.filter((no) => values[no] !== undefined);
    await world.database.query(sql`
      insert into scores (run_id, no, metric, outcome, value)
      select ${id}, g.no, 1, 'scored', g.value
      from unnest(${scored}::int[], ${scored.map((no) => values[no])}::float8[]) g (no, value)`);
    await world.database.query(sql`
      insert into run_metric_sums (run_id, metric, n, sum, sum_of_squares)
      select ${id}, 1, count(*), sum(value::text::numeric), sum(value::text::numeric ^ 2)
      from scores where run_id = ${id}`);
    await world.database.query(sql`
      update evaluation_runs set state = 'running', done = total where id = ${id}`);
    expect(await finish(world.context, { runId: id, generation: 1 })).toBe(true);
    return id;
  };

  const values = (run: number, count: number, level = 0): number[] =>
    Array.from({ length: count }, (_, no) => level + 0.4 * noise(0, no) + 0.1 * noise(run, no));

  test('each run has its mean, and the paired difference to the run before', async () => {
    const datasetId = await world.seedDataset(60);
    const first = values(1, 60);
    const second = values(2, 60).map((value, no) => (no % 7 === 0 ? undefined : value));
    const third = values(3, 60, 0.05).map((value, no) => (no % 11 === 0 ? undefined : value));
    const ids = [];
    for (const one of [first, second, third]) ids.push(await seedRun(datasetId, one));
    const trend = await trendOf(datasetId);
    expect(trend).toMatchObject({
      name: 'nightly',
      metric: 'levenshtein_similarity',
      direction: 'higher',
      notes: [],
    });
    expect(trend.points.map(({ runId }) => runId)).toEqual(ids);
    [first, second, third].forEach((given, place) => {
      const scored = given.filter((value) => value !== undefined);
      const interval = meanInterval(summaryOf(scored), 0.95);
      const point = trend.points[place];
      expect(point).toMatchObject({ n: scored.length, datasetVersion: 1 });
      expect(point?.mean).toBeCloseTo(meanOf(scored), 12);
      expect(point?.low).toBeCloseTo(interval?.low ?? NaN, 12);
      expect(point?.high).toBeCloseTo(interval?.high ?? NaN, 12);
    });
    expect(trend.points[0]).toMatchObject({ difference: null, notCompared: expect.any(String) });
    const differences = third.flatMap((value, no) => {
      const before = second[no];
      return value === undefined || before === undefined ? [] : [value - before];
    });
    const t = pairedT(summaryOf(differences), 0.95);
    const { difference, notCompared } = trend.points[2] ?? {};
    expect(notCompared).toBeNull();
    expect(difference).toMatchObject({ runId: ids[1], n: differences.length });
    expect(difference?.mean).toBeCloseTo(meanOf(differences), 12);
    expect(difference?.standardError).toBeCloseTo(t?.standardError ?? NaN, 12);
    expect(await trendOf(datasetId)).toEqual(trend);
  });

  test('runs of other versions, and with other repeats, are paired by key and repeat', async () => {
    const datasetId = await world.seedDataset(30);
    const before = values(1, 30);
    await seedRun(datasetId, before);
    const keys = Array.from({ length: 40 }, (_, place) => `item-${39 - place}`);
    await addVersion(datasetId, keys);
    const after = values(2, 80);
    await seedRun(datasetId, after, { repeats: 2 });
    const more = values(3, 80).map((value, no) => (no % 9 === 0 ? undefined : value));
    await seedRun(datasetId, more, { repeats: 2 });

    const trend = await trendOf(datasetId);
    expect(trend.notes).toEqual([expect.stringContaining('not all of the same items')]);
    // item-i stands at 39 − i in the second version; the first repeat is the one that both have.
    const differences = before.map((value, no) => (after[(39 - no) * 2] ?? NaN) - value);
    expect(trend.points[1]?.difference?.n).toBe(30);
    expect(trend.points[1]?.difference?.mean).toBeCloseTo(meanOf(differences), 12);
    expect(trend.points[1]?.difference?.standardError).toBeCloseTo(
      pairedT(summaryOf(differences), 0.95)?.standardError ?? NaN,
      12,
    );
    // Repeats of an item are a cluster.
    const nos = more.flatMap((value, no) => (value === undefined ? [] : [no]));
    const clustered = clusteredMean(
      Float64Array.from(nos, (no) => (more[no] ?? NaN) - (after[no] ?? NaN)),
      Int32Array.from(nos, (no) => Math.floor(no / 2)),
      0.95,
    );
    expect(trend.points[2]?.difference?.n).toBe(nos.length);
    expect(trend.points[2]?.difference?.mean).toBeCloseTo(clustered?.mean ?? NaN, 12);
    expect(trend.points[2]?.difference?.standardError).toBeCloseTo(
      clustered?.standardError ?? NaN,
      12,
    );
  });

  test('where the level changes is marked, with both levels', async () => {
    const datasetId = await world.seedDataset(50);
    const ids = [];
    for (let run = 0; run < 10; run += 1) {
      ids.push(await seedRun(datasetId, values(run, 50, run < 6 ? 0 : 0.05)));
    }
    const { changes, points } = await trendOf(datasetId);
    expect(changes.map(({ runId }) => runId)).toEqual([ids[6]]);
    const means = points.map(({ mean }) => mean ?? NaN);
    expect(changes[0]?.before).toBeCloseTo(meanOf(means.slice(0, 6)), 10);
    expect(changes[0]?.after).toBeCloseTo(meanOf(means.slice(6)), 10);
    expect(changes[0]?.difference).toBeCloseTo(
      meanOf(means.slice(6)) - meanOf(means.slice(0, 6)),
      10,
    );
    // Noise of a run over these items: half of the median of squared standard errors.
    const squares = points
      .slice(1)
      .map(({ difference }) => (difference?.standardError ?? NaN) ** 2)
      .toSorted((a, b) => a - b);
    const known = Math.sqrt((squares[4] ?? NaN) / 2) * Math.sqrt(1 / 6 + 1 / 4);
    expect(changes[0]?.standardError).toBeGreaterThanOrEqual(known * (1 - 1e-9));

    const last: Trend = await trendOf(datasetId, { limit: 3 });
    expect(last.points.map(({ runId }) => runId)).toEqual(ids.slice(-3));
    expect(last.changes).toEqual([]);
    expect(last.points[0]?.difference).toBeNull();
  });

  test('what targets use has a trend too; an answer from the cache was not waited for', async () => {
    const datasetId = await world.seedDataset(20);
    await seedRun(datasetId, values(1, 20));
    await seedRun(datasetId, values(2, 20), { cached: (no) => no < 5 });
    const latency = await trendOf(datasetId, { metric: 'latency_ms' });
    const all = Array.from({ length: 20 }, (_, no) => 100 + no * 0.5);
    expect(latency).toMatchObject({
      direction: 'lower',
      points: [
        { n: 20, mean: meanOf(all) },
        { n: 15, mean: meanOf(all.slice(5)), difference: { n: 15, mean: 0, standardError: 0 } },
      ],
    });
    const sums = {
      n: 15,
      sum: all.slice(5).reduce((sum, value) => sum + value, 0),
      sumOfSquares: all.slice(5).reduce((sum, value) => sum + value ** 2, 0),
    };
    const { mean, standardDeviation } = summarize(sums);
    const interval = meanInterval(
      { n: 15, mean: mean ?? NaN, standardDeviation: standardDeviation ?? NaN },
      0.95,
    );
    expect(latency.points[1]?.low).toBeCloseTo(interval?.low ?? NaN, 10);
    expect(await trendOf(datasetId, { metric: 'cost_usd' })).toMatchObject({
      points: [{ mean: 0.25 }, { mean: 0.25 }],
      changes: [],
    });
    expect(await trendOf(datasetId, { metric: 'input_tokens' })).toMatchObject({
      points: [
        { n: 0, mean: null },
        { n: 0, mean: null, difference: null },
      ],
    });
  });

  test('what would read too much is left out, and said', async () => {
    const datasetId = await world.seedDataset(20);
    const ids = [];
    for (let run = 0; run < 3; run += 1) ids.push(await seedRun(datasetId, values(run, 20)));
    await world.database.query(sql`
      update evaluation_runs set total = ${trendLimits.scores} where id = ${ids[0] ?? ''}`);
    const { points } = await trendOf(datasetId);
    expect(points.map(({ difference }) => difference !== null)).toEqual([false, false, true]);
    expect(points[1]?.notCompared).toContain('At most 500,000 scores are read');
    const cost = await trendOf(datasetId, { metric: 'cost_usd' });
    expect(cost.points.map(({ runId }) => runId)).toEqual(ids.slice(1));
    expect(cost.notes).toEqual([expect.stringContaining('The oldest run is left out')]);
  });

  test('another metric or configuration under the name is not passed over', async () => {
    const datasetId = await world.seedDataset(20);
    await seedRun(datasetId, values(1, 20));
    await seedRun(datasetId, values(2, 20), { metric: 'jaro_winkler_similarity' });
    const { points, notes } = await trendOf(datasetId);
    expect(points[1]).toMatchObject({
      difference: null,
      notCompared: expect.stringContaining('another metric'),
    });
    expect(notes).toEqual([expect.stringContaining('not configured alike')]);
  });

  test('series are the names of completed runs, listed page by page', async () => {
    const datasetId = await world.seedDataset(3);
    const ids: Record<string, string> = {};
    for (const name of ['b', 'a', 'c', 'b']) {
      ids[name] = await seedRun(datasetId, values(1, 3), { name });
    }
    const deleted = await seedRun(datasetId, values(1, 3), { name: 'gone' });
    await world.runs.remove(world.projectId, deleted);
    const list = (limit: number, cursor?: string) =>
      listSeries(world.database, world.projectId, datasetId, {
        limit,
        ...(cursor !== undefined && { cursor }),
      });
    const first = await list(2);
    const rest = await list(2, first.nextCursor ?? '');
    expect([...first.items, ...rest.items]).toMatchObject([
      { name: 'a', runs: 1, newestRunId: ids.a },
      { name: 'b', runs: 2, newestRunId: ids.b },
      { name: 'c', runs: 1, newestRunId: ids.c },
    ]);
    expect(rest.nextCursor).toBeNull();
    await expect(trendOf(datasetId)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'name_needed',
      errors: [{ field: 'name' }],
    });
    expect((await trendOf(datasetId, { name: 'b' })).points).toHaveLength(2);
  });

  test('what cannot be shown is refused, with the field and the remedy', async () => {
    const datasetId = await world.seedDataset(3);
    await expect(trendOf(datasetId)).rejects.toMatchObject({ code: 'no_completed_run' });
    await seedRun(datasetId, values(1, 3));
    await expect(trendOf(datasetId, { name: 'other' })).rejects.toMatchObject({
      kind: 'not_found',
      code: 'series_not_found',
    });
    await expect(trendOf(datasetId, { metric: 'unknown' })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'unknown_metric',
      errors: [{ field: 'metric', message: expect.stringContaining('levenshtein_similarity') }],
    });
    await expect(trendOf(uuid())).rejects.toMatchObject({ code: 'dataset_not_found' });
    await expect(
      getTrend(world.database, uuid(), datasetId, { metric: 'cost_usd', limit: 5 }),
    ).rejects.toMatchObject({ code: 'dataset_not_found' });
  });
});
