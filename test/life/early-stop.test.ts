import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ErrorClass, SubmitRun } from '#libs/contracts';
import { sql } from '#libs/database';
import { fill, finish, reconcile, reopen, storeBatches } from '#libs/runs';
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
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const target = { kind: 'http', url: 'https://example.org/answer', method: 'POST' } as const;
const failed = (errorClass: ErrorClass) => ({
  output: undefined,
  error: { class: errorClass, message: 'as the test says' },
});
const right = { scores: [scored(1)] };

describe.each(backends)('a run that stops early on %s', (kind) => {
  let world: World;
  let datasetId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(40);
  });
  afterAll(() => world.close());

  /** A run of forty batches of one item each, the first twelve claimed: twice what may be in flight. */
  const started = async (request: Partial<SubmitRun> = {}) => {
    const run = await world.submit({ datasetId, target, concurrency: 6, ...request });
    await fill(world.context, run.id);
    return { id: run.id, jobs: await claimedBatches(world, run.id) };
  };
  const get = (runId: string) => world.runs.get(world.projectId, runId);
  const claimAll = async (runId: string) => {
    await fill(world.context, runId);
    return claimedBatches(world, runId);
  };
  const pass = () =>
    waitFor(async () => ((await reconcile(world.context, 60_000)) ? true : undefined));

  test('is cut into calls, twice as many at hand as it may have in flight', async () => {
    const { id, jobs } = await started();
    expect(jobs).toHaveLength(12);
    const kept = await world.database.queryOne(sql`
      select queue, batch_size, batch_window from evaluation_runs where id = ${id}`);
    expect(kept).toEqual({ queue: 'calls', batch_size: 1, batch_window: 12 });
  });

  test('stops when one cause that nothing heals fails every item, and says so', async () => {
    const { id, jobs } = await started();
    await work(world, jobs[0] ?? missing(), () => failed('authentication'));
    await work(world, jobs[1] ?? missing(), () => right);
    for (const job of jobs.slice(2, 6)) await work(world, job, () => failed('authentication'));
    expect(await get(id)).toMatchObject({ state: 'running', done: 6 });
    const late = await begin(world, jobs[7] ?? missing());
    await work(world, jobs[6] ?? missing(), () => failed('authentication'));
    const stopped = await get(id);
    expect(stopped).toMatchObject({ state: 'failed', stopCode: 'same_error', done: 7, failed: 6 });
    expect(stopped.reason).toMatch(/last 5 items failed alike: Key refused\..* 33 of 40 items/);
    expect(stopped.errors).toEqual([{ class: 'authentication', items: 6, tries: 0, scores: 0 }]);

    // What is in flight is stored; what waits gives its claim back.
    await store(world, late, await resultsOf(world, late, () => right));
    for (const job of jobs.slice(8)) expect(await start(world, job)).toEqual({ kind: 'stale' });
    expect(await claimedBatches(world, id)).toEqual([]);
    const after = await get(id);
    expect(after).toMatchObject({ state: 'failed', done: 8 });
    expect(after.reason).toMatch(/last 5 items failed alike: .* 32 of 40 items are open/);
    await expectExact(world, id);

    const retried = await world.runs.retry(world.projectId, id);
    expect(retried).toMatchObject({ state: 'running', stopCode: null, reason: null, done: 2 });
    for (let left; (left = await claimAll(id)).length > 0;) {
      for (const job of left) await work(world, job, () => right);
    }
    expect(await finish(world.context, { runId: id, generation: 2 })).toBe(true);
    expect(await get(id)).toMatchObject({
      state: 'completed',
      done: 40,
      failed: 0,
      errors: [{ class: 'authentication', items: 0, tries: 6, scores: 0 }],
    });
    await expectExact(world, id);
  });

  test('stops when every judge breaks for such a cause, though every item has its output', async () => {
    const { id, jobs } = await started();
    const broken = {
      scores: [{ ...scored(0), outcome: 'error', value: null, passed: null } as const].map(
        (score) => ({ ...score, errorClass: 'model_not_found' as const }),
      ),
    };
    for (const job of jobs.slice(0, 5)) await work(world, job, () => broken);
    const stopped = await get(id);
    expect(stopped).toMatchObject({ state: 'failed', stopCode: 'same_error', failed: 0 });
    expect(stopped.errors).toEqual([{ class: 'model_not_found', items: 0, tries: 0, scores: 5 }]);
    await expectExact(world, id);
  });

  test('is patient with what heals, and with what belongs to single items', async () => {
    const { id, jobs } = await started();
    for (const job of jobs) await work(world, job, () => failed('server_error'));
    expect(await get(id)).toMatchObject({ state: 'running', done: 12 });
    for (const job of await claimAll(id)) await work(world, job, () => failed('content_filter'));
    expect(await get(id)).toMatchObject({ state: 'running', done: 24 });
    await expectExact(world, id);
    await world.runs.cancel(world.projectId, id);
  });

  test('failures while it is paused do not stop it; resumed, it gets another chance', async () => {
    const { id, jobs } = await started();
    const batches = [];
    for (const job of jobs.slice(0, 6)) batches.push(await begin(world, job));
    await world.runs.pause(world.projectId, id);
    for (const batch of batches) {
      await store(world, batch, await resultsOf(world, batch, () => failed('authentication')));
    }
    expect(await get(id)).toMatchObject({ state: 'paused', failed: 6 });
    await world.runs.resume(world.projectId, id);
    const [job] = await claimAll(id);
    await work(world, job ?? missing(), () => failed('authentication'));
    expect(await get(id)).toMatchObject({ state: 'running', failed: 7 });
    await world.runs.cancel(world.projectId, id);
  });

  test('a cost cap that several workers reach at once stops it once, and what is in flight is booked', async () => {
    const { id, jobs } = await started({ maxCostUsd: 1 });
    const spend = { calls: 1, cachedCalls: 0, inputTokens: 7, outputTokens: 2, costUsd: 0.05 };
    const paid = () => ({ costUsd: 0.1, cached: true, scores: [{ ...scored(1), spend }] });
    const batches = [];
    for (const job of jobs) batches.push(await begin(world, job));
    const { version } = await get(id);
    await Promise.all(
      batches.map(async (batch) => store(world, batch, await resultsOf(world, batch, paid))),
    );
    const stopped = await get(id);
    expect(stopped).toMatchObject({ state: 'failed', stopCode: 'cost_cap', done: 12 });
    expect(stopped).toMatchObject({ costUsd: 1.2, judgeCostUsd: 0.6, judgeInputTokens: 84 });
    expect(stopped.cacheHits).toBe(12);
    // Twelve results and one stop.
    expect(stopped.version).toBe(version + 13);
    expect(stopped.reason).toMatch(/have cost 1\.8 USD and may cost 1 USD\. 28 of 40/);
    await expectExact(world, id);

    const refused = (how: object) =>
      expect(world.runs.retry(world.projectId, id, how)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'cost_cap_reached',
      });
    await refused({});
    await refused({ maxCostUsd: 1.8 });
    await expect(reopen(world.context, id, { batches: [0] })).rejects.toMatchObject({
      code: 'cost_cap_reached',
    });
    const retried = await world.runs.retry(world.projectId, id, { maxCostUsd: 100 });
    expect(retried).toMatchObject({ state: 'running', maxCostUsd: 100, stopCode: null });
    await world.runs.cancel(world.projectId, id);
  });

  test('what recorded outputs cost when they were made does not count against a cap', async () => {
    const recordingId = await world.seedRecording(40);
    const recorded = { kind: 'recorded', recordingId } as const;
    const { id, jobs } = await started({ target: recorded, maxCostUsd: 1 });
    for (const job of jobs) await work(world, job, () => ({ ...right, costUsd: 0.5 }));
    expect(await finish(world.context, { runId: id, generation: 1 })).toBe(true);
    expect(await get(id)).toMatchObject({ state: 'completed', done: 40, costUsd: 20 });
  });

  test('a run that reaches its cap with its last item is completed', async () => {
    const { id, jobs } = await started({ maxCostUsd: 1, filter: { keys: ['item-3', 'item-9'] } });
    expect(jobs).toHaveLength(2);
    for (const job of jobs) await work(world, job, () => ({ ...right, costUsd: 0.5 }));
    expect(await finish(world.context, { runId: id, generation: 1 })).toBe(true);
    expect(await get(id)).toMatchObject({ state: 'completed', costUsd: 1, stopCode: null });
  });

  test('its time does not run while it is paused; when it is over, it stops and says so', async () => {
    const { id } = await started({ maxDurationMs: 60_000 });
    const deadline = async () =>
      world.database.queryOne<{ left: number }>(sql`
        select extract(epoch from deadline_at - now())::float8 as left
        from evaluation_runs where id = ${id}`);
    await world.runs.pause(world.projectId, id);
    // As if that had been an hour ago.
    await world.database.query(sql`
      update evaluation_runs set deadline_at = deadline_at - interval '1 hour',
        paused_at = paused_at - interval '1 hour' where id = ${id}`);
    await pass();
    await world.runs.resume(world.projectId, id);
    expect(await get(id)).toMatchObject({ state: 'running' });
    expect((await deadline())?.left).toBeGreaterThan(30);

    await world.database.query(sql`
      update evaluation_runs set deadline_at = now() where id = ${id}`);
    await pass();
    const stopped = await get(id);
    expect(stopped).toMatchObject({ state: 'failed', stopCode: 'time_cap', done: 0 });
    expect(stopped.reason).toMatch(/60000 ms were over\. 40 of 40/);

    await expect(world.runs.retry(world.projectId, id)).rejects.toMatchObject({
      code: 'time_cap_reached',
    });
    const retried = await world.runs.retry(world.projectId, id, { maxDurationMs: 90_000 });
    expect(retried).toMatchObject({ state: 'running', maxDurationMs: 90_000 });
    expect((await deadline())?.left).toBeGreaterThan(60);
    await world.runs.cancel(world.projectId, id);
  });

  test('retrying one class leaves the others; tries stay known, by attempt', async () => {
    const { id, jobs } = await started();
    const tries = (['rate_limited', 'timeout'] as const).map((errorClass, index) => ({
      class: errorClass,
      message: `try ${index}`,
      at: '2026-01-02T03:04:05.678Z',
    }));
    for (const [index, job] of jobs.entries()) {
      const errorClass = index % 3 === 0 ? 'timeout' : index % 3 === 1 ? 'content_filter' : null;
      await work(world, job, () =>
        errorClass === null
          ? { ...right, queueMs: 5, traceId: 'trace', context: ['found'] }
          : { ...failed(errorClass), ...(errorClass === 'timeout' && { tries }) },
      );
    }
    await expectExact(world, id);
    const retried = await world.runs.retry(world.projectId, id, { errorClasses: ['timeout'] });
    expect(retried).toMatchObject({ done: 8, failed: 4 });
    expect(retried.errors).toEqual([
      { class: 'content_filter', items: 4, tries: 0, scores: 0 },
      { class: 'rate_limited', items: 0, tries: 4, scores: 0 },
      { class: 'timeout', items: 0, tries: 4, scores: 0 },
    ]);
    await expectExact(world, id);
    const again = await claimAll(id);
    const first = again.find(({ batch }) => batch === 0) ?? missing();
    await work(world, first, () => ({ ...failed('timeout'), tries: tries.slice(0, 1) }));
    await expectExact(world, id);

    const list = async (query: object) =>
      (await world.runs.listItems(world.projectId, id, { limit: 50, sort: 'position', ...query }))
        .items;
    expect(await list({ errorClass: 'content_filter' })).toHaveLength(4);
    const [item] = await list({ errorClass: 'timeout' });
    expect(item).toMatchObject({ no: 0, attempt: 2 });
    expect(item?.tries.map(({ attempt, message }) => [attempt, message])).toEqual([
      [1, 'try 0'],
      [1, 'try 1'],
      [2, 'try 0'],
    ]);
    expect(item?.tries[0]?.at).toBe('2026-01-02T03:04:05.678Z');
    const [worked] = await list({ status: 'completed' });
    expect(worked).toMatchObject({ queueMs: 5, traceId: 'trace', context: ['found'], tries: [] });
    await expect(
      world.runs.retry(world.projectId, id, { errorClasses: ['unreachable'] }),
    ).rejects.toMatchObject({ code: 'nothing_to_retry' });
    await world.runs.cancel(world.projectId, id);
  });

  test('results stored together count like results stored alone, one delivered twice once', async () => {
    const { id, jobs } = await started();
    const given = [];
    for (const job of [...jobs.slice(0, 6), ...jobs.slice(0, 2)]) {
      const batch = await begin(world, job);
      const results = await resultsOf(world, batch, ({ no }) =>
        no % 2 === 0 ? { ...right, costUsd: 0.1 } : failed('timeout'),
      );
      given.push({ batch, results });
    }
    const stored = await storeBatches(world.context, given);
    expect(stored.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect(stored.map((one) => one.failed)).toEqual([0, 1, 0, 1, 0, 1, 0, 0]);
    expect(await get(id)).toMatchObject({ done: 6, failed: 3, costUsd: 0.3 });
    await expectExact(world, id);
    expect(await storeBatches(world.context, given)).toMatchObject(
      given.map(() => ({ accepted: true, closed: 0 })),
    );
    expect(await get(id)).toMatchObject({ done: 6, failed: 3, costUsd: 0.3 });

    // Canceled before they are stored: nothing is, but what was spent is booked.
    const late = [];
    for (const job of jobs.slice(6, 9)) {
      const batch = await begin(world, job);
      late.push({ batch, results: await resultsOf(world, batch, () => ({ costUsd: 0.2 })) });
    }
    await world.runs.cancel(world.projectId, id);
    expect(await storeBatches(world.context, late)).toMatchObject(
      late.map(() => ({ accepted: false, closed: 0 })),
    );
    expect(await get(id)).toMatchObject({ state: 'canceled', done: 6, costUsd: 0.9 });
    await expectExact(world, id);
  });
});

function missing(): never {
  throw new Error('the run has fewer batches than that');
}
