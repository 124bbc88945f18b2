import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { expectExact } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { liveJobs } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('many workers on %s', (kind) => {
  let world: World;
  let workers: WorkerProcess[] = [];
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
  });
  afterAll(() => world.close());

  const start = async (...how: Parameters<World['startWorker']>): Promise<WorkerProcess> => {
    const worker = await world.startWorker(...how);
    workers.push(worker);
    return worker;
  };
  test('a worker tells those who watch over it that it is ready, and what its pool and its calls do', async () => {
    const { healthPort } = await start({ workerHealthPort: 0 });
    const ask = (path: string) => fetch(`http://127.0.0.1:${healthPort}${path}`);
    expect((await ask('/health/live')).status).toBe(200);
    // Its connection to the queue may still be on its way.
    const ready = await waitFor(async () => {
      const answer = await ask('/health/ready');
      return answer.status === 200 ? answer : undefined;
    });
    expect(await ready.json()).toEqual({ status: 'ready' });
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toMatch(/^llm_eval_database_connections\{state="waiting"\} 0$/m);
    expect(metrics).toMatch(/^llm_eval_calls\{state="in_flight"\} 0$/m);
    expect(metrics).toMatch(/^llm_eval_calls\{state="waiting"\} 0$/m);
    expect(metrics).toMatch(/^llm_eval_calls_refused_total 0$/m);
    expect((await ask('/other')).status).toBe(404);
  });

  const stop = async (worker: WorkerProcess): Promise<void> => {
    workers = workers.filter((other) => other !== worker);
    await worker.stop();
  };
  const submit = async (count: number) =>
    world.submit({
      datasetId: await world.seedDataset(count),
      target: { kind: 'recorded', recordingId: await world.seedRecording(count) },
    });

  test('two workers share one run', async () => {
    const [one, two] = [createHold(), createHold()];
    await start({ workerConcurrency: 4 }, one.tools);
    await start({ workerConcurrency: 4 }, two.tools);
    const submitted = await submit(1_600);
    // Each has taken as many batches as it may work on, at the same time.
    await Promise.all([one.reached(4), two.reached(4)]);
    one.release();
    two.release();
    await world.waitForState(submitted.id, 'completed');
    expect(one.begun() + two.begun()).toBe(16);
    await expectExact(world, submitted.id);
  });

  test('a batch in the middle of a run is hinted at, not only its start and its end', async () => {
    const hints: unknown[] = [];
    const stopListening = await world.queues.listenForHints((hint) => hints.push(hint));
    const hold = createHold(1);
    try {
      await start({ workerConcurrency: 1 }, hold.tools);
      const { id: runId } = await submit(100);
      await hold.reached(2);
      // One from the start; the second is the first batch's, since the next one is held.
      await waitFor(() => (hints.length >= 2 ? true : undefined));
      expect(hints).toEqual([{ runId }, { runId }]);
      hold.release();
      await world.waitForState(runId, 'completed');
    } finally {
      hold.release();
      await stopListening();
    }
  });

  test('a worker that comes later takes its part of a run that goes already', async () => {
    const first = createHold();
    await start({ workerConcurrency: 2 }, first.tools);
    const submitted = await submit(1_600);
    await first.reached(2);
    const second = createHold();
    await start({ workerConcurrency: 14 }, second.tools);
    await second.reached(14);
    second.release();
    await waitFor(async () => {
      const { done } = await world.runs.get(world.projectId, submitted.id);
      return done === 1_400 ? true : undefined;
    });
    first.release();
    const run = await world.waitForState(submitted.id, 'completed');
    expect(run).toMatchObject({ done: 1_600, failed: 0 });
    await expectExact(world, submitted.id);
  });

  test('a worker that stops hands back what does not end in time, and another does it', async () => {
    const stuck = createHold();
    const leaving = await start({ workerConcurrency: 4, shutdownDeadlineMs: 500 }, stuck.tools);
    const submitted = await submit(160);
    await stuck.reached(4);
    await stop(leaving);
    expect(stuck.begun()).toBe(4);

    const batches = await world.database.query(sql`
      select no, losses, faults from run_batches
      where run_id = ${submitted.id} and (losses > 0 or faults > 0)`);
    expect(batches).toEqual([]);
    await start();
    const run = await world.waitForState(submitted.id, 'completed');
    expect(run).toMatchObject({ done: 160, failed: 0 });
    await expectExact(world, run.id);
    await waitFor(async () => ((await liveJobs(world, 'batches')) === 0 ? true : undefined));
  });
});
