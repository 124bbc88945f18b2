import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import {
  CallDeferred,
  ScoringAborted,
  type FailedTry,
  type Target,
  type TargetCase,
} from '#libs/evaluation';
import type { Config } from '#libs/config';
import type { Tools } from '../../apps/worker/batches.ts';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { expectExact } from '../support/exact.ts';
import { board, liveJobs } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const target = { kind: 'http', url: 'https://example.org/answer', method: 'POST' } as const;
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe.each(backends)('calls on %s', (kind) => {
  let world: World;
  let datasetId: string;
  let workers: WorkerProcess[] = [];
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(60);
  });
  afterAll(() => world.close());

  /** Workers whose target is this one; those of the test before are stopped. */
  const answeredBy = async (
    produce: Target['produce'],
    {
      count = 1,
      config = {},
      ...more
    }: Partial<Tools> & { count?: number; config?: Partial<Config> } = {},
  ) => {
    await Promise.all(workers.map((worker) => worker.stop()));
    const tools: Partial<Tools> = { createTarget: () => ({ produce }), ...more };
    workers = await Promise.all(
      Array.from({ length: count }, () => world.startWorker(config, tools)),
    );
  };
  const right = (cases: readonly TargetCase[]) =>
    cases.map(({ input }) => ({ output: JSON.stringify(input) }));
  const submit = (concurrency: number, keys?: string[]) =>
    world.submit({ datasetId, target, concurrency, ...(keys && { filter: { keys } }) });
  const deferredJob = (runId: string) =>
    waitFor(async () => {
      const jobs = await board(world, 'calls').getJobs(['delayed'], 0, 10);
      return jobs.find(({ data }) => data.runId === runId);
    });
  const tried: FailedTry = {
    class: 'rate_limited',
    message: 'come back later',
    at: '2026-01-02T03:04:05.678Z',
  };

  test('of a run are never more in flight than it allows, whatever the number of workers', async () => {
    let inFlight = 0;
    let most = 0;
    const full = Promise.withResolvers<void>();
    await answeredBy(
      async (cases) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        // Nothing is answered until as many as may be are in flight.
        if (inFlight === 7) full.resolve();
        await full.promise;
        await turn();
        inFlight -= 1;
        return right(cases);
      },
      { count: 2 },
    );
    const { id } = await submit(7);
    expect(await world.waitForState(id, 'completed')).toMatchObject({ done: 60, failed: 0 });
    expect(most).toBe(7);
    await expectExact(world, id);
  });

  test('one that cannot be worked on does not fail those that started or ended with it', async () => {
    await answeredBy(async (cases) => {
      await turn();
      if (cases.some(({ key }) => key === 'item-13')) throw new Error('secret');
      // No whole number: it cannot be stored, and neither can a group that it is in.
      const odd = cases.some(({ key }) => key === 'item-17') ? { inputTokens: 0.5 } : {};
      return right(cases).map((result) => ({ ...result, ...odd }));
    });
    const { id } = await submit(20);
    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: 60, failed: 2 });
    expect(run.errors).toEqual([{ class: 'internal_error', items: 2, tries: 0, scores: 0 }]);
    await expectExact(world, id);
    const [job] = await board(world, 'calls').getJobs(['failed'], 0, 10);
    expect(job?.failedReason).not.toContain('secret');
  });

  test('one that has to wait gives its place back, and its tries count when it comes again', async () => {
    const seen: TargetCase[] = [];
    await answeredBy(async (cases, { patienceMs }) => {
      expect(patienceMs).toBe(1000);
      seen.push(...cases);
      const [first] = cases;
      if (first?.key !== 'item-0') return right(cases);
      const earlier = first.earlier ?? [];
      if (earlier.length < 2) throw new CallDeferred(20, [...earlier, tried]);
      return right(cases).map((result) => ({ ...result, tries: earlier }));
    });
    const { id } = await submit(3, ['item-0', 'item-1', 'item-2', 'item-3']);
    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: 4, failed: 0 });
    expect(run.errors).toEqual([{ class: 'rate_limited', items: 0, tries: 2, scores: 0 }]);
    expect(seen.filter(({ key }) => key === 'item-0')).toHaveLength(3);
    expect(seen).toHaveLength(6);
    expect(seen[0]).toMatchObject({ input: 0, expected: '0', metadata: {}, repeat: 0 });
    // It was put off, not retried by a person, and no worker was lost with it.
    const batch = await world.database.queryOne(sql`
      select attempt, losses, faults, tries from run_batches where run_id = ${id} and no = 0`);
    expect(batch).toEqual({ attempt: 1, losses: 0, faults: 0, tries: null });
    await expectExact(world, id);
  });

  test('one that waits is left alone by the reconciler, and forgotten when its run is canceled', async () => {
    let asked = 0;
    await answeredBy(async () => {
      asked += 1;
      throw new CallDeferred(1_500, [tried]);
    });
    const { id } = await submit(3, ['item-0']);
    const job = await deferredJob(id);
    expect(job.attemptsMade).toBe(0);
    await world.database.query(sql`
      update run_batches set checked_at = now() - interval '1 hour' where run_id = ${id}`);
    const state = await waitFor(async () => {
      const batch = await world.database.queryOne<{ checked: boolean; state: string }>(sql`
        select checked_at > now() - interval '1 minute' as checked, state
        from run_batches where run_id = ${id}`);
      return batch?.checked === true ? batch.state : undefined;
    });
    expect(state).toBe('claimed');
    await world.runs.cancel(world.projectId, id);
    await job.promote().catch(() => undefined);
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    expect(asked).toBe(1);
    expect(await world.runs.get(world.projectId, id)).toMatchObject({ state: 'canceled', done: 0 });
  });

  test('one that waits while its run is paused keeps its tries until it is resumed', async () => {
    let earlier: TargetCase['earlier'];
    await answeredBy(async (cases) => {
      earlier = cases[0]?.earlier;
      if (!earlier) throw new CallDeferred(60_000, [tried]);
      return right(cases).map((result) => ({ ...result, tries: [tried] }));
    });
    const { id } = await submit(3, ['item-5']);
    const job = await deferredJob(id);
    await world.runs.pause(world.projectId, id);
    await job.promote();
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    await world.runs.resume(world.projectId, id);
    const run = await world.waitForState(id, 'completed');
    expect(earlier).toEqual([tried]);
    expect(run.errors).toEqual([{ class: 'rate_limited', items: 0, tries: 1, scores: 0 }]);
    await expectExact(world, id);
  });

  test('in flight when the time of their run is over are aborted', async () => {
    await answeredBy(
      (_cases, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        }),
    );
    const { id } = await submit(3, ['item-0', 'item-1']);
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 2 ? true : undefined));
    await world.database.query(sql`
      update evaluation_runs set max_duration_ms = 1000, deadline_at = now() where id = ${id}`);
    const run = await world.waitForState(id, 'failed');
    expect(run).toMatchObject({ stopCode: 'time_cap', done: 0 });
    // Nothing answers: only the abort can end what is in flight.
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    const left = await world.database.query(sql`
      select state, losses from run_batches where run_id = ${id}`);
    expect(left).toEqual([
      { state: 'open', losses: 0 },
      { state: 'open', losses: 0 },
    ]);
  });

  test('of a run whose time is over need nobody else to stop it', async () => {
    await answeredBy(
      (_cases, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        }),
      { config: { reconcileIntervalMs: 600_000 } },
    );
    const run = await world.submit({ datasetId, target, concurrency: 3, maxDurationMs: 1_000 });
    const stopped = await world.waitForState(run.id, 'failed');
    expect(stopped).toMatchObject({ stopCode: 'time_cap', done: 0 });
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
  });

  test('under a cap on cost begin only once it is known what those before them cost', async () => {
    let calls = 0;
    await answeredBy(async (cases) => {
      calls += 1;
      return right(cases).map((result) => ({ ...result, costUsd: 1 }));
    });
    const run = await world.submit({ datasetId, target, concurrency: 3, maxCostUsd: 5 });
    const stopped = await world.waitForState(run.id, 'failed');
    expect(stopped.stopCode).toBe('cost_cap');
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    // Four do not reach it; the three that are in flight then do, and more.
    expect(calls).toBeLessThanOrEqual(7);
    expect((await world.runs.get(world.projectId, run.id)).costUsd).toBe(calls);
  });

  test('that are paid when a judge is aborted are booked, and what models took until then', async () => {
    const spend = { calls: 1, cachedCalls: 0, inputTokens: 7, outputTokens: 2, costUsd: 0.25 };
    let judging = 0;
    await answeredBy(
      async (cases) =>
        right(cases).map((result) => ({
          ...result,
          costUsd: 0.5,
          inputTokens: 10,
          outputTokens: 5,
        })),
      {
        scorer: {
          score: (_run, _item, signal) =>
            new Promise((_, reject) => {
              judging += 1;
              const abort = () => reject(new ScoringAborted(signal.reason, [spend]));
              signal.addEventListener('abort', abort, { once: true });
            }),
        },
      },
    );
    const { id } = await submit(2);
    await waitFor(async () => (judging === 2 ? true : undefined));
    await world.runs.cancel(world.projectId, id);
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    expect(await world.runs.get(world.projectId, id)).toMatchObject({
      done: 0,
      costUsd: 1,
      inputTokens: 20,
      outputTokens: 10,
      judgeCostUsd: 0.5,
      judgeInputTokens: 14,
      judgeOutputTokens: 4,
    });
  });
});
