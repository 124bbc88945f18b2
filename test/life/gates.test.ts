import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createComparisons } from '#libs/comparisons';
import { createGate as gateSchema, type GateResult, type Run } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import {
  createGate,
  decideFollowUp,
  followUpRunSoon,
  listGateResults,
  pinBaseline,
  reconcileFollowUps,
  unpinBaseline,
  type GateContext,
} from '#libs/gates';
import { fill, finish } from '#libs/runs';
import { Client } from 'pg';
import { claimedBatches, scored, work } from '../support/by-hand.ts';
import { startChildWorker } from '../support/child-workers.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const notWorse = { kind: 'difference', metric: 'exact_match', atMostWorse: 0.05 } as const;

describe.each(backends)('gates of completed runs on %s', (kind) => {
  let world: World;
  let context: GateContext;
  beforeAll(async () => {
    world = await createWorld(kind);
    const { database, logger } = world;
    context = { database, logger, comparisons: createComparisons(world.context) };
  });
  afterAll(() => world.close());

  /** A gate for a dataset, or for all. */
  const gate = (datasetId: string | null, rules: readonly object[] = [notWorse]) =>
    createGate(
      world.database,
      world.projectId,
      gateSchema.parse({ name: 'no worse', datasetId, rules }),
    );
  const run = (datasetId: string, recordingId: string, metric = 'exact_match'): Promise<Run> =>
    world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric }],
    });
  const pin = (datasetId: string, { id }: { id: string }) =>
    pinBaseline(world.database, world.projectId, datasetId, id);
  const resultsOf = async ({ id }: { id: string }): Promise<GateResult[]> =>
    (await listGateResults(world.database, world.projectId, { limit: 50, runId: id })).items;
  const decided = ({ id }: { id: string }) =>
    world.database.query<{ comparisonId: string | null }>(sql`
      select comparison_id as "comparisonId" from run_follow_ups where run_id = ${id}`);
  const followedUp = async (run: { id: string }, timeoutMs = 30_000): Promise<GateResult[]> =>
    waitFor(
      async () => {
        const results = await resultsOf(run);
        return results.length > 0 && (await decided(run)).length === 0 ? results : undefined;
      },
      async () =>
        JSON.stringify([await world.runs.get(world.projectId, run.id), await decided(run)]),
      timeoutMs,
    );

  /** Completes a run by hand, as workers would: each item with the score that `valueOf` gives. */
  const complete = async (
    { id }: Run,
    valueOf: (no: number) => number,
    alsoDecide?: typeof decideFollowUp,
  ): Promise<void> => {
    await fill(world.context, id);
    for (const job of await claimedBatches(world, id)) {
      await work(world, job, ({ no }) => ({ scores: [scored(valueOf(no))] }));
    }
    await finish(world.context, { runId: id, generation: 1 }, alsoDecide);
  };
  /** A pinned baseline with every item right, a gate, and another run that is still to complete. */
  const pinned = async () => {
    const datasetId = await world.seedDataset(80);
    const recordingId = await world.seedRecording(80);
    const baseline = await run(datasetId, recordingId);
    await complete(baseline, () => 1);
    await pin(datasetId, baseline);
    const made = await gate(datasetId);
    return {
      datasetId,
      recordingId,
      baseline,
      gate: made,
      candidate: await run(datasetId, recordingId),
    };
  };

  describe('without a worker', () => {
    test('that it is to be followed up is decided in the transaction that completes it', async () => {
      const { candidate, baseline } = await pinned();
      expect(await decided(baseline)).toEqual([]);
      const broken = () => Promise.reject(new Error('no room'));
      await expect(complete(candidate, () => 1, broken)).rejects.toThrow('no room');
      expect(await world.runs.get(world.projectId, candidate.id)).toMatchObject({
        state: 'running',
      });
      await complete(candidate, () => 1, decideFollowUp);
      expect(await decided(candidate)).toEqual([{ comparisonId: null }]);
    });

    test('neither the baseline nor a run of a dataset without one is followed up', async () => {
      const { datasetId, baseline, candidate } = await pinned();
      await world.database.transaction((tx) => decideFollowUp(tx, baseline.id));
      expect(await decided(baseline)).toEqual([]);
      await unpinBaseline(world.database, world.projectId, datasetId);
      await complete(candidate, () => 1, decideFollowUp);
      expect(await decided(candidate)).toEqual([]);
    });

    test('what is decided while an earlier one is done stays to be done', async () => {
      const { candidate } = await pinned();
      await complete(candidate, () => 1, decideFollowUp);
      const { comparisons } = context;
      const meanwhile: GateContext = {
        ...context,
        comparisons: {
          ...comparisons,
          async compare(...given) {
            const compared = await comparisons.compare(...given);
            await world.database.transaction((tx) => decideFollowUp(tx, candidate.id));
            return compared;
          },
        },
      };
      await followUpRunSoon(meanwhile, candidate.id);
      expect(await decided(candidate)).toHaveLength(1);
      expect(await resultsOf(candidate)).toEqual([]);
      await followUpRunSoon(context, candidate.id);
      expect(await decided(candidate)).toEqual([]);
      expect(await resultsOf(candidate)).toMatchObject([{ outcome: 'pass' }]);
    });

    test('done by many at once, it is done once', async () => {
      const { candidate } = await pinned();
      await complete(candidate, () => 1, decideFollowUp);
      await Promise.all(Array.from({ length: 6 }, () => followUpRunSoon(context, candidate.id)));
      expect(await decided(candidate)).toEqual([]);
      expect(await resultsOf(candidate)).toHaveLength(1);
    });

    test('runs that cannot be compared, and comparisons that failed, settle nothing', async () => {
      const { datasetId, recordingId, candidate, baseline } = await pinned();
      const other = await run(datasetId, recordingId, 'contains');
      await complete(other, () => 1, decideFollowUp);
      await followUpRunSoon(context, other.id);
      expect(await decided(other)).toEqual([]);
      const [result] = await resultsOf(other);
      expect(result).toMatchObject({ outcome: 'inconclusive', comparisonId: null });
      expect(result?.rules[0]?.reason).toContain('no metric in common');

      await complete(candidate, () => 1, decideFollowUp);
      const comparisonId = uuid();
      await world.database.query(sql`
        insert into comparisons (id, project_id, question, run_ids, options, state, reason)
        values (${comparisonId}, ${world.projectId}, 'q',
          array[${baseline.id}, ${candidate.id}]::uuid[], '{}', 'failed', 'Its worker was lost.')`);
      await world.database.query(sql`
        update run_follow_ups set comparison_id = ${comparisonId} where run_id = ${candidate.id}`);
      await followUpRunSoon(context, candidate.id);
      expect(await decided(candidate)).toEqual([]);
      expect(await resultsOf(candidate)).toMatchObject([
        {
          outcome: 'inconclusive',
          comparisonId,
          rules: [{ reason: expect.stringContaining('Its worker was lost.') }],
        },
      ]);
    });

    test('one that fails each time keeps none from its turn', async () => {
      const left = [await pinned(), await pinned()];
      for (const { candidate } of left) await complete(candidate, () => 1, decideFollowUp);
      const [first, second] = left.map(({ candidate }) => candidate);
      const { comparisons } = context;
      const broken: GateContext = {
        ...context,
        comparisons: {
          ...comparisons,
          compare: (projectId, asked) =>
            asked.candidateRunIds[0] === first?.id
              ? Promise.reject(new Error('broken'))
              : comparisons.compare(projectId, asked),
        },
      };
      if (!first || !second) throw new Error('two runs were made');
      await reconcileFollowUps(broken, 0);
      expect(await decided(first)).toHaveLength(1);
      expect(await decided(second)).toEqual([]);
      await reconcileFollowUps(context, 0);
      expect(await decided(first)).toEqual([]);
    });
  });

  describe('with a worker', () => {
    test('a run that completes is compared and checked without being asked for', async () => {
      const worker = await world.startWorker({ reconcileIntervalMs: 600_000 });
      const everywhere = await gate(null, [{ kind: 'value', metric: 'exact_match', min: 0.5 }]);
      const datasetId = await world.seedDataset(120);
      const right = await world.seedRecording(120);
      const elsewhere = await gate(await world.seedDataset(1));
      const baseline = await run(datasetId, right);
      await world.waitForState(baseline.id, 'completed');
      await pin(datasetId, baseline);
      const here = await gate(datasetId);

      const wrong = await world.seedRecording(120, (i) => (i % 3 === 0 ? 'wrong' : String(i)));
      const candidate = await run(datasetId, wrong);
      const results = await followedUp(candidate);
      expect(new Map(results.map(({ gateId, outcome }) => [gateId, outcome]))).toEqual(
        new Map([
          [here.id, 'fail'],
          [everywhere.id, 'pass'],
        ]),
      );
      expect(results.map(({ gateId }) => gateId)).not.toContain(elsewhere.id);
      expect(results).toMatchObject([
        { runId: candidate.id, baselineRunId: baseline.id, rulesChanged: false },
        { comparisonId: results[0]?.comparisonId },
      ]);
      expect(await resultsOf(baseline)).toEqual([]);
      await worker.stop();
    });

    test('a large one is checked when a worker has computed its comparison', async () => {
      const items = 30_000;
      const datasetId = await world.seedDataset(items);
      const recordingId = await world.seedRecording(1);
      const [baseline, candidate] = [
        await run(datasetId, recordingId),
        await run(datasetId, recordingId),
      ];
      for (const { id } of [baseline, candidate]) {
        await world.database.query(sql`
          insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
          select ${id}, i, 'item-' || i, 0, 'completed', 1, '"x"'
          from generate_series(0, ${items - 1}) i`);
        await world.database.query(sql`
          insert into scores (run_id, no, metric, outcome, value)
          select ${id}, i, 0, 'scored', i % 2 from generate_series(0, ${items - 1}) i`);
        await world.database.query(sql`
          update evaluation_runs set state = 'completed', done = total where id = ${id}`);
      }
      await pin(datasetId, baseline);
      const { id: gateId } = await gate(datasetId);
      await world.database.transaction((tx) => decideFollowUp(tx, candidate.id));
      await followUpRunSoon(context, candidate.id);
      expect(await decided(candidate)).toEqual([{ comparisonId: expect.any(String) }]);
      expect(await resultsOf(candidate)).toEqual([]);

      const worker = await world.startWorker({ reconcileIntervalMs: 600_000 });
      const results = await followedUp(candidate);
      expect(results.find((result) => result.gateId === gateId)).toMatchObject({
        outcome: 'pass',
        rules: [{ n: items }],
      });
      await worker.stop();
    }, 60_000);

    test('retried and completed again, it is checked again', async () => {
      const worker = await world.startWorker();
      const datasetId = await world.seedDataset(90);
      const baseline = await run(datasetId, await world.seedRecording(90));
      await world.waitForState(baseline.id, 'completed');
      await pin(datasetId, baseline);
      const { id: gateId } = await gate(datasetId);
      const some = await world.seedRecording(90, (i) => (i < 60 ? String(i) : undefined));
      const candidate = await run(datasetId, some);
      const resultOf = async () =>
        (await followedUp(candidate)).find((result) => result.gateId === gateId);
      const first = await resultOf();
      expect(first).toMatchObject({ rules: [{ n: 60 }] });

      await world.database.query(sql`
        insert into recorded_outputs (recording_id, key, repeat, output)
        select ${some}, 'item-' || i, 0, to_json(i::text) from generate_series(60, 89) i`);
      await world.runs.retry(world.projectId, candidate.id);
      await world.waitForState(candidate.id, 'completed');
      const second = await waitFor(async () => {
        const result = await resultOf();
        return result?.id === first?.id ? undefined : result;
      });
      expect(second).toMatchObject({ outcome: 'pass', rules: [{ n: 90 }] });
      await worker.stop();
    });

    test('whatever step a worker was killed before, another one goes on from there', async () => {
      const left = [];
      for (let step = 0; step < 4; step += 1) {
        const made = await pinned();
        await complete(made.candidate, () => 1, decideFollowUp);
        left.push(made);
      }
      const [, compared, noted, unpinned] = left;
      if (!compared || !noted || !unpinned) throw new Error('four runs were made');
      // Before it was written down which comparison it waits for, and after.
      for (const { baseline, candidate } of [compared, noted]) {
        const asked = await context.comparisons.compare(world.projectId, {
          baselineRunId: baseline.id,
          candidateRunIds: [candidate.id],
          usage: true,
          confidence: 0.95,
          margins: {},
          differences: {},
          sliceBy: [],
          resample: true,
          resampleSlices: false,
          seed: 1,
        });
        if (candidate !== noted.candidate) continue;
        await world.database.query(sql`
          update run_follow_ups set comparison_id = ${asked.id} where run_id = ${candidate.id}`);
      }
      await unpinBaseline(world.database, world.projectId, unpinned.datasetId);
      const worker = await world.startWorker();
      for (const made of left) {
        if (made === unpinned) continue;
        const results = await followedUp(made.candidate);
        expect(results.find(({ gateId }) => gateId === made.gate.id)).toMatchObject({
          outcome: 'pass',
        });
      }
      await waitFor(async () =>
        (await decided(unpinned.candidate)).length === 0 ? true : undefined,
      );
      expect(await resultsOf(unpinned.candidate)).toEqual([]);
      await worker.stop();
    });

    // The completion itself, the comparison, and the results: all that writes on the way.
    test.each(['run_follow_ups', 'comparisons', 'gate_results'])(
      'killed as it is about to write to %s, nothing is lost',
      async (table) => {
        const { datasetId, recordingId, gate: made } = await pinned();
        const holder = new Client({ connectionString: world.config.databaseUrl });
        await holder.connect();
        await holder.query(`begin; lock table ${table} in share mode`);
        const child = await startChildWorker(world);
        const candidate = await run(datasetId, recordingId);
        try {
          await waitFor(
            async () => {
              const [waiting] = await world.database.query(sql`
                select 1 from pg_locks where relation = ${table}::regclass and not granted`);
              return waiting;
            },
            () => 'nobody was held up',
            30_000,
          );
        } finally {
          await child.kill('SIGKILL');
          await holder.end();
        }
        expect((await resultsOf(candidate)).map(({ gateId }) => gateId)).not.toContain(made.id);

        const worker = await world.startWorker();
        const results = await followedUp(candidate, 60_000);
        expect(results.find(({ gateId }) => gateId === made.id)).toMatchObject({ outcome: 'pass' });
        await worker.stop();
      },
      120_000,
    );
  });
});
