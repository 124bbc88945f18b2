import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EvaluationItem, Run } from '#libs/contracts';
import { createTarget } from '#libs/targets';
import { SMALL_BATCH } from '../support/batches.ts';
import { expectExact } from '../support/exact.ts';
import { board } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('what fails on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
    await world.startWorker();
  });
  afterAll(() => world.close());

  const itemsOf = async (run: Run): Promise<EvaluationItem[]> =>
    (await world.runs.listItems(world.projectId, run.id, { limit: 200, sort: 'position' })).items;
  const failedJob = (runId: string) =>
    waitFor(async () => {
      const jobs = await board(world, 'batches').getJobs(['failed'], 0, 50);
      return jobs.find(({ data }) => data.runId === runId);
    });

  test('items without an output fail, the run completes with them, the job of their batch fails', async () => {
    const datasetId = await world.seedDataset(60);
    const recordingId = await world.seedRecording(60, (i) => (i < 5 ? undefined : `secret ${i}`));
    const submitted = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    const run = await world.waitForState(submitted.id, 'completed');

    expect(run).toMatchObject({ done: 60, failed: 5 });
    expect(run.summary).toMatchObject([{ n: 55, mean: 0, errors: 0, notApplicable: 0 }]);
    const items = await itemsOf(run);
    expect(items[0]).toMatchObject({
      status: 'failed',
      scores: [],
      output: null,
      error: { class: 'output_missing', message: 'no recorded output for item "item-0", repeat 0' },
    });
    expect(items[5]).toMatchObject({ status: 'completed', output: 'secret 5' });
    await expectExact(world, run.id);

    const job = await failedJob(run.id);
    expect(job.failedReason).toBe(`5 of ${SMALL_BATCH} items failed; the run's page says which.`);
    expect(JSON.stringify([job.data, job.stacktrace])).not.toContain('secret');
    const failed = (await board(world, 'batches').getJobs(['failed'], 0, 50)).filter(
      ({ data }) => data.runId === run.id,
    );
    expect(failed).toHaveLength(1);
  });

  test('an answer without anything to extract is wrong, a missing reference is not applicable, neither is the other', async () => {
    const datasetId = await world.seedDataset(30, (i) => (i < 10 ? undefined : String(i)));
    const recordingId = await world.seedRecording(30, (i) => (i < 20 ? `#### ${i}` : 'no idea'));
    const metrics = [
      { metric: 'exact_match', extract: '#### (\\d+)' },
      { metric: 'exact_match', name: 'plain' },
    ];
    const submitted = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics,
    });
    const run = await world.waitForState(submitted.id, 'completed');

    expect(run).toMatchObject({ done: 30, failed: 0 });
    expect(run.summary).toEqual([
      { name: 'exact_match', n: 20, mean: 0.5, errors: 0, notApplicable: 10 },
      { name: 'plain', n: 20, mean: 0, errors: 0, notApplicable: 10 },
    ]);
    const items = await itemsOf(run);
    expect(items[0]?.scores[0]).toEqual({
      name: 'exact_match',
      value: null,
      notApplicable: true,
      reason: 'the item has no expected',
    });
    expect(items[10]?.scores[0]).toMatchObject({ value: true, passed: true });
    expect(items[20]?.scores[0]).toMatchObject({
      value: false,
      passed: false,
      reason: 'nothing in the output matches extract',
    });
    await expectExact(world, run.id);
  });

  test('a scorer that breaks is an error of that score, not a 0 and not a failed item', async () => {
    // Texts that are too long to compare.
    const long = (letter: string, i: number) => (i < 8 ? letter.repeat(40_000) : String(i));
    const datasetId = await world.seedDataset(20, (i) => long('a', i));
    const recordingId = await world.seedRecording(20, (i) => long('b', i));
    const submitted = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric: 'levenshtein_similarity' }],
    });
    const run = await world.waitForState(submitted.id, 'completed');

    expect(run).toMatchObject({ done: 20, failed: 0 });
    expect(run.summary).toMatchObject([{ n: 12, mean: 1, errors: 8, notApplicable: 0 }]);
    const [broken] = await itemsOf(run);
    expect(broken?.scores[0]).toMatchObject({ value: null, error: expect.any(String) });
    await expectExact(world, run.id);
  });
});

describe.each(backends)('what fails unexpectedly on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  test('an item that breaks its target every time is given up, all others are completed', async () => {
    let broken = 0;
    await world.startWorker(
      {},
      {
        createTarget(spec, ports) {
          const target = createTarget(spec, ports);
          return {
            async produce(cases, context) {
              if (cases.some(({ key }) => key === 'item-33')) {
                broken += 1;
                throw new Error('secret prompt');
              }
              return target.produce(cases, context);
            },
          };
        },
      },
    );
    const datasetId = await world.seedDataset(100);
    const recordingId = await world.seedRecording(100);
    const submitted = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    const run = await world.waitForState(submitted.id, 'completed', 25_000);

    expect(run).toMatchObject({ done: 100, failed: 1 });
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: 10,
      sort: 'position',
      status: 'failed',
    });
    expect(items).toMatchObject([{ key: 'item-33', error: { class: 'internal_error' } }]);
    expect(broken).toBe(10);
    await expectExact(world, run.id);
    const jobs = await board(world, 'batches').getJobs(['failed'], 0, 50);
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      expect(JSON.stringify([job.failedReason, job.stacktrace])).not.toContain('secret');
    }
  });
});
