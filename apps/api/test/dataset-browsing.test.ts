import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataset, datasetItem, datasetVersion, page, versionSummary } from '#libs/contracts';
import { z } from 'zod';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';
import { ndjson, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const itemsPage = page(datasetItem).extend({ searchedTo: z.int().optional() });
const itemsOf = async (id: string, query: Record<string, string>) => {
  const text = new URLSearchParams(query).toString();
  const { json } = await api.call('GET', `/api/v1/datasets/${id}/versions/1/items?${text}`);
  return itemsPage.parse(json);
};
const newDataset = async (rows: readonly unknown[]): Promise<string> => {
  const id = await api.newDataset();
  expect((await upload(api, id, ndjson(rows))).status).toBe(201);
  return id;
};

describe('the list of datasets', () => {
  test('is searched by name, description and tag', async () => {
    const { key } = await api.newKey('editor');
    const create = (body: unknown) => api.call('POST', '/api/v1/datasets', { key, body });
    await create({ name: 'Capitals 100%', tags: ['geo'] });
    await create({
      name: 'rivers',
      description: 'From the CAPITAL to the sea',
      tags: ['geo', 'water'],
    });
    await create({ name: 'sums', tags: ['maths'] });
    const namesOf = async (query: Record<string, string>) => {
      const path = `/api/v1/datasets?${new URLSearchParams(query).toString()}`;
      return page(dataset)
        .parse((await api.call('GET', path, { key })).json)
        .items.map(({ name }) => name);
    };
    expect(await namesOf({ search: 'capital' })).toEqual(['rivers', 'Capitals 100%']);
    expect(await namesOf({ search: '0%' })).toEqual(['Capitals 100%']);
    expect(await namesOf({ search: 'MATHS' })).toEqual(['sums']);
    expect(await namesOf({ tag: 'geo', search: 'river' })).toEqual(['rivers']);
    expect(await namesOf({ search: '_' })).toEqual([]);
  });

  test('says how many runs each has, when it changed last, and who made its versions', async () => {
    const { key } = await api.newKey('editor');
    const id = await api.newDataset(key);
    const get = async () =>
      dataset.parse((await api.call('GET', `/api/v1/datasets/${id}`, { key })).json);
    const empty = await get();
    expect(empty).toMatchObject({ runCount: 0, latestVersion: null, changedAt: empty.createdAt });
    const body = ndjson([{ key: 'a', input: 1 }]);
    const headers = { 'content-type': 'application/x-ndjson' };
    await api.call('POST', `/api/v1/datasets/${id}/versions`, { key, headers, body });
    await api.call('POST', `/api/v1/datasets/${id}/edits`, {
      key,
      body: { remove: [], put: [{ key: 'b', input: 2 }] },
    });
    const { json } = await api.call('GET', `/api/v1/datasets/${id}/versions`, { key });
    const versions = page(datasetVersion).parse(json).items;
    expect(versions.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, 'a editor'],
      [1, 'a editor'],
    ]);
    const recorded = await api.call('POST', '/api/v1/recordings?name=r', {
      key,
      headers,
      body: ndjson([{ key: 'a', output: 1 }]),
    });
    const run = {
      name: 'r',
      datasetId: id,
      target: { kind: 'recorded', recordingId: withId.parse(recorded.json).id },
      metrics: [{ metric: 'exact_match' }],
    };
    const runs = await Promise.all(
      [1, 2].map(() => api.call('POST', '/api/v1/runs', { key, body: run })),
    );
    const gone = withId.parse(runs[0]?.json).id;
    await api.call('POST', `/api/v1/runs/${gone}/cancel`, { key });
    await api.call('DELETE', `/api/v1/runs/${gone}`, { key });
    const full = await get();
    expect(full).toMatchObject({ runCount: 1, latestVersion: 2, itemCount: 2 });
    expect(full.changedAt).toBe(versions[0]?.createdAt);
  });
});

describe('the items of a version', () => {
  test('are searched in key, input and expected value, as text', async () => {
    const id = await newDataset([
      { key: 'Fr', input: { question: 'Capital of France?' }, expected: 'Paris' },
      { key: 'jp', input: 'He said "capital"', expected: { city: 'Tokyo' }, tags: ['east'] },
      { key: 'paris-2', input: 'another\nline', metadata: { note: 'capital' } },
    ]);
    const found = async (search: string, more = {}) =>
      (await itemsOf(id, { search, ...more })).items.map(({ key }) => key);
    expect(await found('capital')).toEqual(['Fr', 'jp']);
    expect(await found('PARIS')).toEqual(['Fr', 'paris-2']);
    expect(await found('"capital"')).toEqual(['jp']);
    expect(await found('another\nline')).toEqual(['paris-2']);
    expect(await found('o', { tag: 'east' })).toEqual(['jp']);
    expect(await found('%')).toEqual([]);
    expect(await itemsOf(id, { search: 'capital', limit: '1' })).toMatchObject({
      items: [{ key: 'Fr' }],
      nextCursor: expect.any(String),
      searchedTo: 0,
    });
    expect(await itemsOf(id, { search: 'tokyo' })).toMatchObject({
      nextCursor: null,
      searchedTo: 2,
    });
  });

  test('are searched a bounded part at a time', async () => {
    const id = await newDataset(
      Array.from({ length: 45_000 }, (_, i) => ({
        key: `k${i}`,
        input: i === 7 || i === 30_000 ? 'a needle' : 'hay',
      })),
    );
    const pages: { keys: string[]; searchedTo: number | undefined }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const given: Record<string, string> = cursor === '' ? {} : { cursor };
      const found = await itemsOf(id, { search: 'NEEDLE', ...given });
      pages.push({ keys: found.items.map(({ key }) => key), searchedTo: found.searchedTo });
      cursor = found.nextCursor;
    }
    expect(pages).toEqual([
      { keys: ['k7'], searchedTo: 19_999 },
      { keys: ['k30000'], searchedTo: 39_999 },
      { keys: [], searchedTo: 44_999 },
    ]);
  });

  test('are counted by split and tag', async () => {
    const id = await newDataset([
      { key: 'a', input: 1, expected: 1, split: 'train', tags: ['x', 'y', 'x'] },
      { key: 'b', input: 1, expected: null, split: 'train', tags: ['x'] },
      { key: 'c', input: 1, split: 'test' },
      { key: 'd', input: 1 },
    ]);
    const { json } = await api.call('GET', `/api/v1/datasets/${id}/versions/1/summary`);
    expect(versionSummary.parse(json)).toEqual({
      itemCount: 4,
      expectedCount: 2,
      splitCount: 2,
      splits: [
        { split: 'train', items: 2 },
        { split: 'test', items: 1 },
        { split: null, items: 1 },
      ],
      tagCount: 2,
      tags: [
        { tag: 'x', items: 2 },
        { tag: 'y', items: 1 },
      ],
    });
    const missing = await api.call('GET', `/api/v1/datasets/${id}/versions/2/summary`);
    expect(refusal(missing).code).toBe('dataset_version_not_found');
  });
});
