import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { fill, finish, releaseBatch, reopen, startBatches, storeBatches } from '#libs/runs';
import { SMALL_BATCH, SMALL_RUN } from '../support/batches.ts';
import {
  begin,
  claimedBatches,
  failedItem,
  resultsOf,
  scored,
  start,
  store,
  work,
} from '../support/by-hand.ts';
import { expectExact, keptSums } from '../support/exact.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('storing a batch on %s', (kind) => {
  let world: World;
  let datasetId: string;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(SMALL_RUN);
    recordingId = await world.seedRecording(SMALL_RUN);
  });
  afterAll(() => world.close());

  /** A run whose batches are all claimed, and fill its window. */
  const started = async () => {
    const run = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    await fill(world.context, run.id);
    const jobs = await claimedBatches(world, run.id);
    const [job] = jobs;
    if (!job) throw new Error('nothing was claimed');
    return { run, jobs, job };
  };
  const get = (runId: string) => world.runs.get(world.projectId, runId);

  test('of two attempts that start together only the one that holds the claim gets work', async () => {
    const { run, job } = await started();
    await releaseBatch(world.database, job);
    await fill(world.context, run.id);
    const again = { ...job, attempt: job.attempt + 1 };
    const starts = await startBatches(world.context, [job, again], { alone: false });
    expect(starts.map(({ kind }) => kind)).toEqual(['stale', 'work']);
  });

  test('stored twice, one after the other, it changes nothing the second time', async () => {
    const { run, job } = await started();
    const batch = await begin(world, job);
    const results = await resultsOf(world, batch, ({ no }) => ({
      scores: [scored(no / 10)],
      costUsd: 0.1,
      inputTokens: 3,
    }));
    expect(await store(world, batch, results)).toMatchObject({ closed: SMALL_BATCH });
    const [first, sums] = [await get(run.id), await keptSums(world, run.id)];
    expect(first).toMatchObject({
      done: SMALL_BATCH,
      costUsd: SMALL_BATCH / 10,
      inputTokens: 3 * SMALL_BATCH,
    });

    expect(await store(world, batch, results)).toMatchObject({
      accepted: true,
      closed: 0,
      failed: 0,
      last: false,
    });
    expect(await get(run.id)).toEqual(first);
    expect(await keptSums(world, run.id)).toEqual(sums);
    await expectExact(world, run.id);
  });

  test('stored by several at the same moment, it counts once', async () => {
    const { run, jobs } = await started();
    const storeOften = async (job: (typeof jobs)[number]) => {
      const batch = await begin(world, job);
      const results = await resultsOf(world, batch, ({ no }) => ({ scores: [scored(no)] }));
      const stored = await Promise.all(
        Array.from({ length: 6 }, () => store(world, batch, results)),
      );
      return stored.reduce((sum, { closed }) => sum + closed, 0);
    };
    for (const job of jobs) expect(await storeOften(job)).toBe(SMALL_BATCH);
    expect(await get(run.id)).toMatchObject({ done: SMALL_RUN, failed: 0 });
    await expectExact(world, run.id);

    // The same for items that were opened again.
    await world.database.query(sql`
      update evaluation_items set status = 'failed' where run_id = ${run.id}`);
    await world.database.query(sql`
      update evaluation_runs set failed = done where id = ${run.id}`);
    expect(await reopen(world.context, run.id)).toEqual({ opened: SMALL_RUN });
    await fill(world.context, run.id);
    for (const job of await claimedBatches(world, run.id))
      expect(await storeOften(job)).toBe(SMALL_BATCH);
    expect(await get(run.id)).toMatchObject({ done: SMALL_RUN, failed: 0 });
    await expectExact(world, run.id);
  });

  test('delivered again after the run is completed, it changes nothing and costs nothing', async () => {
    const { run, jobs, job: first } = await started();
    const late = await begin(world, first);
    const results = await resultsOf(world, late, () => ({ scores: [scored(1)], costUsd: 1 }));
    for (const job of jobs) await work(world, job, () => ({ scores: [scored(1)], costUsd: 1 }));
    expect(await finish(world.context, { runId: run.id, generation: 1 })).toBe(true);
    const completed = await get(run.id);
    expect(completed).toMatchObject({ state: 'completed', costUsd: SMALL_RUN });

    expect(await store(world, late, results)).toMatchObject({ closed: 0 });
    expect(await get(run.id)).toEqual(completed);
  });

  test('sums are exact, and the same in any order of batches', async () => {
    const values = [0.1, 1e-17, 1e16, -1e16, 0.2, 1 / 3, 5e-324, 1e100, -1e100, 0.3];
    const orders: Awaited<ReturnType<typeof keptSums>>[] = [];
    for (const turn of ['forth', 'back'] as const) {
      const { run, jobs } = await started();
      const order = turn === 'forth' ? jobs : jobs.toReversed();
      for (const job of order) {
        await work(world, job, ({ no }) => ({
          scores: [scored((values[no % 10] ?? 0) * (no < SMALL_RUN / 2 ? 1 : 3))],
          costUsd: values[no % 3] ?? 0,
        }));
      }
      await expectExact(world, run.id);
      orders.push(await keptSums(world, run.id));
      const [cost] = await world.database.query(sql`
        select cost_usd = (select sum(cost_usd::text::numeric) from evaluation_items
          where run_id = ${run.id}) as exact
        from evaluation_runs where id = ${run.id}`);
      expect(cost).toEqual({ exact: true });
    }
    expect(orders[0]).toEqual(orders[1]);
  });

  test('what is stored for many batches at once stays little where the planner knows other runs only', async () => {
    const size = 600;
    const many = await world.seedDataset(size);
    const claimedRun = async () => {
      const run = await world.submit({
        datasetId: many,
        target: { kind: 'http', url: 'http://127.0.0.1:9/', method: 'POST' },
        concurrency: size / 2,
      });
      await fill(world.context, run.id);
      return { run, jobs: await claimedBatches(world, run.id) };
    };
    const storeAll = async ({ run, jobs }: Awaited<ReturnType<typeof claimedRun>>) => {
      const starts = await startBatches(world.context, jobs, { alone: false });
      const results = starts.map((begun, no) => {
        if (begun.kind !== 'work') throw new Error(`a batch is ${begun.kind}`);
        const { batch } = begun;
        const result = { no, key: `item-${no}`, repeat: 0, attempt: 0, output: 'x', scores: [] };
        return { batch, results: [result] };
      });
      await storeBatches(world.context, results);
      expect(await get(run.id)).toMatchObject({ done: size });
    };
    await storeAll(await claimedRun());
    await world.database.query(sql`analyze run_batches, evaluation_items`);
    // Looking all of the run up for each batch would take minutes.
    await storeAll(await claimedRun());
  });

  test('an old attempt is not started any more', async () => {
    const { run, job } = await started();
    await world.database.query(sql`
      update run_batches set state = 'open' where run_id = ${run.id} and no = ${job.batch}`);
    expect(await start(world, job)).toEqual({ kind: 'stale' });
    await fill(world.context, run.id);
    expect(await start(world, job)).toEqual({ kind: 'stale' });
    const [next] = await claimedBatches(world, run.id);
    expect(next).toEqual({ ...job, attempt: 2 });
    expect(await work(world, { ...job, attempt: 2 })).toMatchObject({ closed: SMALL_BATCH });
  });

  test('a late result of before a retry does not close an item that was opened again', async () => {
    const { run, job } = await started();
    const batch = await begin(world, job);
    const failed = await resultsOf(world, batch, () => failedItem);
    expect(await store(world, batch, failed)).toMatchObject({ failed: SMALL_BATCH });
    expect(await reopen(world.context, run.id)).toEqual({ opened: SMALL_BATCH });

    expect(await store(world, batch, failed)).toMatchObject({ closed: 0 });
    expect(await get(run.id)).toMatchObject({ done: 0, failed: 0 });
    await fill(world.context, run.id);
    await work(world, { ...job, attempt: 2 }, () => ({ scores: [scored(1)] }));
    expect(await get(run.id)).toMatchObject({ done: SMALL_BATCH, failed: 0 });
    await expectExact(world, run.id);
  });

  test('the version rises with every change, and only then', async () => {
    const { run, jobs } = await started();
    let { version } = await get(run.id);
    for (const job of jobs) {
      await work(world, job);
      const after = await get(run.id);
      expect(after.version).toBe(version + 1);
      ({ version } = after);
    }
  });

  test('what is stored and what is opened again at the same moment leaves exact counts', async () => {
    const { run, jobs } = await started();
    const results = ({ no }: { no: number }) =>
      no % 3 === 0 ? failedItem : { scores: [scored(no / 7)] };
    await Promise.all([
      ...jobs.map((job) => work(world, job, results)),
      ...Array.from({ length: 6 }, () => reopen(world.context, run.id)),
    ]);
    await expectExact(world, run.id);
    // What was opened again is there to be claimed.
    const { done, total } = await get(run.id);
    const [open] = await world.database.query<{ count: number }>(sql`
      select count(*)::int as count from evaluation_items e where run_id = ${run.id}
        and status = 'open' and exists (select 1 from run_batches b where b.run_id = e.run_id
          and b.state in ('open', 'claimed') and e.no >= b.first and e.no < b.first + b.count)`);
    expect(open?.count).toBe(total - done);
  });

  test('any text is stored: U+0000, lone surrogates, long ones', async () => {
    const { run, job } = await started();
    const odd = `\u0000\ud800 ${'x'.repeat(100_000)}`;
    await work(world, job, ({ no }) =>
      no % 2 === 0
        ? { output: { [odd]: odd }, scores: [scored(1)] }
        : { output: undefined, error: { class: 'target_error', message: odd } },
    );
    const failures = Math.floor(SMALL_BATCH / 2);
    expect(await get(run.id)).toMatchObject({ done: SMALL_BATCH, failed: failures });
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: 10,
      sort: 'position',
    });
    expect(items[0]?.output).toEqual({ [odd]: odd });
  });
});
