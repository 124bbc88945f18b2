import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { fill, reconcile } from '#libs/runs';
import { WINDOW } from '../support/batches.ts';
import { claimedBatches, work } from '../support/by-hand.ts';
import { expectExact } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { board, liveJobs } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('filling the queue on %s', (kind) => {
  let world: World;
  let datasetId: string;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(4_100);
    recordingId = await world.seedRecording(4_100);
  });
  afterAll(() => world.close());

  const submit = async () => {
    const run = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    await world.database.query(sql`delete from outbox where run_id = ${run.id}`);
    return run;
  };
  const batchesOf = (runId: string) =>
    world.database.query<{ first: number; count: number; attempt: number }>(sql`
      select first, count, attempt from run_batches where run_id = ${runId} order by no`);

  test('twenty fills at the same moment claim one window, and no batch twice', async () => {
    const run = await submit();
    const before = await liveJobs(world, 'batches');
    await Promise.all(Array.from({ length: 20 }, () => fill(world.context, run.id)));

    const batches = await batchesOf(run.id);
    expect(batches.map(({ first, count }) => [first, count])).toEqual(
      Array.from({ length: WINDOW }, (_, index) => [index * 250, 250]),
    );
    expect(batches.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(await liveJobs(world, 'batches')).toBe(before + WINDOW);
  });

  test('while batches end and fills race, the window is never exceeded', async () => {
    const run = await submit();
    await fill(world.context, run.id);
    let most = 0;
    for (let batches; (batches = await claimedBatches(world, run.id)).length > 0;) {
      most = Math.max(most, batches.length);
      await Promise.all(
        batches.slice(0, 4).map(async (batch) => {
          await work(world, batch);
          await Promise.all([fill(world.context, run.id), fill(world.context, run.id)]);
        }),
      );
    }
    expect(most).toBe(WINDOW);
    expect(await batchesOf(run.id)).toHaveLength(17);
    expect(await world.runs.get(world.projectId, run.id)).toMatchObject({ done: 4_100 });
  });

  test('a claim that could not be sent is found by the reconciler', async () => {
    const run = await submit();
    const queues = { ...world.queues, addBatches: () => Promise.reject(new Error('gone')) };
    await expect(fill({ ...world.context, queues }, run.id)).rejects.toThrow('gone');
    expect(await claimedBatches(world, run.id)).toHaveLength(WINDOW);

    await waitFor(async () => ((await reconcile(world.context, 0)) ? true : undefined));
    const again = await claimedBatches(world, run.id);
    expect(again.map(({ attempt }) => attempt)).toEqual(Array(WINDOW).fill(2));
    for (const { batch } of again) {
      expect(await board(world, 'batches').getJob(`${run.id}-${batch}-2`)).toBeDefined();
    }
  });

  test('a run that is queued, paused or canceled gets nothing new', async () => {
    const run = await submit();
    await fill(world.context, run.id);
    await world.runs.pause(world.projectId, run.id);
    const [batch] = await claimedBatches(world, run.id);
    if (!batch) throw new Error('nothing was claimed');
    await world.database.query(sql`
      update run_batches set state = 'open' where run_id = ${run.id} and no < 8`);
    await fill(world.context, run.id);
    expect(await claimedBatches(world, run.id)).toHaveLength(WINDOW - 8);

    await world.runs.cancel(world.projectId, run.id);
    await fill(world.context, run.id);
    expect(await claimedBatches(world, run.id)).toHaveLength(WINDOW - 8);
    await fill(world.context, '00000000-0000-7000-8000-000000000000');
  });
});

describe.each(backends)('sharing the queue on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  test('a short run that comes later is not starved by a long one', async () => {
    const datasetId = await world.seedDataset(10_000);
    const recordingId = await world.seedRecording(10_000);
    const shortId = await world.seedDataset(10);
    const target = { kind: 'recorded' as const, recordingId };
    const long = await world.submit({ datasetId, target });
    // Two of its forty batches go through, then the short run comes.
    const hold = createHold(2);
    await world.startWorker({ workerConcurrency: 1 }, hold.tools);
    await hold.reached(3);
    expect(await liveJobs(world, 'batches')).toBeLessThanOrEqual(WINDOW);
    const short = await world.submit({ datasetId: shortId, target });
    await world.waitForState(short.id, 'running');
    hold.release();

    await world.waitForState(short.id, 'completed');
    // All that was in the queue before it is one window, so most of the long run was still to come.
    const [before] = await world.database.query<{ closed: number }>(sql`
      select count(*)::int as closed from evaluation_items
      where run_id = ${long.id} and created_at < (
        select min(created_at) from evaluation_items where run_id = ${short.id})`);
    expect(before?.closed).toBeLessThanOrEqual((WINDOW + 3) * 250);
    await world.waitForState(long.id, 'completed');
    await expectExact(world, long.id);
    expect(hold.begun()).toBe(41);
  });

  test.each(['another', 'the same'])(
    'many long runs of one project do not hold up a small one of %s project',
    async (whose) => {
      const shared = await createWorld(kind);
      try {
        const datasetId = await shared.seedDataset(8_000);
        const recordingId = await shared.seedRecording(8_000);
        const target = { kind: 'recorded' as const, recordingId };
        const long: Run[] = [];
        for (let run = 0; run < 6; run += 1) long.push(await shared.submit({ datasetId, target }));
        // Of their 192 batches so many go through that each run has come down to its share.
        const hold = createHold(110);
        await shared.startWorker({ workerConcurrency: 1 }, hold.tools);
        await hold.reached(111);
        expect(await liveJobs(shared, 'batches')).toBeLessThanOrEqual(WINDOW);

        const smallData = await shared.seedDataset(100);
        const projectId = whose === 'another' ? uuid() : shared.projectId;
        if (whose === 'another') {
          await shared.database.query(sql`
            insert into projects (id, name) values (${projectId}, 'another')`);
        }
        const smallOut = await shared.seedRecording(100);
        await shared.database.query(sql`
          update datasets set project_id = ${projectId} where id = ${smallData}`);
        await shared.database.query(sql`
          update recordings set project_id = ${projectId} where id = ${smallOut}`);
        const closed = await closedItems(shared, long);
        const small = await shared.runs.submit(projectId, {
          ...asSubmitted,
          datasetId: smallData,
          target: { kind: 'recorded', recordingId: smallOut },
        });
        await waitFor(async () => {
          const { state } = await shared.runs.get(projectId, small.id);
          return state === 'running' ? true : undefined;
        });
        hold.release();
        await waitFor(async () => {
          const { state } = await shared.runs.get(projectId, small.id);
          return state === 'completed' ? true : undefined;
        });

        // What its last item waited for is what the long runs had in the queue: their one window.
        const before = await closedItems(shared, long, small);
        expect(before - closed).toBeLessThanOrEqual((WINDOW + 3) * 250);
        const states = await Promise.all(
          long.map(async ({ id }) => (await shared.runs.get(shared.projectId, id)).state),
        );
        expect(states).toEqual(long.map(() => 'running'));
        for (const { id } of long) await shared.waitForState(id, 'completed', 60_000);
        for (const { id } of long) await expectExact(shared, id);
      } finally {
        await shared.close();
      }
    },
    120_000,
  );

  test('the places of all living workers are filled, however many runs share them', async () => {
    // No worker of its own: nothing is worked on.
    const world = await createWorld(kind);
    const datasetId = await world.seedDataset(4_100);
    const recordingId = await world.seedRecording(4_100);
    await world.database.query(sql`
      insert into workers (id, version, hostname, pid, queues, rss_bytes, job_count, jobs,
        started_at, seen_at)
      select gen_random_uuid(), '1', 'host', 1, '{"batches": 4}', 1, 0, '[]', now(),
        now() - make_interval(secs => n) from unnest(array[0, 0, 0, 0, 0, 40]) as n`);
    const runs: Run[] = [];
    for (let run = 0; run < 5; run += 1) {
      const target = { kind: 'recorded' as const, recordingId };
      runs.push(await world.submit({ datasetId, target }));
    }
    await world.database.query(sql`update evaluation_runs set state = 'running'`);
    for (const { id } of runs) await fill(world.context, id);
    // Five workers of four places live, one is lost: twice twenty batches for five runs.
    const counts = await Promise.all(
      runs.map(async ({ id }) => (await claimedBatches(world, id)).length),
    );
    await world.close();
    expect(counts).toEqual([8, 8, 8, 8, 8]);
  });
});

const asSubmitted = {
  name: 'small',
  metrics: [{ metric: 'exact_match' }],
  repeats: 1,
  concurrency: 10,
  timeoutMs: 120_000,
  maxRetries: 4,
  cache: false,
  tags: [],
  metadata: {},
};

/** Items of these runs that were closed, before the last one of another where that is given. */
async function closedItems(world: World, runs: readonly Run[], before?: Run): Promise<number> {
  const row = await world.database.queryOne<{ closed: number }>(sql`
    select count(*)::int as closed from evaluation_items
    where run_id = any(${runs.map(({ id }) => id)}::uuid[]) and created_at <= coalesce((
      select max(created_at) from evaluation_items where run_id = ${before?.id ?? null}::uuid), now())`);
  return row?.closed ?? 0;
}
