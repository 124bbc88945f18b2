import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestError, target as targetSchema, type Target } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { createWorld, type World } from '#test/world';

let world: World;
let datasetId = '';
beforeAll(async () => {
  world = await createWorld('postgresql');
  datasetId = await world.seedDataset(1);
  const { projectId, database } = world;
  await database.query(sql`
    insert into providers (id, project_id, name, kind) values (${uuid()}, ${projectId}, 'main', 'openai')`);
  await database.query(sql`
    insert into secrets (id, project_id, name, sealed, key_id) values (${uuid()}, ${projectId}, 'API_KEY', 'sealed', 'key')`);
});
afterAll(async () => world.close());

type Loose<Kind> = Record<string, unknown> & { kind: Kind };
const model = (more: Record<string, unknown> = {}): Loose<'model'> => ({
  kind: 'model',
  provider: 'main',
  model: 'm-1',
  prompt: { text: '{{ input }}' },
  ...more,
});
const http = (more: Record<string, unknown> = {}): Loose<'http'> => ({
  kind: 'http',
  url: 'https://a.test/ask',
  ...more,
});

const submit = async (given: unknown) => {
  const target: Target = targetSchema.parse(given);
  return world.submit({ datasetId, target });
};

async function refusal(given: unknown) {
  try {
    await submit(given);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const [first] = error.errors;
    return { kind: error.kind, code: error.code, ...first };
  }
  throw new Error('it was not refused');
}

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const tool = { name: 'look_up', inputSchema: schema };

describe('a target at submit', () => {
  test('is stored as it is given, its prompt in it', async () => {
    const run = await submit(
      model({ responseSchema: schema, tools: [tool], toolChoice: { tool: 'look_up' } }),
    );
    expect(run.target).toMatchObject({
      kind: 'model',
      prompt: { content: { text: '{{ input }}' } },
      tools: [tool],
    });
    const asking = http({
      url: 'https://a.test/{{ key }}?q={{ input }}',
      headers: { authorization: 'Bearer {{ secrets.API_KEY }}' },
      body: { q: ['{{ input }}'] },
    });
    expect((await submit(asking)).target).toMatchObject(asking);
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    [
      'a prompt that cannot be read',
      model({
        prompt: { messages: [{ role: 'user', content: 'one\n\n{{ input.question | shout }}' }] },
      }),
      {
        field: 'target.prompt.messages.0.content',
        line: 3,
        message: 'there is no filter shout',
      },
    ],
    [
      'a variable that no item has',
      model({ prompt: { text: '{{ question }}' } }),
      {
        field: 'target.prompt.text',
        line: 1,
        message: expect.stringMatching(/^there is no variable "question"/),
      },
    ],
    [
      'secrets in a prompt',
      model({ prompt: { text: '{{ secrets.API_KEY }}' } }),
      {
        field: 'target.prompt.text',
        message: expect.stringMatching(/^there is no variable "secrets"/),
      },
    ],
    [
      'a url whose host depends on the item',
      http({ url: 'https://{{ input }}.test/' }),
      {
        field: 'target.url',
        message: expect.stringMatching(/only the path and the query may be templates/),
      },
    ],
    [
      'a url with a password',
      http({ url: 'https://ann:pass@a.test/' }),
      { field: 'target.url', message: expect.stringMatching(/use a header with a secret/) },
    ],
    [
      'secrets in a url',
      http({ url: 'https://a.test/?key={{ secrets.API_KEY }}' }),
      { field: 'target.url', message: expect.stringMatching(/^there is no variable "secrets"/) },
    ],
    [
      'secrets in a body',
      http({ body: { a: [{ key: '{{ secrets.API_KEY }}' }] } }),
      {
        field: 'target.body.a.0.key',
        message: expect.stringMatching(/^there is no variable "secrets"/),
      },
    ],
    [
      'a body that cannot be read',
      http({ body: '{{ input' }),
      { field: 'target.body', line: 1, message: expect.stringMatching(/not closed/) },
    ],
    [
      'a body of a GET',
      http({ method: 'GET', body: { q: 1 } }),
      { field: 'target.body', message: expect.stringMatching(/a GET has no body/) },
    ],
    [
      'a header that cannot be set',
      http({ headers: { Host: 'b.test' } }),
      { field: 'target.headers.Host', message: expect.stringMatching(/belongs to the connection/) },
    ],
    [
      'all secrets at once',
      http({ headers: { 'x-all': '{{ secrets }}' } }),
      {
        field: 'target.headers.x-all',
        message: expect.stringMatching(/name a secret as it is called/),
      },
    ],
    [
      'a schema of no object',
      model({ responseSchema: { type: 'array' } }),
      { field: 'target.responseSchema.type', message: 'must be "object"' },
    ],
    [
      'a tool whose schema is none',
      model({ tools: [{ ...tool, inputSchema: { type: 'object', properties: ['a'] } }] }),
      {
        field: 'target.tools.0.inputSchema.properties',
        message: expect.stringMatching(/must be an object/),
      },
    ],
    [
      'two tools of one name',
      model({ tools: [tool, tool] }),
      { field: 'target.tools.1.name', message: expect.stringMatching(/another tool/) },
    ],
    [
      'a choice of a tool that is not there',
      model({ tools: [tool], toolChoice: { tool: 'other' } }),
      { field: 'target.toolChoice.tool', message: '"other" is none of the tools' },
    ],
    [
      'a required tool where there is none',
      model({ toolChoice: 'required' }),
      { field: 'target.toolChoice' },
    ],
  ])('is refused for %s', async (_what, given, expected) => {
    expect(await refusal(given)).toMatchObject({ kind: 'invalid', ...expected });
  });

  test('is refused for secrets and providers that the project does not have', async () => {
    expect(
      await refusal(
        http({
          headers: { a: '{{ secrets.API_KEY }}{{ secrets.GONE }}', b: '{{ secrets.LOST }}' },
        }),
      ),
    ).toMatchObject({
      kind: 'not_found',
      code: 'secret_not_found',
      field: 'target.headers',
      message: 'names no secret of this project: GONE, LOST',
    });
    expect(await refusal(model({ provider: 'gone' }))).toMatchObject({
      code: 'provider_not_found',
      field: 'target.provider',
    });
  });
});
