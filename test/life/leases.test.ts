import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lease, LeaseResult, Run, SubmitRun } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { ScoringAborted } from '#libs/evaluation';
import { fill } from '#libs/runs';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { expectExact } from '../support/exact.ts';
import { liveJobs } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('items under a lease on %s', (kind) => {
  let world: World;
  let worker: WorkerProcess | undefined;
  let datasetId: string;
  beforeAll(async () => {
    world = await createWorld(kind);
    datasetId = await world.seedDataset(12);
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
  });
  afterAll(() => world.close());

  const started = async (
    request: Partial<Pick<SubmitRun, 'concurrency' | 'repeats' | 'metrics'>> = {},
  ) => {
    const run = await world.submit({ datasetId, target: { kind: 'client' }, ...request });
    await fill(world.context, run.id);
    return run;
  };
  const take = (run: Run, limit = 100) =>
    world.runs.leaseItems(world.projectId, run.id, { limit, leaseMs: 60_000 });
  const answer = ({ no, input }: Lease['items'][number]): LeaseResult => ({
    no,
    output: JSON.stringify(input),
  });
  const post = (run: Run, lease: Lease, results: LeaseResult[] = lease.items.map(answer)) =>
    world.runs.postLeaseResults(world.projectId, run.id, { leaseId: lease.id ?? '', results });
  const extend = (run: Run, lease: Lease, leaseMs: number) =>
    world.runs.extendLease(world.projectId, run.id, { leaseId: lease.id ?? '', leaseMs });
  const nos = (lease: Lease) => lease.items.map(({ no }) => no);
  const get = (run: Run) => world.runs.get(world.projectId, run.id);
  const states = async (run: Run) =>
    (
      await world.database.query<{ state: string }>(sql`
        select state from run_batches where run_id = ${run.id} order by no`)
    ).map(({ state }) => state);
  const complete = async (run: Run) => {
    for (;;) {
      const lease = await take(run);
      if (lease.items.length === 0) return;
      await post(run, lease);
    }
  };

  test('answers are scored; what the code reports of an item is stored with it', async () => {
    worker = await world.startWorker();
    const run = await started({ concurrency: 5, repeats: 2 });
    const lease = await take(run);
    expect(lease).toMatchObject({ runState: 'running', open: 24 });
    expect(lease.items[3]).toEqual({ no: 3, key: 'item-1', repeat: 1, input: 1, metadata: {} });
    const [first] = lease.items;
    if (!first) throw new Error('nothing was leased');
    const reported = {
      latencyMs: 12,
      inputTokens: 3,
      outputTokens: 4,
      costUsd: 0.5,
      finishReason: 'stop',
      toolCalls: [{ name: 'look', arguments: { at: 1 } }],
    };
    await post(run, lease, [
      { no: first.no, output: '0', ...reported },
      { no: 1, error: 'it broke' },
      ...lease.items.slice(2).map(answer),
    ]);
    await complete(run);
    expect(await world.waitForState(run.id, 'completed')).toMatchObject({ done: 24, failed: 1 });
    await expectExact(world, run.id);
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: 2,
      sort: 'position',
    });
    expect(items).toMatchObject([
      { no: 0, output: '0', ...reported, scores: [{ value: true }] },
      { no: 1, status: 'failed', error: { class: 'client_error', message: 'it broke' } },
    ]);
  });

  test('never more are out than the run may have in flight; an answer makes room for another', async () => {
    const run = await started({ concurrency: 5 });
    const first = await take(run, 3);
    const second = await take(run);
    expect([nos(first), nos(second)]).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(await take(run)).toMatchObject({ id: null, items: [], expiresAt: null, open: 12 });
    await post(run, first, first.items.slice(0, 2).map(answer));
    expect(nos(await take(run))).toEqual([5, 6]);
    expect(await states(run)).toEqual(['leased', 'leased', 'leased']);
    // Without answers nothing goes to the workers, whoever fills.
    await fill(world.context, run.id);
    expect(await states(run)).toEqual(['leased', 'leased', 'leased']);
  });

  test('of one lease are judged side by side; given up, what judges took of all of them is booked', async () => {
    const spend = { calls: 1, cachedCalls: 0, inputTokens: 7, outputTokens: 2, costUsd: 0.25 };
    const nothingMore = {
      category: null,
      passed: null,
      reason: null,
      details: null,
      errorClass: null,
    };
    let judging = 0;
    worker = await world.startWorker(
      {},
      {
        scorer: {
          score: async (_run, { input }, signal) => {
            judging += 1;
            if (input === 0)
              return [{ metric: 0, outcome: 'scored', value: 1, ...nothingMore, spend }];
            return new Promise((_, reject) => {
              const abort = () => reject(new ScoringAborted(signal.reason, [spend]));
              signal.addEventListener('abort', abort, { once: true });
            });
          },
        },
      },
    );
    const metric = { metric: 'http_scorer', config: { url: 'https://scorer.example.org/' } };
    const run = await started({ concurrency: 5, metrics: [metric] });
    await post(run, await take(run));
    await waitFor(() => (judging === 5 ? true : undefined));
    await world.runs.cancel(world.projectId, run.id);
    await waitFor(async () => ((await liveJobs(world, 'calls')) === 0 ? true : undefined));
    expect(await get(run)).toMatchObject({ done: 0, judgeCostUsd: 1.25, judgeInputTokens: 35 });
  });

  test('takers at the same moment get different items', async () => {
    const run = await started({ concurrency: 12 });
    const leases = await Promise.all(Array.from({ length: 6 }, () => take(run, 3)));
    const given = leases.flatMap(nos).toSorted((a, b) => a - b);
    expect(given).toEqual(Array.from({ length: 12 }, (_, no) => no));
  });

  test('what is given back goes to others, cut to what they take; a late answer counts where nobody was faster', async () => {
    worker = await world.startWorker();
    const run = await started({ concurrency: 8 });
    const lost = await take(run, 6);
    await post(run, lost, lost.items.slice(0, 1).map(answer));
    await extend(run, lost, 0);
    await expect(extend(run, lost, 5000)).rejects.toMatchObject({ code: 'lease_over' });

    const next = await take(run, 2);
    expect(nos(next)).toEqual([1, 2]);
    await post(run, next, [{ no: 1, output: 'faster' }]);
    // 2 is out again and 3 waits: both still lack an answer. 1 has one.
    const late = [1, 2, 3].map((no) => ({ no, output: String(no) }));
    expect(await post(run, lost, late)).toEqual({ accepted: 2, ignored: 1, runState: 'running' });
    expect(nos(await take(run))).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    const rest = [4, 5].map((no) => ({ no, output: String(no) }));
    await post(run, lost, rest);
    await world.database.query(sql`
      update run_batches set lease_expires_at = now() - interval '1 second'
      where run_id = ${run.id} and state = 'leased'`);
    await complete(run);
    await world.waitForState(run.id, 'completed');
    await expectExact(world, run.id);
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: 100,
      sort: 'position',
    });
    expect(items.map(({ output }) => output)).toEqual(
      Array.from({ length: 12 }, (_, no) => (no === 1 ? 'faster' : String(no))),
    );
  });

  test('answers that come twice change nothing, not even after a retry', async () => {
    worker = await world.startWorker();
    const run = await started({ concurrency: 12 });
    const lease = await take(run);
    const broken: LeaseResult[] = lease.items.map((item) =>
      item.no < 2 ? { no: item.no, error: 'it broke' } : answer(item),
    );
    expect(await post(run, lease, broken)).toMatchObject({ accepted: 12, ignored: 0 });
    expect(await post(run, lease, broken)).toMatchObject({ accepted: 0, ignored: 12 });
    await world.waitForState(run.id, 'completed');

    await world.runs.retry(world.projectId, run.id);
    expect(await post(run, lease, broken)).toMatchObject({ accepted: 0, ignored: 12 });
    const again = await take(run);
    expect(nos(again)).toEqual([0, 1]);
    expect(await get(run)).toMatchObject({ state: 'running', done: 10, failed: 0 });
    await post(run, again);
    expect(await world.waitForState(run.id, 'completed')).toMatchObject({ done: 12, failed: 0 });
    await expectExact(world, run.id);
  });

  test('paused, nothing is given out and answers are still taken; canceled, they are refused', async () => {
    const run = await started({ concurrency: 4 });
    const lease = await take(run);
    await world.runs.pause(world.projectId, run.id);
    expect(await take(run)).toMatchObject({ id: null, runState: 'paused' });
    expect(await post(run, lease, lease.items.slice(0, 1).map(answer))).toEqual({
      accepted: 1,
      ignored: 0,
      runState: 'paused',
    });
    await world.runs.cancel(world.projectId, run.id);
    expect(await take(run)).toMatchObject({ id: null, runState: 'canceled' });
    await expect(post(run, lease)).rejects.toMatchObject({ code: 'run_state' });
  });

  test('leases of others, and of runs that produce their outputs themselves, are refused', async () => {
    const run = await started();
    const unknown: Lease = { ...(await take(run, 1)), id: uuid() };
    await expect(post(run, unknown)).rejects.toMatchObject({ code: 'lease_not_found' });
    await expect(
      world.runs.leaseItems(uuid(), run.id, { limit: 1, leaseMs: 1000 }),
    ).rejects.toMatchObject({ code: 'run_not_found' });
    const recordingId = await world.seedRecording(12);
    const recorded = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    await expect(take(recorded)).rejects.toMatchObject({ code: 'run_not_client' });
  });
});
