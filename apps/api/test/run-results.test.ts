import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { evaluationItem, page, runDistribution, runSlices } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { refusal, startTestApi, type TestApi } from './api.ts';

const itemPage = page(evaluationItem).extend({ looked: z.int().optional() });
/** More than two searches look through. */
const COUNT = 25_000;

let api: TestApi;
let viewer: string;
let projectId: string;
let runId: string;
beforeAll(async () => {
  api = await startTestApi();
  const key = await api.newKey('viewer');
  viewer = key.key;
  projectId = key.projectId;
  runId = await seedRun(COUNT, 1);
}, 60_000);
afterAll(() => api.close());

/** A completed run, as workers would have left it: every fourth item is wrong, the last of them failed. */
async function seedRun(items: number, repeats: number): Promise<string> {
  const [datasetId, versionId, id] = [uuid(), uuid(), uuid()];
  const metrics = [
    { metric: 'exact_match', name: 'right' },
    { metric: 'levenshtein_similarity', name: 'like' },
    { metric: 'finish_reason', name: 'tone' },
  ];
  await api.database.query(sql`
    insert into datasets (id, project_id, name) values (${datasetId}, ${projectId}, 'items')`);
  await api.database.query(sql`
    insert into dataset_versions (id, dataset_id, version, item_count)
    values (${versionId}, ${datasetId}, 1, ${items})`);
  await api.database.query(sql`
    insert into dataset_items (version_id, position, key, input, expected, tags, split, metadata)
    select ${versionId}, i, 'item-' || i, to_json('question ' || i), '"yes"',
      case when i < 20 then array['rare'] else '{}' end || case when i % 2 = 0 then 'even' else 'odd' end,
      case when i % 5 = 0 then 'test' else 'train' end,
      jsonb_build_object('source', jsonb_build_object('kind', i % 3))
    from generate_series(0, ${items - 1}) i`);
  const total = items * repeats;
  await api.database.query(sql`
    insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
      metrics, repeats, concurrency, total, done, failed, batch_size, batch_window)
    values (${id}, ${projectId}, 'answers, all', 'completed', ${datasetId}, ${versionId},
      ${JSON.stringify({ kind: 'recorded', recordingId: uuid() })}::json,
      ${JSON.stringify(metrics)}::json, ${repeats}, 10, ${total}, ${total}, 1, 100, 10)`);
  await api.database.query(sql`
    insert into evaluation_items (run_id, no, key, repeat, status, attempt, output, error_class,
      error_message, latency_ms, cached)
    select ${id}, i, 'item-' || i / ${repeats}::int, i % ${repeats}::int,
      case when i = ${total - 1} then 'failed' else 'completed' end, 1,
      case when i = 7 then to_json(E'He said "Nö",\nand left'::text) else to_json('answer ' || i) end,
      case when i = ${total - 1} then 'timeout' end, case when i = ${total - 1} then 'too slow' end,
      case when i = 3 then 1e6 else 100 + i % 50 end, i % 10 = 1
    from generate_series(0, ${total - 1}) i`);
  await api.database.query(sql`
    insert into scores (run_id, no, metric, outcome, value, category, passed, reason)
    select ${id}, i, m, 'scored',
      case m when 0 then (i % 4 <> 0)::int when 1 then (i % 1000)::float8 / 1000 end,
      case when m = 2 then 'tone ' || i % 60 end,
      case when m = 0 then i % 4 <> 0 end, case when m = 0 and i % 4 = 0 then 'differs' end
    from generate_series(0, ${total - 2}) i, generate_series(0, 2) m`);
  return id;
}

const get = (path: string, id = runId) =>
  api.call('GET', `/api/v1/runs/${id}${path}`, { key: viewer });
const distribution = async (metric: string) =>
  runDistribution.parse((await get(`/distribution?metric=${metric}`)).json);
const items = async (query: string) => itemPage.parse((await get(`/items?${query}`)).json);

describe('the distribution of a metric', () => {
  test('of yes or no has a bin for each, and of categories the most frequent ones', async () => {
    const right = await distribution('right');
    expect(right).toMatchObject({ kind: 'boolean', source: 'metric', n: COUNT - 1, every: 1 });
    expect(right.bins).toEqual([
      { low: 0, high: 0, count: 6_250, min: 0, max: 0 },
      { low: 1, high: 1, count: 18_749, min: 1, max: 1 },
    ]);
    const tone = await distribution('tone');
    expect(tone.categories).toHaveLength(50);
    expect(tone.categories[0]).toEqual({ category: 'tone 0', count: 417 });
    const counted = tone.categories.reduce((sum, { count }) => sum + count, 0);
    expect(counted + tone.otherCategories).toBe(COUNT - 1);
    expect(tone).toMatchObject({ bins: [], mean: null });
  });

  test('of numbers has bins that hold every value once, and the filter finds what is in them', async () => {
    const like = await distribution('like');
    expect(like.bins.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT - 1);
    expect(like).toMatchObject({ kind: 'numeric', min: 0, max: 0.999 });
    expect(like.p50).toBe(0.499);
    expect(like.mean).toBeCloseTo(0.4995, 3);
    expect(like.bins[0]).toMatchObject({ low: 0, high: 0.05, count: 50 * 25, max: 0.049 });
    const bin = like.bins[3];
    const inside = await items(`metric=like&sort=worst&limit=1&min=${bin?.min}&max=${bin?.max}`);
    expect(inside.items[0]?.scores.find(({ name }) => name === 'like')?.value).toBe(bin?.min);
  });

  test('of latency leaves out answers from the cache and what failed, and one far out has an open bin', async () => {
    const latency = await distribution('latency_ms');
    expect(latency).toMatchObject({ source: 'usage', n: 0.9 * COUNT - 1, max: 1e6, min: 100 });
    expect(latency.bins.at(-1)).toMatchObject({ high: null, count: 1, min: 1e6 });
    const tokens = await distribution('input_tokens');
    expect(tokens).toMatchObject({ n: 0, bins: [], mean: null });
  });

  test('of a metric that is not there is refused, with those that are', async () => {
    const refused = refusal(await get('/distribution?metric=style'));
    expect(refused).toMatchObject({ status: 400, code: 'unknown_metric' });
    expect(refused.detail).toContain('right, like, tone, latency_ms');
    expect(refusal(await get('/distribution?metric=right', uuid())).status).toBe(404);
  });
});

describe('slices', () => {
  test('by tag, split and metadata have means with their intervals, and say where they are few', async () => {
    const byTag = runSlices.parse((await get('/slices?metric=right&by=tags')).json);
    expect(byTag.whole).toMatchObject({ n: COUNT - 1 });
    expect(byTag.whole.mean).toBeCloseTo(0.75, 4);
    expect(byTag.slices.map(({ value }) => value)).toEqual(['even', 'odd', 'rare']);
    const [even, odd, rare] = byTag.slices;
    expect(even).toMatchObject({ items: 12_500, n: 12_500, mean: 0.5, failed: 0, few: false });
    // Wilson: 0.5 ± 1.96 √(0.25 / 12,500), almost.
    expect(even?.low).toBeCloseTo(0.5 - 0.008765, 5);
    expect(odd).toMatchObject({ items: 12_500, n: 12_499, mean: 1, failed: 1, high: 1 });
    expect(rare).toMatchObject({ items: 20, n: 20, mean: 0.75, few: true });
    const byKind = runSlices.parse(
      (await get('/slices?metric=latency_ms&by=metadata.source.kind')).json,
    );
    expect(byKind.slices.map(({ value }) => value).toSorted()).toEqual(['0', '1', '2']);
    expect(byKind).toMatchObject({ source: 'usage', leftOut: 0 });
  });

  test('take the repeats of an item together', async () => {
    const repeated = await seedRun(25, 2);
    const answer = await get('/slices?metric=like&by=split', repeated);
    const { whole, slices } = runSlices.parse(answer.json);
    expect(whole.n).toBe(49);
    // The two repeats are alike: 25 items say this much, 49 values alone would say more.
    const half = ((whole.high ?? 0) - (whole.low ?? 0)) / 2;
    expect(half).toBeGreaterThan(0.0055);
    expect(slices[0]).toMatchObject({ value: 'train', items: 40, few: true });
  });

  test('of categories, and by what is no dimension, are refused', async () => {
    expect(refusal(await get('/slices?metric=tone&by=tags'))).toMatchObject({ code: 'no_mean' });
    const refused = refusal(await get('/slices?metric=right&by=colour'));
    expect(refused.errors?.[0]?.field).toContain('by');
  });
});

describe('a search through items', () => {
  test('says how far it has looked, and goes on where it ended', async () => {
    const pages = [await items('search=ANSWER%2024998')];
    for (let next = pages[0]?.nextCursor; next; next = pages.at(-1)?.nextCursor) {
      pages.push(await items(`search=ANSWER%2024998&cursor=${next}`));
    }
    expect(pages.map(({ looked, items: found }) => [looked, found.map(({ key }) => key)])).toEqual([
      [10_000, []],
      [20_000, []],
      [COUNT, ['item-24998']],
    ]);
    const full = await items('search=answer%201&limit=5');
    expect(full.items.map(({ no }) => no)).toEqual([1, 10, 11, 12, 13]);
    expect(full.looked).toBe(14);
    const on = await items(`search=answer%201&limit=2&cursor=${full.nextCursor}`);
    expect(on.items.map(({ no }) => no)).toEqual([14, 15]);
    expect(on.looked).toBe(16);
    expect((await items('limit=1')).looked).toBeUndefined();
  });

  test('finds text with quotes and line breaks, in output, input, expected value and key', async () => {
    const said = encodeURIComponent('said "nÖ",\nand');
    expect((await items(`search=${said}&limit=1`)).items.map(({ no }) => no)).toEqual([7]);
    expect((await items('search=question%2012&limit=1')).items[0]?.no).toBe(12);
    expect((await items('search=ITEM-31&limit=1')).items[0]?.no).toBe(31);
    const percent = await items('search=%25');
    expect(percent).toMatchObject({ items: [], looked: 10_000 });
  });

  test('takes what passed or not, and slices, in the order of a metric too', async () => {
    const wrong = await items('metric=right&passed=false&limit=3');
    expect(wrong.items.map(({ no }) => no)).toEqual([0, 4, 8]);
    const worst = await items(
      'metric=like&sort=worst&sliceBy=tags&sliceValue=rare&search=answer&limit=3',
    );
    expect(worst.items.map(({ no, tags }) => [no, tags])).toEqual([
      [0, ['rare', 'even']],
      [1, ['rare', 'odd']],
      [2, ['rare', 'even']],
    ]);
    const next = await items(
      `metric=like&sort=worst&sliceBy=tags&sliceValue=rare&search=answer&limit=3&cursor=${worst.nextCursor}`,
    );
    expect(next.items.map(({ no }) => no)).toEqual([3, 4, 5]);
    const best = await items('metric=like&sort=best&sliceBy=split&sliceValue=test&limit=2');
    expect(best.items.map(({ no }) => no)).toEqual([24_995, 23_995]);
    const tone = await items('metric=tone&category=tone%207&limit=2');
    expect(tone.items.map(({ no }) => no)).toEqual([7, 67]);
    const kind = await items('sliceBy=metadata.source.kind&sliceValue=2&limit=2');
    expect(kind.items.map(({ no, metadata }) => [no, metadata])).toEqual([
      [2, { source: { kind: 2 } }],
      [5, { source: { kind: 2 } }],
    ]);
  });

  test('needs what goes with it', async () => {
    expect(refusal(await get('/items?passed=true'))).toMatchObject({ code: 'metric_missing' });
    expect(refusal(await get('/items?sliceBy=tags'))).toMatchObject({
      code: 'slice_incomplete',
      errors: [{ field: 'sliceValue', message: 'is missing' }],
    });
  });
});

describe('the items as a file', () => {
  test('are those of the filter, each on a line', async () => {
    const file = await get('/items/export?metric=right&passed=false');
    expect(file.headers.get('content-disposition')).toBe(
      'attachment; filename=answers-all-items.ndjson',
    );
    const read = file.text
      .trim()
      .split('\n')
      .map((line) => evaluationItem.parse(JSON.parse(line)));
    expect(read.map(({ no }) => no)).toEqual(
      Array.from({ length: 6_250 }, (_, place) => 4 * place),
    );
  });

  test('as CSV have a row for each with what every metric says; without any, the header alone', async () => {
    const file = await get('/items/export?format=csv&key=item-4');
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const rows = z
      .array(z.record(z.string(), z.string()))
      .parse(parse(file.text, { columns: true }));
    expect(rows).toMatchObject([
      {
        key: 'item-4',
        tags: '["rare","even"]',
        input: 'question 4',
        output: 'answer 4',
        'right score': 'false',
        'right passed': 'false',
        'right reason': 'differs',
        'tone score': 'tone 4',
        latency_ms: '104',
      },
    ]);
    const none = await get('/items/export?format=csv&key=nowhere');
    expect(none.text.trim().split('\n')).toHaveLength(1);
    expect(refusal(await get('/items/export?sort=worst'))).toMatchObject({
      code: 'metric_missing',
    });
  });
});
