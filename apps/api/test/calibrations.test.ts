import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calibration, type Calibration, type Json } from '#libs/contracts';
import { sql } from '#libs/database';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';

interface Seed {
  /** Of the dataset item; left out: none. */
  human?: Json;
  expected?: Json;
  /** What the metric says; null: the score broke; left out: the item is not done. */
  score?: number | string | null;
  details?: Json;
}

describe('calibrations', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  /** A run whose scores are put in by hand; items are `item-0`, `item-1` … */
  async function seedRun(
    seeds: readonly Seed[],
    { metric = 'exact_match', repeats = 1, ...spec }: Record<string, unknown> = {},
  ): Promise<string> {
    const datasetId = await api.newDataset();
    const items = seeds.map(({ human, expected }, place) => ({
      key: `item-${place}`,
      input: place,
      ...(expected !== undefined && { expected }),
      ...(human !== undefined && { metadata: { human } }),
    }));
    await api.call('POST', `/api/v1/datasets/${datasetId}/versions`, { body: items });
    const recording = await api.call('POST', '/api/v1/recordings?name=outputs', {
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"key": "item-0", "output": "a"}\n',
    });
    const run = await api.call('POST', '/api/v1/runs', {
      body: {
        name: 'judged',
        datasetId,
        repeats,
        target: { kind: 'recorded', recordingId: withId.parse(recording.json).id },
        metrics: [{ metric: 'output_tokens' }, { metric, name: 'judge', ...spec }],
      },
    });
    const { id } = withId.parse(run.json);
    for (const [no, { score, details = null }] of seeds.entries()) {
      if (score === undefined) continue;
      await api.database.query(sql`
        insert into evaluation_items (run_id, no, key, repeat, status, attempt)
        values (${id}, ${no}, ${`item-${no}`}, 0, 'completed', 1)`);
      await api.database.query(sql`
        insert into scores (run_id, no, metric, outcome, value, category, details)
        values (${id}, ${no}, 0, 'scored', 99, null, null),
          (${id}, ${no}, 1, ${score === null ? 'error' : 'scored'},
            ${typeof score === 'number' ? score : null}, ${typeof score === 'string' ? score : null},
            ${JSON.stringify(details)}::json)`);
    }
    return id;
  }

  const ask = (runId: string, body: unknown) =>
    api.call('POST', `/api/v1/runs/${runId}/calibrations`, { body });
  const calibrate = async (runId: string, body: Record<string, unknown>): Promise<Calibration> => {
    const answer = await ask(runId, { metric: 'judge', ...body });
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()]);
    return calibration.parse(answer.json);
  };
  const times = (count: number, seed: Seed): Seed[] => Array.from({ length: count }, () => seed);

  test('says how far a judge of yes or no agrees with labels of the dataset', async () => {
    const runId = await seedRun([
      ...times(20, { human: false, score: 0 }),
      ...times(20, { human: 'no', score: 1 }),
      ...times(10, { human: 'fail', score: 0 }).map((seed) => ({ ...seed, human: '1' })),
      ...times(50, { human: true, score: 1 }),
      { human: true, score: null },
      { score: 1 },
      { human: true },
      { human: ' ', score: 1 },
    ]);
    const given = await calibrate(runId, { labelPath: 'metadata.human' });
    // The table of a test of scikit-learn: kappa is 8/23.
    expect(given).toMatchObject({
      metric: 'judge',
      comparedAs: 'yes_no',
      n: 100,
      unmatched: 0,
      withoutScore: 1,
      categories: ['false', 'true'],
      confusion: [
        [20, 20],
        [10, 50],
      ],
      agreement: { value: 0.7, confidenceLow: expect.closeTo(0.6041514536665333, 9) },
      kappa: {
        value: expect.closeTo(8 / 23, 12),
        confidenceLow: expect.closeTo(0.16161347491, 9),
        confidenceHigh: expect.closeTo(0.5340386990029028, 9),
      },
      precision: 50 / 70,
      recall: 50 / 60,
      weightedKappa: { value: null },
      correlation: { value: null },
      positionBias: null,
    });
    expect(given.disagreements).toHaveLength(30);
    expect(given.disagreements[0]).toEqual({
      key: 'item-20',
      repeat: 0,
      human: 'false',
      judge: 'true',
    });
    expect(given.summary).toBe(
      'On 100 items the judge gives the human verdict in 70.0 % (70 of 100; 95 % interval 60.4 % to 78.1 %); beyond chance that is a kappa of 0.35 (0.16 to 0.53), slight to moderate.',
    );
  });

  test('takes labels by key and repeat, and says which the run does not have', async () => {
    const runId = await seedRun([{ score: 1 }, { score: 0 }, { score: null }, {}]);
    const labels = ['item-0', 'item-1', 'item-2', 'item-3', 'item-9'].map((key) => ({
      key,
      label: true,
    }));
    const given = await calibrate(runId, { labels: [...labels, { ...labels[0], repeat: 1 }] });
    expect(given).toMatchObject({ n: 2, withoutScore: 1, unmatched: 3 });
    expect(given.disagreements).toEqual([
      { key: 'item-1', repeat: 0, human: 'true', judge: 'false' },
    ]);
    expect(given.summary).toMatch(/^Too few to say, label at least 30 items: on 2 items/);
    const twice = await ask(runId, { metric: 'judge', labels: [labels[0], labels[0]] });
    expect(refusal(twice)).toMatchObject({ status: 400, code: 'duplicate_label' });
  });

  test('reads more labels than it asks for at a time', async () => {
    const runId = await seedRun(times(450, { human: true, score: 1 }));
    expect(await calibrate(runId, { labelPath: 'metadata.human' })).toMatchObject({ n: 450 });
    const labels = Array.from({ length: 2_300 }, (_, no) => ({ key: `item-${no}`, label: true }));
    const given = await calibrate(runId, { labels });
    expect(given).toMatchObject({ n: 450, unmatched: 1_850, kappa: { value: null } });
    expect(given.summary).toContain('kappa is not defined');
  });

  test('says that there is nothing to compare', async () => {
    const runId = await seedRun([{ score: 1 }]);
    const given = await calibrate(runId, { labelPath: 'expected.human' });
    expect(given).toMatchObject({
      n: 0,
      agreement: { value: null },
      confusion: [
        [0, 0],
        [0, 0],
      ],
    });
    expect(given.summary).toBe('Nothing to compare: no item that is done has a label.');
  });

  test('compares few levels as ordered categories and as numbers', async () => {
    // The skin conditions of the guide to SAS: quadratic weights give 0.6607.
    const table = [
      [10, 4, 1, 0],
      [5, 10, 12, 2],
      [2, 4, 12, 5],
      [0, 2, 6, 13],
    ];
    const seeds = table.flatMap((row, human) =>
      row.flatMap((count, score) => times(count, { human: String(human), score })),
    );
    const runId = await seedRun(seeds, { metric: 'word_count' });
    const given = await calibrate(runId, { labelPath: 'metadata.human' });
    expect(given).toMatchObject({
      comparedAs: 'levels',
      categories: ['0', '1', '2', '3'],
      confusion: table,
      kappa: { value: expect.closeTo(0.3448753462603878, 12) },
      weightedKappa: { value: expect.closeTo(0.6607228915662648, 12) },
      meanDifference: { value: expect.closeTo(4 / 88, 12) },
    });
    expect(given.correlation.value).toBeGreaterThan(0.6);
    expect(given.disagreements.slice(0, 5).map(({ human, judge }) => human + judge)).toEqual([
      '02',
      '13',
      '13',
      '20',
      '20',
    ]);
    expect(given.summary).toContain('which may be chance');
  });

  test('compares graded scores as numbers, or by a threshold', async () => {
    const seeds = Array.from({ length: 40 }, (_, place) => ({
      expected: { human: place / 40 },
      score: Math.min(1, place / 40 + 0.1),
    }));
    const runId = await seedRun(seeds, { metric: 'levenshtein_similarity' });
    const given = await calibrate(runId, { labelPath: 'expected.human' });
    expect(given).toMatchObject({ comparedAs: 'graded', categories: [], confusion: [], n: 40 });
    expect(given.correlation.value).toBeGreaterThan(0.99);
    expect(given.meanDifference.value).toBeCloseTo((36 * 0.1 + 0.1 + 0.075 + 0.05 + 0.025) / 40, 9);
    expect(given.agreement.value).toBeNull();
    expect(given.summary).toMatch(/on average, beyond chance/);

    const halves = await calibrate(runId, { labelPath: 'expected.human', threshold: 0.5 });
    expect(halves).toMatchObject({
      comparedAs: 'yes_no',
      confusion: [
        [16, 4],
        [0, 20],
      ],
    });
  });

  test('compares only the order where people use another scale', async () => {
    const seeds = Array.from({ length: 30 }, (_, place) => ({
      human: (place % 5) + 1,
      score: (place % 5) / 4,
    }));
    const runId = await seedRun(seeds, { metric: 'levenshtein_similarity' });
    const given = await calibrate(runId, { labelPath: 'metadata.human' });
    expect(given).toMatchObject({
      comparedAs: 'graded',
      correlation: { value: 1 },
      meanDifference: { value: null },
      kappa: { value: null },
    });
    expect(given.summary).toContain('another scale');
  });

  test('holds yes and no against numbers by the threshold of the metric, if it has one', async () => {
    const seeds = [
      { human: true, score: 0.9 },
      { human: false, score: 0.6 },
    ];
    const withOne = await seedRun(seeds, { metric: 'levenshtein_similarity', threshold: 0.7 });
    expect(await calibrate(withOne, { labelPath: 'metadata.human' })).toMatchObject({
      confusion: [
        [1, 0],
        [0, 1],
      ],
      kappa: { value: 1, confidenceLow: null },
    });
    const without = await seedRun(seeds, { metric: 'levenshtein_similarity' });
    expect(
      refusal(await ask(without, { metric: 'judge', labelPath: 'metadata.human' })),
    ).toMatchObject({
      status: 422,
      code: 'label_unreadable',
      detail: expect.stringContaining('give a threshold'),
    });
  });

  test('compares categories, ordered where their order is given', async () => {
    const seeds = [
      ...times(2, { human: 'bad', score: 'bad' }),
      { human: 'fair', score: 'good' },
      ...times(3, { human: 'good', score: 'good' }),
    ];
    const runId = await seedRun(seeds, { metric: 'finish_reason' });
    const given = await calibrate(runId, { labelPath: 'metadata.human' });
    expect(given).toMatchObject({
      comparedAs: 'categories',
      categories: ['bad', 'fair', 'good'],
      confusion: [
        [2, 0, 0],
        [0, 0, 1],
        [0, 0, 3],
      ],
      weightedKappa: { value: null },
    });
    const categories = ['bad', 'fair', 'good'];
    const ordered = await calibrate(runId, { labelPath: 'metadata.human', categories });
    expect(ordered.weightedKappa.value).toBeGreaterThan(given.kappa.value ?? 1);
    const lacking = await ask(runId, {
      metric: 'judge',
      labelPath: 'metadata.human',
      categories: ['bad', 'good'],
    });
    expect(refusal(lacking)).toMatchObject({ status: 422, code: 'unknown_category' });
  });

  test('says how far a pairwise judge goes by the place of the answers', async () => {
    const orders = (first: string, second: string) => ({
      orders: [
        { output: 'first', reasoning: 'r', preferred: first },
        { output: 'second', reasoning: 'r', preferred: second },
      ],
    });
    const seeds: Seed[] = [
      ...times(5, { human: 1, score: 1, details: orders('first', 'second') }),
      { human: 0.5, score: 0.5, details: orders('tie', 'tie') },
      ...times(2, { human: 0, score: 0.5, details: orders('first', 'first') }),
      { human: 0, score: 0.5, details: orders('second', 'second') },
      { human: 0, score: 0.5, details: orders('tie', 'first') },
      { human: 0, score: 0.5, details: { votes: [] } },
    ];
    await api.call('POST', '/api/v1/providers', {
      body: { name: 'judge', kind: 'openai', credentials: { apiKey: 'not-asked-here' } },
    });
    const config = { model: { provider: 'judge', model: 'm' } };
    const runId = await seedRun(seeds, { metric: 'pairwise_preference', config });
    const given = await calibrate(runId, { labelPath: 'metadata.human' });
    expect(given).toMatchObject({
      comparedAs: 'levels',
      categories: ['0', '0.5', '1'],
      positionBias: { n: 10, consistent: 0.6, firstPreferred: 0.5, secondPreferred: 0.25 },
    });
    expect(given.summary).toContain(
      'with the answers swapped it keeps its verdict in 60.0 % of 10 pairs',
    );
  });

  test.each([
    [{ labelPath: 'metadata.human' }, { human: [1], score: 1 }, 422, 'label_unreadable'],
    [
      { labelPath: 'metadata.human' },
      { human: 'x'.repeat(201), score: 1 },
      422,
      'label_unreadable',
    ],
    [{ labelPath: 'metadata.human' }, { human: 'perhaps', score: 1 }, 422, 'label_unreadable'],
    [
      { labelPath: 'expected', categories: ['a', 'b'] },
      { expected: 1, score: 1 },
      400,
      'categories_not_given',
    ],
    [{ labelPath: 'input' }, {}, 400, 'invalid_request'],
    [{}, {}, 400, 'invalid_request'],
    [{ labelPath: 'expected', labels: [{ key: 'a', label: 1 }] }, {}, 400, 'invalid_request'],
    [{ metric: 'none', labelPath: 'expected' }, {}, 400, 'unknown_metric'],
  ])('refuses %j', async (body, seed, status, code) => {
    const runId = await seedRun([seed]);
    const answer = refusal(await ask(runId, { metric: 'judge', ...body }));
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  test('says which of the labels is wrong, and what one must be', async () => {
    const runId = await seedRun([{ score: 1 }, { score: 0 }]);
    const asked = (label: unknown) =>
      ask(runId, {
        metric: 'judge',
        labels: [
          { key: 'item-0', label: true },
          { key: 'item-1', label },
        ],
      });
    const field = 'labels.1.label';
    expect(refusal(await asked('perhaps'))).toMatchObject({
      status: 422,
      errors: [{ field, message: expect.stringContaining('is neither yes nor no') }],
    });
    expect(refusal(await asked(null))).toMatchObject({
      status: 400,
      errors: [
        { field, message: 'must be a number, true or false, or a text of 1 to 200 characters' },
      ],
    });
  });

  test('is for those who may see the run', async () => {
    const runId = await seedRun([{ human: true, score: 1 }]);
    const { key } = await api.newKey('viewer');
    const body = { metric: 'judge', labelPath: 'metadata.human' };
    const other = await api.call('POST', `/api/v1/runs/${runId}/calibrations`, { key, body });
    expect(refusal(other)).toMatchObject({ status: 404, code: 'run_not_found' });
  });
});
