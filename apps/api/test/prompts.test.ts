import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prompt, promptVersion } from '#libs/contracts';
import { refusal, startTestApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test('a prompt has versions, is deleted and restored', async () => {
  const content = { text: 'Q: {{ input.question }}' };
  const answer = await api.call('POST', '/api/v1/prompts', { body: { name: 'ask', content } });
  expect(answer.status).toBe(201);
  const made = prompt.parse(answer.json);
  const path = `/api/v1/prompts/${made.id}`;
  expect(made.latest).toMatchObject({ version: 1, content, variables: ['input.question'] });

  const messages = [{ role: 'user', content: '{{ input }}' }];
  const body = { content: { messages }, note: 'as a chat' };
  const added = await api.call('POST', `${path}/versions`, { body });
  expect(added.status).toBe(201);
  const second = promptVersion.parse(added.json);
  expect((await api.call('GET', path)).json).toEqual({ ...made, latest: second });
  expect((await api.call('GET', `${path}/versions`)).json).toEqual({
    items: [second, made.latest],
    nextCursor: null,
  });

  expect((await api.call('DELETE', path)).status).toBe(204);
  expect((await api.call('GET', '/api/v1/prompts')).json).toMatchObject({ items: [] });
  expect(refusal(await api.call('POST', `${path}/versions`, { body })).code).toBe('prompt_deleted');
  expect((await api.call('POST', `${path}/restore`)).json).toMatchObject({ deletedAt: null });
  expect((await api.call('GET', '/api/v1/prompts')).json).toMatchObject({
    items: [{ id: made.id }],
  });
});

test('a template that is wrong is refused, by field and line', async () => {
  const content = { messages: [{ role: 'user', content: 'fine\n{% if input %}' }] };
  const answer = await api.call('POST', '/api/v1/prompts', { body: { name: 'ask', content } });
  expect(refusal(answer)).toMatchObject({
    status: 400,
    code: 'invalid_template',
    errors: [{ field: 'content.messages.0.content', line: 2 }],
  });
});
