import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createCalls } from '#libs/calls';
import type { BatchJob } from '#libs/contracts';
import { sql } from '#libs/database';
import { fill, reopen } from '#libs/runs';
import { createBatchHandler } from '../../apps/worker/batches.ts';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { SMALL_BATCH, SMALL_RUN, WINDOW } from '../support/batches.ts';
import { claimedBatches, failedItem, scored, work } from '../support/by-hand.ts';
import { expectExact } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { noTools, unaborted } from '../support/scoring.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const right = () => ({ scores: [scored(1)] });

/** A batch that ends fills the window again only where there may be something to fill it with. */
describe.each(backends)('filling again after a batch on %s', (kind) => {
  let world: World;
  let datasetId: string;
  let recordingId: string;
  let workers: WorkerProcess[] = [];
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(SMALL_RUN);
    recordingId = await world.seedRecording(SMALL_RUN);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
  });
  afterAll(() => world.close());

  const submit = () => world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
  /** As where so many runs go on beside it. */
  const shrinkWindow = (runId: string, window: number) =>
    world.database.query(sql`
      update evaluation_runs set batch_window = ${window} where id = ${runId}`);
  const started = async (window = WINDOW) => {
    const { id } = await submit();
    await shrinkWindow(id, window);
    await fill(world.context, id);
    return { id, jobs: await claimedBatches(world, id) };
  };
  const batchesIn = async (runId: string, state: string) =>
    (
      await world.database.query(sql`
        select 1 from run_batches where run_id = ${runId} and state = ${state}`)
    ).length;
  /** Does what is claimed, one after another, filling only where a batch says so. */
  const goOn = async (runId: string) => {
    const asked: boolean[] = [];
    for (let job; (job = (await claimedBatches(world, runId))[0]);) {
      const { more } = await work(world, job, right);
      asked.push(more);
      if (more) await fill(world.context, runId);
    }
    return asked;
  };
  const expectDone = async (runId: string) => {
    expect(await world.runs.get(world.projectId, runId)).toMatchObject({ done: SMALL_RUN });
    expect(await batchesIn(runId, 'done')).toBe(WINDOW);
    await expectExact(world, runId);
  };
  const worker = async (...how: Parameters<World['startWorker']>) => {
    // Nothing but batches that end may fill.
    const process = await world.startWorker({ ...how[0], reconcileIntervalMs: 600_000 }, how[1]);
    workers.push(process);
    return process;
  };

  test('the last one of a run does, to send its finish; those before it, once all are claimed, do not', async () => {
    const { id } = await started();
    expect(await goOn(id)).toEqual([...Array<boolean>(WINDOW - 1).fill(false), true]);
    await expectDone(id);
  });

  test('those do after which items are left that no batch has taken', async () => {
    const { id } = await started(3);
    expect(await goOn(id)).toEqual([...Array<boolean>(WINDOW - 3).fill(true), false, false, true]);
    await expectDone(id);
  });

  test('those do while batches that were opened again wait beyond the window', async () => {
    const { id, jobs } = await started();
    for (const job of jobs.slice(0, 3)) await work(world, job, () => failedItem);
    await shrinkWindow(id, WINDOW - 3);
    expect(await reopen(world.context, id)).toEqual({ opened: 3 * SMALL_BATCH });
    await fill(world.context, id);
    expect([await batchesIn(id, 'claimed'), await batchesIn(id, 'open')]).toEqual([WINDOW - 3, 3]);
    // Three that wait; then all are claimed.
    expect(await goOn(id)).toEqual([
      ...Array<boolean>(3).fill(true),
      ...Array<boolean>(WINDOW - 4).fill(false),
      true,
    ]);
    await expectDone(id);
  });

  test('whatever is opened again while batches end, none waits that nobody fills for', async () => {
    const { id } = await started();
    await shrinkWindow(id, 2);
    const taken = new Set<string>();
    const take = async (): Promise<BatchJob | undefined> => {
      const idOf = ({ batch, attempt }: BatchJob) => `${batch}-${attempt}`;
      const job = (await claimedBatches(world, id)).find((one) => !taken.has(idOf(one)));
      if (job) taken.add(idOf(job));
      return job;
    };
    const worker = async () => {
      for (let job; (job = await take());) {
        const { more } = await work(world, job, ({ no, attempt }) =>
          (no + attempt) % 5 === 0 ? failedItem : right(),
        );
        if (more) await fill(world.context, id);
      }
    };
    // Ends while the window is full: what it opened waits for batches that end.
    const retrier = async () => {
      while ((await batchesIn(id, 'claimed')) > 4) {
        await reopen(world.context, id);
        await fill(world.context, id);
      }
      await worker();
    };
    await Promise.all([worker(), worker(), worker(), worker(), retrier(), retrier()]);
    expect([await batchesIn(id, 'claimed'), await batchesIn(id, 'open')]).toEqual([0, 0]);
    await expectDone(id);
  });

  test('what a worker handed back while the window was full is done, without the reconciler', async () => {
    const hold = createHold();
    const leaving = await worker({ workerConcurrency: 4, shutdownDeadlineMs: 500 }, hold.tools);
    const { id } = await submit();
    await hold.reached(4);
    await shrinkWindow(id, 4);
    await leaving.stop();
    expect([await batchesIn(id, 'claimed'), await batchesIn(id, 'open')]).toEqual([WINDOW - 4, 4]);

    await worker();
    expect(await world.waitForState(id, 'completed')).toMatchObject({ failed: 0 });
    await expectDone(id);
  });

  test('a worker asks the queue no more often than that', async () => {
    const { id, jobs } = await started();
    let fills = 0;
    const queues: World['queues'] = {
      ...world.queues,
      addBatches: async (queue, batches) => {
        fills += 1;
        await world.queues.addBatches(queue, batches);
      },
    };
    const calls = createCalls(world);
    const handler = createBatchHandler(
      { ...world.context, queues },
      { during: (_runId, produce) => produce(unaborted), stop: async () => {} },
      {
        createTarget: () => ({ produce: async (cases) => cases.map(() => ({ output: 'x' })) }),
        scorer: { score: async () => [scored(1)] },
        lanes: calls,
        ports: {
          caller: calls,
          http: noTools.http,
          models: () => noTools.models,
          secrets: { secret: () => Promise.reject(new Error('there are none')) },
        },
      },
    );
    const counts: number[] = [];
    for (const job of jobs) {
      await handler.handle('batches')(job, {
        name: 'batch',
        attemptsMade: 0,
        hint: async () => {},
        defer: () => Promise.reject(new Error('nothing is put off')),
      });
      counts.push(fills);
    }
    await calls.close();
    expect(counts).toEqual([...Array<number>(WINDOW - 1).fill(0), 1]);
    await expectDone(id);
  });
});
