import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase, uuid, type Database } from '#libs/database';
import { createTestDatabase, type TestDatabase } from '#test/databases';
import {
  createPrompt,
  createPromptVersion,
  deletePrompt,
  getPrompt,
  listPrompts,
  listPromptVersions,
  restorePrompt,
} from './index.ts';

const page = { limit: 50 };

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, poolMax: 8 });
  await database.migrate();
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const ask = { name: 'ask', content: { text: 'Q: {{ input.question }}' } };

describe('a prompt', () => {
  test('has its first version, with what its templates name', async () => {
    const projectId = uuid();
    const messages = [
      { role: 'system' as const, content: 'Answer in {{ metadata.language }}.' },
      { role: 'user' as const, content: '{{ input.question }} {{ input.question }}' },
    ];
    const made = await createPrompt(database, projectId, {
      ...ask,
      description: 'short answers',
      content: { messages },
      note: 'first',
    });
    expect(made).toMatchObject({
      name: 'ask',
      description: 'short answers',
      deletedAt: null,
      latest: {
        version: 1,
        note: 'first',
        content: { messages },
        variables: ['metadata.language', 'input.question'],
      },
    });
    expect(await getPrompt(database, projectId, made.id)).toEqual(made);
  });

  test('keeps every version as it was', async () => {
    const projectId = uuid();
    const { id } = await createPrompt(database, projectId, ask);
    const content = { text: 'In short: {{ input.question }}' };
    const second = await createPromptVersion(database, projectId, id, { content });
    expect(second).toMatchObject({ version: 2, content, variables: ['input.question'] });
    const { latest } = await getPrompt(database, projectId, id);
    expect(latest).toEqual(second);
    const { items } = await listPromptVersions(database, projectId, id, page);
    expect(items.map(({ version, content }) => [version, content])).toEqual([
      [2, content],
      [1, ask.content],
    ]);
  });

  test('numbers versions that come at once without gaps or doubles', async () => {
    const projectId = uuid();
    const { id } = await createPrompt(database, projectId, ask);
    const texts = Array.from({ length: 40 }, (_, index) => `version ${index}`);
    const made = await Promise.all(
      texts.map((text) => createPromptVersion(database, projectId, id, { content: { text } })),
    );
    const numbers = made.map(({ version }) => version).toSorted((a, b) => a - b);
    expect(numbers).toEqual(texts.map((_, index) => index + 2));
    const { items } = await listPromptVersions(database, projectId, id, page);
    for (const one of made) expect(items).toContainEqual(one);
  });

  test.each([
    ['a text', { text: 'fine\n{{ input.question' }, 'content.text', 2],
    [
      'the second message',
      {
        messages: [
          { role: 'system' as const, content: 'fine' },
          { role: 'user' as const, content: '\n\n{% if input %}' },
        ],
      },
      'content.messages.1.content',
      3,
    ],
  ])(
    'is refused where a template is wrong, by field and line: %s',
    async (_, content, field, line) => {
      const projectId = uuid();
      const refused = { code: 'invalid_template', errors: [{ field, line }] };
      await expect(createPrompt(database, projectId, { ...ask, content })).rejects.toMatchObject(
        refused,
      );
      expect((await listPrompts(database, projectId, page)).items).toEqual([]);
      const { id } = await createPrompt(database, projectId, ask);
      await expect(createPromptVersion(database, projectId, id, { content })).rejects.toMatchObject(
        refused,
      );
    },
  );

  test('is left out of lists and takes no versions while it is deleted', async () => {
    const projectId = uuid();
    const { id } = await createPrompt(database, projectId, ask);
    await deletePrompt(database, projectId, id);
    await deletePrompt(database, projectId, id);
    expect((await listPrompts(database, projectId, page)).items).toEqual([]);
    expect(
      (await listPrompts(database, projectId, { ...page, deleted: true })).items,
    ).toMatchObject([{ id }]);
    await expect(createPromptVersion(database, projectId, id, ask)).rejects.toMatchObject({
      code: 'prompt_deleted',
    });
    expect(await restorePrompt(database, projectId, id)).toMatchObject({ id, deletedAt: null });
    expect(await createPromptVersion(database, projectId, id, ask)).toMatchObject({ version: 2 });
  });

  test('is nothing to another project', async () => {
    const { id } = await createPrompt(database, uuid(), ask);
    const missing = { code: 'prompt_not_found' };
    const other = uuid();
    await expect(getPrompt(database, other, id)).rejects.toMatchObject(missing);
    await expect(deletePrompt(database, other, id)).rejects.toMatchObject(missing);
    await expect(restorePrompt(database, other, id)).rejects.toMatchObject(missing);
    await expect(createPromptVersion(database, other, id, ask)).rejects.toMatchObject(missing);
    await expect(listPromptVersions(database, other, id, page)).rejects.toMatchObject(missing);
  });
});

test('prompts and their versions are listed newest first, page by page', async () => {
  const projectId = uuid();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    ids.push((await createPrompt(database, projectId, { ...ask, name })).id);
  }
  const first = await listPrompts(database, projectId, { limit: 2 });
  const cursor = first.nextCursor ?? '';
  const rest = await listPrompts(database, projectId, { limit: 2, cursor });
  expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  expect(rest.nextCursor).toBeNull();

  const [id = ''] = ids;
  for (const _ of [2, 3]) await createPromptVersion(database, projectId, id, ask);
  const newest = await listPromptVersions(database, projectId, id, { limit: 2 });
  const older = await listPromptVersions(database, projectId, id, {
    limit: 2,
    cursor: newest.nextCursor ?? '',
  });
  expect([...newest.items, ...older.items].map(({ version }) => version)).toEqual([3, 2, 1]);
});
