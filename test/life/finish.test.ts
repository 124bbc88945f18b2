import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, uuid } from '#libs/database';
import { fill, finish } from '#libs/runs';
import { quantile, summarizeScores } from '#libs/statistics';
import { SMALL_BATCH } from '../support/batches.ts';
import { claimedBatches, failedItem, scored, work } from '../support/by-hand.ts';
import { expectExact } from '../support/exact.ts';
import { board } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('finishing a run on %s', (kind) => {
  let world: World;
  let datasetId: string;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(160);
    recordingId = await world.seedRecording(160);
  });
  afterAll(() => world.close());

  const started = async (metrics = [{ metric: 'exact_match' }]) => {
    const target = { kind: 'recorded' as const, recordingId };
    const run = await world.submit({ datasetId, target, metrics });
    await fill(world.context, run.id);
    return { run, jobs: await claimedBatches(world, run.id) };
  };
  const decided = (runId: string) =>
    world.database.query(
      sql`select generation from outbox where run_id = ${runId} and job = 'finish'`,
    );

  test('of all batches that end at the same moment, one takes the last items and decides the finish', async () => {
    const { run, jobs } = await started();
    const stored = await Promise.all(
      jobs.map((job) => work(world, job, () => ({ scores: [scored(1)] }))),
    );
    expect(stored.filter(({ last }) => last)).toHaveLength(1);
    expect(await decided(run.id)).toEqual([{ generation: 1 }]);

    // Whoever fills next sends it; however often that is, the queue holds it once.
    await Promise.all(Array.from({ length: 8 }, () => fill(world.context, run.id)));
    expect(await decided(run.id)).toEqual([]);
    const jobsOfRun = (await board(world, 'runs').getJobs(['waiting'], 0, 100)).filter(
      ({ data, name }) => data.runId === run.id && name === 'finish',
    );
    expect(jobsOfRun).toHaveLength(1);
  });

  test('finished by many at the same moment, it is finished once', async () => {
    const { run, jobs } = await started();
    for (const job of jobs) await work(world, job, () => ({ scores: [scored(1)] }));
    const before = await world.runs.get(world.projectId, run.id);
    const finished = await Promise.all(
      Array.from({ length: 8 }, () => finish(world.context, { runId: run.id, generation: 1 })),
    );
    expect(finished.filter(Boolean)).toHaveLength(1);
    const after = await world.runs.get(world.projectId, run.id);
    expect(after).toMatchObject({ state: 'completed', version: before.version + 1 });
    expect(after.finishedAt).not.toBeNull();
  });

  test('a run that still has something open is not finished', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(1)) await work(world, job);
    expect(await finish(world.context, { runId: run.id, generation: 1 })).toBe(false);
    expect(await finish(world.context, { runId: uuid(), generation: 1 })).toBe(false);
  });

  test('its metrics are what a direct computation gives', async () => {
    const { run, jobs } = await started([
      { metric: 'levenshtein_similarity' },
      { metric: 'exact_match' },
      { metric: 'contains' },
    ]);
    const similarity = (no: number) => ((no * 37) % 101) / 101;
    const exact = (no: number) => (no % 3 === 0 ? 1 : 0);
    for (const job of jobs) {
      await work(world, job, ({ no }) => {
        if (no < 5) return failedItem;
        const third = { ...scored(0, 2), value: null, passed: null, reason: 'why' };
        return {
          scores: [
            { ...scored(similarity(no)), passed: null },
            scored(exact(no), 1),
            { ...third, outcome: no % 2 === 0 ? ('error' as const) : ('not_applicable' as const) },
          ],
        };
      });
    }
    await finish(world.context, { runId: run.id, generation: 1 });

    /** What five failed items, and scores that are missing, leave open. */
    const withoutScores = (missing: number, sum: number, n: number) => ({
      failed: 5,
      worstCase: expect.closeTo(sum / (n + missing), 12),
      bestCase: expect.closeTo((sum + missing) / (n + missing), 12),
      reduced: null,
      categories: null,
      runLevel: null,
    });
    const nos = Array.from({ length: 155 }, (_, index) => index + 5);
    const expectedOf = (values: number[], kindOfMetric: 'numeric' | 'boolean') => {
      const n = values.length;
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
      const sorted = values.toSorted((a, b) => a - b);
      const sums = {
        n,
        sum: values.reduce((sum, value) => sum + value, 0),
        sumOfSquares: values.reduce((sum, value) => sum + value ** 2, 0),
      };
      const { confidenceLow, confidenceHigh } = summarizeScores(kindOfMetric, sums);
      return {
        n,
        mean: expect.closeTo(mean, 12),
        standardDeviation: expect.closeTo(Math.sqrt(variance), 12),
        standardError: expect.closeTo(Math.sqrt(variance / n), 12),
        confidenceLow: expect.closeTo(confidenceLow ?? NaN, 10),
        confidenceHigh: expect.closeTo(confidenceHigh ?? NaN, 10),
        min: sorted[0],
        max: sorted.at(-1),
        p50: expect.closeTo(quantile(sorted, 0.5) ?? NaN, 12),
        p95: expect.closeTo(quantile(sorted, 0.95) ?? NaN, 12),
        errors: 0,
        notApplicable: 0,
        ...withoutScores(5, sums.sum, n),
      };
    };
    const { items: metrics } = await world.runs.listMetrics(world.projectId, run.id);
    const even = nos.filter((no) => no % 2 === 0).length;
    expect(metrics).toEqual([
      {
        name: 'levenshtein_similarity',
        metric: 'levenshtein_similarity',
        passed: null,
        ...expectedOf(nos.map(similarity), 'numeric'),
      },
      {
        name: 'exact_match',
        metric: 'exact_match',
        passed: nos.filter((no) => exact(no) === 1).length,
        ...expectedOf(nos.map(exact), 'boolean'),
      },
      {
        name: 'contains',
        metric: 'contains',
        n: 0,
        mean: null,
        standardDeviation: null,
        standardError: null,
        confidenceLow: null,
        confidenceHigh: null,
        min: null,
        max: null,
        p50: null,
        p95: null,
        passed: null,
        errors: even,
        notApplicable: nos.length - even,
        ...withoutScores(160, 0, 0),
      },
    ]);
    // 52 of 155, by Wilson's formula outside of this project.
    expect(metrics[1]).toMatchObject({
      passed: 52,
      confidenceLow: expect.closeTo(0.2659, 3),
      confidenceHigh: expect.closeTo(0.4131, 3),
    });
    await expectExact(world, run.id);
  });

  test('while a run goes, the same numbers are there of what is done, but for the quantiles', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(0, 4)) {
      await work(world, job, ({ no }) => ({ scores: [scored(no % 2)] }));
    }
    const { items: metrics } = await world.runs.listMetrics(world.projectId, run.id);
    const n = 4 * SMALL_BATCH;
    expect(metrics).toMatchObject([{ n, mean: 0.5, min: 0, max: 1, p50: null, passed: n / 2 }]);
  });
});

describe.each(backends)('scoring the outputs of an earlier run on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  test('is refused until it has finished, and is a run of its own then', async () => {
    const datasetId = await world.seedDataset(50);
    const recordingId = await world.seedRecording(50, (i) => (i < 3 ? undefined : String(i)));
    const source = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    const target = { kind: 'recorded' as const, runId: source.id };
    await expect(world.submit({ datasetId, target })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'run_not_finished',
    });
    await world.startWorker();
    await world.waitForState(source.id, 'completed');

    const submitted = await world.submit({
      datasetId,
      target,
      metrics: [{ metric: 'levenshtein_similarity' }],
    });
    const run = await world.waitForState(submitted.id, 'completed');
    expect(run).toMatchObject({ done: 50, failed: 3 });
    expect(run.summary).toMatchObject([{ name: 'levenshtein_similarity', n: 47, mean: 1 }]);
    await expectExact(world, run.id);
    expect(await world.runs.get(world.projectId, source.id)).toMatchObject({
      summary: [{ name: 'exact_match', n: 47 }],
    });
    await waitFor(async () => (await board(world, 'runs').getActiveCount()) === 0 || undefined);
  });

  test("another project's run is not found", async () => {
    const datasetId = await world.seedDataset(5);
    const recordingId = await world.seedRecording(5);
    const source = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    await world.waitForState(source.id, 'completed');
    const otherProject = uuid();
    await world.database.query(sql`
      insert into projects (id, name) values (${otherProject}, 'other')`);
    await world.database.query(sql`
      update evaluation_runs set project_id = ${otherProject} where id = ${source.id}`);
    for (const runId of [source.id, uuid()]) {
      await expect(
        world.submit({ datasetId, target: { kind: 'recorded', runId } }),
      ).rejects.toMatchObject({ kind: 'not_found', code: 'run_not_found' });
    }
  });
});
