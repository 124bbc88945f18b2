import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, uuid } from '#libs/database';
import { fill, finish } from '#libs/runs';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { SMALL_BATCH, SMALL_RUN } from '../support/batches.ts';
import {
  begin,
  claimedBatches,
  resultsOf,
  scored,
  start,
  store,
  work,
} from '../support/by-hand.ts';
import { expectExact } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { liveJobs } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('pausing, resuming and canceling on %s', (kind) => {
  let world: World;
  let worker: WorkerProcess | undefined;
  let datasetId: string;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(SMALL_RUN);
    recordingId = await world.seedRecording(SMALL_RUN);
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
  });
  afterAll(() => world.close());

  const submit = () => world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
  const get = (runId: string) => world.runs.get(world.projectId, runId);
  const emptyQueue = () =>
    waitFor(
      async () => ((await liveJobs(world, 'batches')) === 0 ? true : undefined),
      async () => `${await liveJobs(world, 'batches')} jobs are left`,
    );
  /** A run all of whose batches are claimed, and no worker. */
  const started = async () => {
    const run = await submit();
    await fill(world.context, run.id);
    const jobs = await claimedBatches(world, run.id);
    const [job] = jobs;
    if (!job) throw new Error('nothing was claimed');
    return { run, jobs, job };
  };

  test('paused, what is in flight is still stored and nothing else is begun; resumed, it goes on', async () => {
    const hold = createHold();
    worker = await world.startWorker({ workerConcurrency: 3 }, hold.tools);
    const { id } = await submit();
    await hold.reached(3);
    expect(await world.runs.pause(world.projectId, id)).toMatchObject({ state: 'paused', done: 0 });
    hold.release();
    await emptyQueue();
    expect(await get(id)).toMatchObject({ state: 'paused', done: 3 * SMALL_BATCH });
    expect(hold.begun()).toBe(3);
    await expectExact(world, id);

    await world.runs.resume(world.projectId, id);
    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: SMALL_RUN, failed: 0 });
    await expectExact(world, id);
  });

  test('canceled, what is in flight is aborted, nothing is stored, and its batches leave the queue', async () => {
    const hold = createHold();
    worker = await world.startWorker({ workerConcurrency: 3 }, hold.tools);
    const { id } = await submit();
    await hold.reached(3);
    expect(await world.runs.cancel(world.projectId, id)).toMatchObject({ state: 'canceled' });
    // The target is never let go: only the abort can end what is in flight.
    await emptyQueue();
    const run = await get(id);
    expect(run).toMatchObject({ state: 'canceled', done: 0 });
    expect(run.finishedAt).not.toBeNull();
    expect(hold.begun()).toBe(3);
    expect(
      await world.database.query(sql`select 1 from evaluation_items where run_id = ${id}`),
    ).toEqual([]);
    await expect(world.runs.retry(world.projectId, id)).rejects.toMatchObject({
      code: 'run_state',
    });
    await expect(world.runs.resume(world.projectId, id)).rejects.toMatchObject({
      code: 'run_state',
    });
    expect((await get(id)).version).toBe(run.version);
  });

  test('what comes back from a canceled run is not stored, but its cost is booked', async () => {
    const { run, jobs, job } = await started();
    await work(world, job, () => ({ scores: [scored(1)], costUsd: 0.1 }));
    const [, second] = jobs;
    if (!second) throw new Error('nothing was claimed');
    const batch = await begin(world, second);
    const results = await resultsOf(world, batch, () => ({
      scores: [scored(1)],
      costUsd: 0.2,
      inputTokens: 5,
      outputTokens: 7,
    }));
    await world.runs.cancel(world.projectId, run.id);
    expect(await store(world, batch, results)).toMatchObject({
      accepted: false,
      closed: 0,
      failed: 0,
      last: false,
    });
    expect(await get(run.id)).toMatchObject({
      state: 'canceled',
      done: SMALL_BATCH,
      costUsd: (3 * SMALL_BATCH) / 10,
      inputTokens: 5 * SMALL_BATCH,
      outputTokens: 7 * SMALL_BATCH,
    });
    await expectExact(world, run.id);
  });

  test('a paused run gives no batch out, and takes its claims back when it is resumed', async () => {
    const { run, jobs, job } = await started();
    await world.runs.pause(world.projectId, run.id);
    for (const claimed of jobs) {
      expect(await start(world, claimed)).toEqual({ kind: 'stale' });
    }
    expect(await claimedBatches(world, run.id)).toEqual([]);
    await world.runs.resume(world.projectId, run.id);
    const again = await waitFor(async () => {
      const batches = await claimedBatches(world, run.id);
      return batches.length === jobs.length ? batches : undefined;
    });
    expect(again[0]).toEqual({ ...job, attempt: 2 });
    const [losses] = await world.database.query(sql`
      select sum(losses)::int as sum from run_batches where run_id = ${run.id}`);
    expect(losses).toEqual({ sum: 0 });
    await world.runs.cancel(world.projectId, run.id);
  });

  test('the last item that is closed while paused lets the run finish after it is resumed', async () => {
    const { run, jobs } = await started();
    const batches = [];
    for (const job of jobs) batches.push(await begin(world, job));
    await world.runs.pause(world.projectId, run.id);
    for (const batch of batches) {
      const results = await resultsOf(world, batch, () => ({ scores: [scored(1)] }));
      expect(await store(world, batch, results)).toMatchObject({ last: false });
    }
    expect(await get(run.id)).toMatchObject({ state: 'paused', done: SMALL_RUN });
    expect(await finish(world.context, { runId: run.id, generation: 1 })).toBe(false);

    worker = await world.startWorker();
    await world.runs.resume(world.projectId, run.id);
    expect(await world.waitForState(run.id, 'completed')).toMatchObject({ done: SMALL_RUN });
  });

  test('asked again, pause, resume and cancel change nothing; what a state does not allow is refused', async () => {
    const { run } = await started();
    const { id } = run;
    const paused = await world.runs.pause(world.projectId, id);
    expect(await world.runs.pause(world.projectId, id)).toEqual(paused);
    const resumed = await world.runs.resume(world.projectId, id);
    expect(await world.runs.resume(world.projectId, id)).toMatchObject({
      version: resumed.version,
    });
    const canceled = await world.runs.cancel(world.projectId, id);
    expect(await world.runs.cancel(world.projectId, id)).toEqual(canceled);
    await expect(world.runs.pause(world.projectId, id)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'run_state',
      message: 'A run that is canceled cannot be paused; only one that is running can.',
    });
    for (const action of ['pause', 'resume', 'cancel', 'retry', 'get'] as const) {
      await expect(world.runs[action](uuid(), id)).rejects.toMatchObject({ code: 'run_not_found' });
    }
  });

  test('pause, resume and cancel at the same moment as the work leave exact counts', async () => {
    worker = await world.startWorker({ workerConcurrency: 4 });
    const { id } = await submit();
    await world.waitForState(id, 'running');
    for (let round = 0; round < 10; round += 1) {
      await Promise.allSettled([
        world.runs.pause(world.projectId, id),
        world.runs.resume(world.projectId, id),
        fill(world.context, id),
      ]);
    }
    await world.runs.resume(world.projectId, id).catch(() => undefined);
    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: SMALL_RUN, failed: 0 });
    await expectExact(world, id);
  });
});
