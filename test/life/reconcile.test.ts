import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { fill, reconcile } from '#libs/runs';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { SMALL_RUN, WINDOW } from '../support/batches.ts';
import { begin, claimedBatches, scored, work } from '../support/by-hand.ts';
import { expectExact } from '../support/exact.ts';
import { board, removeBatchJob } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('reconciling on %s', (kind) => {
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
  const started = async () => {
    const run = await submit();
    await fill(world.context, run.id);
    return { run, jobs: await claimedBatches(world, run.id) };
  };
  /** One pass that takes everything that looks lost for lost. */
  const pass = async () => {
    await waitFor(async () => ((await reconcile(world.context, 0)) ? true : undefined));
  };
  const stateOf = async (runId: string) =>
    world.database.queryOne<{ state: string; generation: number }>(sql`
      select state, generation from evaluation_runs where id = ${runId}`);
  const completes = async (runId: string) => {
    worker = await world.startWorker();
    const run = await world.waitForState(runId, 'completed');
    expect(run).toMatchObject({ done: SMALL_RUN, failed: 0 });
    await expectExact(world, runId);
  };

  test('a decision that was not sent is sent; one that is being sent right now is left alone', async () => {
    const { id } = await submit();
    await waitFor(async () => {
      const rows = await world.database.query(sql`select 1 from outbox where run_id = ${id}`);
      return rows.length === 0 ? true : undefined;
    });
    await world.database.query(sql`
      insert into outbox (run_id, generation, job) values (${id}, 7, 'start')`);
    await reconcile(world.context, 60_000);
    expect(await board(world, 'runs').getJob(`start-${id}-7`)).toBeFalsy();
    await pass();
    expect(await board(world, 'runs').getJob(`start-${id}-7`)).toBeTruthy();
    expect(await world.database.query(sql`select 1 from outbox where run_id = ${id}`)).toEqual([]);
    await world.runs.cancel(world.projectId, id);
  });

  test('of claimed batches, those whose job is gone are given out again, the others are left', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(0, 5)) await removeBatchJob(world, job);
    await pass();
    const attempts = (await claimedBatches(world, run.id)).map(({ attempt }) => attempt);
    expect(attempts).toEqual([...Array<number>(5).fill(2), ...Array<number>(WINDOW - 5).fill(1)]);
    await completes(run.id);
  });

  test('a batch whose job failed before it was worked on is given out again', async () => {
    const { run, jobs } = await started();
    // As the queue's own verdict on a job that has stalled too often: its handler is never called.
    for (const job of jobs) await removeBatchJob(world, job);
    const failing = world.queues.startWorker('batches', 4, () => Promise.reject(new Error('lost')));
    await world.queues.addBatches('batches', jobs.slice(0, 4));
    await waitFor(async () =>
      (await board(world, 'batches').getFailedCount()) >= 4 ? 1 : undefined,
    );
    await failing.close();
    await pass();
    const again = await claimedBatches(world, run.id);
    expect(again.map(({ attempt }) => attempt)).toEqual(Array(WINDOW).fill(2));
    await completes(run.id);
  });

  test('a batch that somebody works on is not taken away, however late it is', async () => {
    const { run, jobs } = await started();
    const [job] = jobs;
    if (!job) throw new Error('nothing was claimed');
    await begin(world, job);
    await pass();
    expect(await claimedBatches(world, run.id)).toEqual(jobs);
    await work(world, job, () => ({ scores: [scored(1)] }));
    await completes(run.id);
  });

  test('a run whose start was removed from the queue is started', async () => {
    const { id } = await submit();
    await waitFor(async () => {
      const rows = await world.database.query(sql`select 1 from outbox where run_id = ${id}`);
      return rows.length === 0 ? true : undefined;
    });
    await board(world, 'runs').remove(`start-${id}-1`);
    expect(await stateOf(id)).toMatchObject({ state: 'queued' });
    await pass();
    expect(await stateOf(id)).toMatchObject({ state: 'running' });
    await completes(id);
  });

  test('a window that nobody filled is filled', async () => {
    const { run, jobs } = await started();
    await world.database.query(sql`
      update run_batches set state = 'open' where run_id = ${run.id}`);
    await pass();
    expect(await claimedBatches(world, run.id)).toHaveLength(jobs.length);
    await completes(run.id);
  });

  test('a run with open items that no batch stands for goes on all the same', async () => {
    const { run, jobs } = await started();
    for (const job of jobs.slice(0, 10)) await work(world, job, () => ({ scores: [scored(1)] }));
    await world.database.query(sql`
      update run_batches set state = case when no % 2 = 0 then 'done' else 'split' end
      where run_id = ${run.id}`);
    await pass();
    expect((await claimedBatches(world, run.id)).map(({ batch }) => batch)).toEqual(
      jobs.slice(10).map(({ batch }) => batch),
    );
    await completes(run.id);
  });

  test('a finish that was lost is decided again; one that waits its turn stays the right one', async () => {
    const { run, jobs } = await started();
    for (const job of jobs) await work(world, job, () => ({ scores: [scored(1)] }));
    await fill(world.context, run.id);
    await pass();
    await pass();
    expect(await stateOf(run.id)).toEqual({ state: 'running', generation: 1 });

    await board(world, 'runs').remove(`finish-${run.id}-1`);
    await pass();
    expect(await stateOf(run.id)).toEqual({ state: 'running', generation: 2 });
    await completes(run.id);
  });

  test('a finish that failed for good, and whose id the queue still holds, is decided again', async () => {
    const { run, jobs } = await started();
    for (const job of jobs) await work(world, job, () => ({ scores: [scored(1)] }));
    const { queues } = world;
    await world.database.query(sql`delete from outbox where run_id = ${run.id}`);
    await board(world, 'runs').add(
      'finish',
      { runId: run.id, generation: 1 },
      { jobId: `finish-${run.id}-1`, attempts: 1 },
    );
    const failing = queues.startWorker('runs', 1, () => Promise.reject(new Error('broken')));
    await waitFor(async () =>
      (await queues.runStepVerdict('finish', { runId: run.id, generation: 1 })) === 'finished'
        ? true
        : undefined,
    );
    await failing.close();
    await pass();
    expect(await stateOf(run.id)).toEqual({ state: 'running', generation: 2 });
    await completes(run.id);
  });

  test('of two reconcilers at the same moment one works', async () => {
    const free = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { run, jobs } = await started();
    const queues = {
      ...world.queues,
      batchVerdict: async () => {
        asked.resolve();
        await free.promise;
        return 'pending' as const;
      },
    };
    const first = reconcile({ ...world.context, queues }, 0);
    await asked.promise;
    expect(await reconcile(world.context, 0)).toBe(false);
    free.resolve();
    expect(await first).toBe(true);
    expect(await claimedBatches(world, run.id)).toEqual(jobs);
    await world.runs.cancel(world.projectId, run.id);
  });

  test('what is claimed of a canceled run is forgotten, and nothing is given out', async () => {
    const { run, jobs } = await started();
    await world.runs.cancel(world.projectId, run.id);
    for (const job of jobs) await removeBatchJob(world, job);
    await pass();
    await pass();
    expect(await claimedBatches(world, run.id)).toEqual([]);
    expect(await stateOf(run.id)).toMatchObject({ state: 'canceled' });
  });
});
