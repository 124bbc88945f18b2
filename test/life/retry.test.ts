import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { fill, finish, reopen } from '#libs/runs';
import { SMALL_BATCH, SMALL_RUN, WINDOW } from '../support/batches.ts';
import { claimedBatches, failedItem, scored, work } from '../support/by-hand.ts';
import { expectExact, keptSums } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { board } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

/** Items of a run of three batches. */
const TOTAL = 3 * SMALL_BATCH;

describe.each(backends)('retrying a run on %s', (kind) => {
  let world: World;
  let datasetId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(TOTAL);
    await world.startWorker();
  });
  afterAll(() => world.close());

  /** A completed run whose first items had no output. */
  const withMissing = async (missing: number) => {
    const recordingId = await world.seedRecording(TOTAL, (i) =>
      i < missing ? undefined : String(i),
    );
    const submitted = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    const run = await world.waitForState(submitted.id, 'completed');
    return { run, recordingId };
  };
  const addMissing = (recordingId: string, missing: number) =>
    world.database.query(sql`
      insert into recorded_outputs (recording_id, key, repeat, output)
      select ${recordingId}, 'item-' || n, 0, to_json(n::text)
      from generate_series(0, ${missing - 1}::int) as n`);
  const generationOf = async (runId: string) =>
    (
      await world.database.queryOne<{ generation: number }>(
        sql`select generation from evaluation_runs where id = ${runId}`,
      )
    )?.generation;

  test('what was missing is there now: a retry completes with nothing failed', async () => {
    // One batch and a part of the next.
    const missing = SMALL_BATCH + 5;
    const { run, recordingId } = await withMissing(missing);
    expect(run).toMatchObject({ done: TOTAL, failed: missing });
    await addMissing(recordingId, missing);

    const retried = await world.runs.retry(world.projectId, run.id);
    expect(retried.version).toBeGreaterThan(run.version);
    const done = await world.waitForState(run.id, 'completed');
    expect(done).toMatchObject({ done: TOTAL, failed: 0 });
    expect(done.summary).toMatchObject([{ n: TOTAL, mean: 1 }]);
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: TOTAL,
      sort: 'position',
    });
    expect(items.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: TOTAL }, (_, index) => (index < missing ? 2 : 1)),
    );
    const { items: metrics } = await world.runs.listMetrics(world.projectId, run.id);
    expect(metrics).toMatchObject([{ n: TOTAL, mean: 1, p50: 1 }]);
    // No call failed; the attempt did.
    expect(items[0]?.tries).toMatchObject([{ attempt: 1, class: 'output_missing' }]);
    expect(done.errors).toEqual([{ class: 'output_missing', items: 0, tries: missing, scores: 0 }]);
    await expectExact(world, run.id);
  });

  test('what fails again is counted again, once', async () => {
    const { run } = await withMissing(7);
    for (const generation of [2, 3]) {
      await world.runs.retry(world.projectId, run.id);
      const again = await world.waitForState(run.id, 'completed');
      expect(again).toMatchObject({ done: TOTAL, failed: 7 });
      expect(await generationOf(run.id)).toBe(generation);
      await expectExact(world, run.id);
    }
  });

  test('where nothing has failed there is nothing to retry', async () => {
    const { run } = await withMissing(0);
    await expect(world.runs.retry(world.projectId, run.id)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'nothing_to_retry',
    });
    expect(await world.runs.get(world.projectId, run.id)).toEqual(run);
  });

  test('many people who retry at the same moment retry once', async () => {
    const { run, recordingId } = await withMissing(20);
    await addMissing(recordingId, 20);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => world.runs.retry(world.projectId, run.id)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    const done = await world.waitForState(run.id, 'completed');
    expect(done).toMatchObject({ done: TOTAL, failed: 0 });
    await expectExact(world, run.id);
  });

  test('a retry in Bull Board opens the failed items of that batch, and no others', async () => {
    const { run, recordingId } = await withMissing(2 * SMALL_BATCH);
    const failedJobs = () =>
      waitFor(async () => {
        const jobs = await board(world, 'batches').getJobs(['failed'], 0, 100);
        const ofRun = jobs.filter(({ data }) => data.runId === run.id);
        return ofRun.length === 2 ? ofRun : undefined;
      });
    const [first] = (await failedJobs()).filter(({ data }) => data.batch === 0);
    if (!first) throw new Error('the job of the first batch did not fail');
    await addMissing(recordingId, 2 * SMALL_BATCH);

    // As Bull Board's button does it.
    await first.retry('failed');
    await waitFor(async () => {
      const now = await world.runs.get(world.projectId, run.id);
      return now.state === 'completed' && now.failed === SMALL_BATCH ? now : undefined;
    });
    expect(await generationOf(run.id)).toBe(2);
    await expectExact(world, run.id);
    const batches = await world.database.query(sql`
      select attempt from run_batches where run_id = ${run.id} and no < 2 order by no`);
    expect(batches).toEqual([{ attempt: 2 }, { attempt: 1 }]);
  });
});

describe.each(backends)('retrying a job of a canceled run on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  test('is refused in Bull Board too, in words for people', async () => {
    const datasetId = await world.seedDataset(2 * SMALL_BATCH);
    const recordingId = await world.seedRecording(2 * SMALL_BATCH, () => undefined);
    const { id } = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    // Its second batch never gets through, so that it can be canceled with a failed job.
    const hold = createHold(1);
    await world.startWorker({ workerConcurrency: 1 }, hold.tools);
    await hold.reached(2);
    await world.runs.cancel(world.projectId, id);
    const failedWith = (reason: RegExp) =>
      waitFor(async () => {
        const jobs = await board(world, 'batches').getJobs(['failed'], 0, 10);
        return jobs.find(({ failedReason }) => reason.test(failedReason));
      });
    const job = await failedWith(new RegExp(`${SMALL_BATCH} of ${SMALL_BATCH} items failed`));
    await job.retry('failed');
    const refused = await failedWith(/canceled cannot be retried/);
    expect(refused.id).toBe(job.id);
    expect(await world.runs.get(world.projectId, id)).toMatchObject({
      state: 'canceled',
      done: SMALL_BATCH,
      failed: SMALL_BATCH,
    });
    await expectExact(world, id);
  });
});

describe.each(backends)('retrying by hand on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  /** A run whose batches are all claimed, and fill its window. */
  const started = async () => {
    const datasetId = await world.seedDataset(SMALL_RUN);
    const recordingId = await world.seedRecording(SMALL_RUN);
    const run = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    await fill(world.context, run.id);
    const jobs = await claimedBatches(world, run.id);
    return { run, jobs };
  };
  const results = ({ no }: { no: number }) =>
    no % SMALL_BATCH < 2 ? failedItem : { scores: [scored(no % 2)], costUsd: 0.5 };

  test('while the run goes, failed items are opened and its state stays', async () => {
    const { run, jobs } = await started();
    const right = SMALL_BATCH - 2;
    for (const job of jobs.slice(0, 3)) await work(world, job, results);
    const retried = await world.runs.retry(world.projectId, run.id);
    expect(retried).toMatchObject({
      state: 'running',
      done: 3 * right,
      failed: 0,
      costUsd: 1.5 * right,
    });
    await expectExact(world, run.id);

    await waitFor(async () => {
      const batches = await claimedBatches(world, run.id);
      return batches.length === WINDOW ? batches : undefined;
    });
    for (const job of await claimedBatches(world, run.id)) {
      await work(world, job, () => ({ scores: [scored(1)] }));
    }
    expect(await world.runs.get(world.projectId, run.id)).toMatchObject({
      done: SMALL_RUN,
      failed: 0,
    });
    await expectExact(world, run.id);
  });

  test('while it is paused, failed items wait open; a canceled run refuses', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(0, 2)) await work(world, job, results);
    await world.runs.pause(world.projectId, run.id);
    const retried = await world.runs.retry(world.projectId, run.id);
    expect(retried).toMatchObject({ state: 'paused', done: 2 * (SMALL_BATCH - 2), failed: 0 });
    await expectExact(world, run.id);

    await world.runs.cancel(world.projectId, run.id);
    await expect(world.runs.retry(world.projectId, run.id)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'run_state',
    });
  });

  test('counters and sums go back by exactly what the failed items had added', async () => {
    const { run, jobs } = await started();
    const [first, second] = jobs;
    if (!first || !second) throw new Error('nothing was claimed');
    await work(world, first, ({ no }) => ({ scores: [scored(0.1 * no), scored(1e16, 1)] }));
    const sums = await keptSums(world, run.id);
    // Failed items that carry scores all the same, as an imported run's could.
    await work(world, second, ({ no }) => ({
      ...failedItem,
      scores: [scored(no / 3), scored(1e-17, 1)],
    }));
    expect(await reopen(world.context, run.id)).toEqual({ opened: SMALL_BATCH });
    expect(await keptSums(world, run.id)).toEqual(sums);
    await expectExact(world, run.id);
  });

  test('the finish of an older generation does nothing', async () => {
    const { run, jobs } = await started();
    for (const job of jobs) await work(world, job, results);
    expect(await reopen(world.context, run.id)).toEqual({ opened: 2 * WINDOW });
    await fill(world.context, run.id);
    for (const job of await claimedBatches(world, run.id)) await work(world, job, results);

    expect(await finish(world.context, { runId: run.id, generation: 1 })).toBe(false);
    expect(await world.runs.get(world.projectId, run.id)).toMatchObject({ state: 'running' });
    expect(await finish(world.context, { runId: run.id, generation: 2 })).toBe(true);
    expect(await finish(world.context, { runId: run.id, generation: 2 })).toBe(false);
  });

  test('a run that stopped early goes on with what is open', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(0, 4)) {
      await work(world, job, () => ({ scores: [scored(1)] }));
    }
    await world.database.query(sql`
      update evaluation_runs set state = 'failed', reason = 'time cap' where id = ${run.id}`);
    const retried = await world.runs.retry(world.projectId, run.id);
    expect(retried).toMatchObject({ state: 'running', reason: null, done: 4 * SMALL_BATCH });
  });
});
