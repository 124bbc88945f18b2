import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run, RunMetric } from '#libs/contracts';
import { sql } from '#libs/database';
import { backends, createWorld, type World } from '../support/world.ts';

/** More items than are read at a time. */
const COUNT = 5_200;
const labels = ['cat', 'dog', 'bird'];
const labelOf = (index: number): string => labels[index % 3] ?? '';
/** Every fourth is wrong: the next label; every hundredth names none. */
const predictedOf = (index: number): string => {
  if (index % 100 === 0) return 'I would say neither.';
  return `Answer: ${labelOf(index % 4 === 1 ? index + 1 : index)}`;
};

describe('values of a whole run', () => {
  let world: World;
  let run: Run;
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    await world.startWorker();
    const datasetId = await world.seedDataset(COUNT, labelOf);
    const recordingId = await world.seedRecording(COUNT, predictedOf);
    await world.database.query(sql`
      update recorded_outputs set
        finish_reason = case when substr(key, 6)::int % 10 = 0 then 'length' else 'stop' end,
        tool_calls = '[{"name": "look", "arguments": {}}]', latency_ms = 5
      where recording_id = ${recordingId}`);
    const submitted = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [
        { metric: 'classification', extract: 'Answer: (\\w+)' },
        { metric: 'finish_reason', config: { allowed: ['stop'] } },
        { metric: 'step_count' },
        { metric: 'latency_ms', threshold: 10 },
      ],
    });
    run = await world.waitForState(submitted.id, 'completed');
  });
  afterAll(() => world.close());

  const metricsOf = async (runId: string): Promise<RunMetric[]> =>
    (await world.runs.listMetrics(world.projectId, runId)).items;

  const indices = Array.from({ length: COUNT }, (_, index) => index);
  const isRight = (index: number) => index % 100 !== 0 && index % 4 !== 1;

  test('add up every score, also those of outputs from which nothing could be extracted', async () => {
    const [classification] = await metricsOf(run.id);
    const right = indices.filter(isRight).length;
    const values = new Map(
      classification?.runLevel?.values.map(({ name, value }) => [name, value]),
    );
    expect(classification).toMatchObject({ n: COUNT, passed: right, errors: 0 });
    expect(values.get('accuracy')).toBeCloseTo(right / COUNT, 12);
    const cats = indices.filter((index) => labelOf(index) === 'cat');
    expect(classification?.runLevel?.details).toMatchObject({
      classes: expect.arrayContaining([
        expect.objectContaining({
          label: 'cat',
          support: cats.length,
          recall: expect.closeTo(cats.filter(isRight).length / cats.length, 12),
        }),
      ]),
    });
  });

  test('count the categories, and judge them', async () => {
    const [, finishReason] = await metricsOf(run.id);
    expect(finishReason).toMatchObject({
      n: 0,
      mean: null,
      worstCase: null,
      passed: 4_680,
      categories: [
        { category: 'stop', count: 4_680 },
        { category: 'length', count: 520 },
      ],
      runLevel: null,
    });
  });

  test('go on to runs that score the same outputs again', async () => {
    const { datasetId, metrics } = run;
    const again = await world.submit({
      datasetId,
      target: { kind: 'recorded', runId: run.id },
      metrics,
    });
    await world.waitForState(again.id, 'completed');
    expect(await metricsOf(again.id)).toEqual(await metricsOf(run.id));
    const { items } = await world.runs.listItems(world.projectId, again.id, {
      sort: 'position',
      limit: 1,
    });
    expect(items).toMatchObject([
      {
        finishReason: 'length',
        toolCalls: [{ name: 'look', arguments: {} }],
        scores: [
          { name: 'classification', value: false },
          { name: 'finish_reason', value: 'length', passed: false },
          { name: 'step_count', value: 1 },
          { name: 'latency_ms', value: 5, passed: true },
        ],
      },
    ]);
  });
});
