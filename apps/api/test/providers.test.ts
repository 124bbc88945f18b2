import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provider, secret } from '#libs/contracts';
import { CallError, type ModelCalls } from '#libs/evaluation';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';

const credentials = { apiKey: 'sk-of-the-test' };
const openai = { name: 'openai', kind: 'openai', credentials };

/** Models that know one name; what a provider really answers is tested where models are. */
const models: ModelCalls = {
  async generate({ provider: name, model }) {
    if (model !== 'known') throw new CallError('model_not_found', 'there is no such model');
    const rest = { toolCalls: [], finishReason: 'stop', queueMs: 0, tries: [], cached: false };
    return { text: `ok of ${name}`, latencyMs: 12, ...rest };
  },
  embed: () => Promise.reject(new Error('nothing is embedded here')),
};

let api: TestApi;
let admin: string;
let editor: string;
let viewer: string;
beforeAll(async () => {
  api = await startTestApi({ deps: { models: () => models } });
  const { key, projectId } = await api.newKey('admin');
  admin = key;
  editor = (await api.newKey('editor', projectId)).key;
  viewer = (await api.newKey('viewer', projectId)).key;
});
afterAll(() => api.close());

const post = (path: string, body: unknown, key = admin) =>
  api.call('POST', `/api/v1/${path}`, { key, body });

describe('a provider', () => {
  test('is made, changed and deleted by admins, and seen by all without its key', async () => {
    expect(refusal(await post('providers', openai, editor)).status).toBe(403);
    const answer = await post('providers', openai);
    expect(answer.status).toBe(201);
    const made = provider.strict().parse(answer.json);
    expect(made).toMatchObject({ name: 'openai', hasCredentials: true, prices: {} });

    const path = `/api/v1/providers/${made.id}`;
    const seen = await api.call('GET', path, { key: viewer });
    expect(seen.json).toEqual(made);
    const list = await api.call('GET', '/api/v1/providers', { key: viewer });
    expect(list.json).toEqual({ items: [made], nextCursor: null });

    const change = { requestsPerMinute: 60 };
    expect((await api.call('PATCH', path, { key: editor, body: change })).status).toBe(403);
    const changed = await api.call('PATCH', path, { key: admin, body: change });
    expect(changed.json).toMatchObject({ ...change, hasCredentials: true });

    expect((await api.call('DELETE', path, { key: editor })).status).toBe(403);
    expect((await api.call('DELETE', path, { key: admin })).status).toBe(204);
    expect(refusal(await api.call('GET', path, { key: viewer }))).toMatchObject({
      status: 404,
      code: 'provider_not_found',
    });
  });

  test('is refused with a status of its own for each reason', async () => {
    const azure = { ...openai, name: 'azure', kind: 'azure_openai' };
    expect(refusal(await post('providers', azure))).toMatchObject({
      status: 400,
      code: 'invalid_provider',
      errors: [{ field: 'resourceName' }],
    });
    await post('providers', { ...openai, name: 'twice' });
    expect(refusal(await post('providers', { ...openai, name: 'twice' }))).toMatchObject({
      status: 409,
      code: 'provider_exists',
    });
    const elsewhere = await post('providers', { ...openai, name: 'elsewhere' });
    const path = `/api/v1/providers/${withId.parse(elsewhere.json).id}`;
    const body = { baseUrl: 'https://models.example.org/v1' };
    expect(refusal(await api.call('PATCH', path, { key: admin, body }))).toMatchObject({
      status: 422,
      code: 'credentials_needed',
    });
  });

  test('is tried by editors, and what goes wrong is told with class and remedy', async () => {
    const made = await post('providers', { ...openai, name: 'tried' });
    const path = `providers/${withId.parse(made.json).id}/test`;
    expect(refusal(await post(path, { model: 'known' }, viewer)).status).toBe(403);
    const works = await post(path, { model: 'known' }, editor);
    expect([works.status, works.json]).toEqual([
      200,
      { ok: true, latencyMs: 12, output: 'ok of tried', error: null },
    ]);
    const fails = await post(path, { model: 'unknown' }, editor);
    expect([fails.status, fails.json]).toEqual([
      200,
      {
        ok: false,
        latencyMs: null,
        output: null,
        error: {
          class: 'model_not_found',
          message: 'there is no such model',
          remedy: expect.stringContaining('Check the spelling'),
        },
      },
    ]);
  });
});

test('a secret is made by admins, and only its name is ever seen', async () => {
  const body = { name: 'TOKEN', value: 'of-the-test' };
  expect(refusal(await post('secrets', body, editor)).status).toBe(403);
  const made = secret.strict().parse((await post('secrets', body)).json);
  const path = `/api/v1/secrets/${made.id}`;
  expect((await api.call('GET', '/api/v1/secrets', { key: viewer })).json).toEqual({
    items: [made],
    nextCursor: null,
  });
  const replaced = await api.call('PATCH', path, { key: admin, body: { value: 'another' } });
  expect(secret.strict().parse(replaced.json)).toMatchObject({ id: made.id, name: 'TOKEN' });
  expect((await api.call('DELETE', path, { key: admin })).status).toBe(204);
  expect(refusal(await api.call('DELETE', path, { key: admin }))).toMatchObject({
    status: 404,
    code: 'secret_not_found',
  });
});
