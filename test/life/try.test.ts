import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { createCalls, type Calls } from '#libs/calls';
import { renderTarget, tryRun } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { CallError } from '#libs/evaluation';
import { createOutgoingHttp } from '#libs/outgoing';
import { render, tryItems } from '#libs/runs';
import { noTools, scriptedModels, type ScriptedModels } from '../support/scoring.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let calls: Calls;
let datasetId: string;
let origin: string;
let models: ScriptedModels;
const http = createOutgoingHttp({ allow: ['127.0.0.1'] });
const endpoint = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ answer: request.headers.authorization === 'Bearer s3' ? '1' : '' }),
  );
});

beforeAll(async () => {
  world = await createWorld('postgresql');
  const { database, projectId, logger } = world;
  calls = createCalls({ database, logger });
  datasetId = await world.seedDataset(200, (index) => (index % 4 === 3 ? undefined : `${index}`));
  await database.query(sql`
    insert into providers (id, project_id, name, kind) values
      (${uuid()}, ${projectId}, 'mine', 'openai_compatible')`);
  await database.query(sql`
    insert into secrets (id, project_id, name, sealed, key_id)
    values (${uuid()}, ${projectId}, 'TOKEN', 'sealed', 'key')`);
  await new Promise<void>((resolve) => {
    endpoint.listen(0, '127.0.0.1', resolve);
  });
  const address = endpoint.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(async () => {
  endpoint.close();
  await http.close();
  await calls.close();
  await world.close();
});
beforeEach(() => {
  models = scriptedModels(({ messages }) => `${messages.at(-1)?.content}`);
});

const rows = async () =>
  world.database.queryOne(sql`
    select (select count(*) from evaluation_runs) as runs,
      (select count(*) from run_selections) as selections, (select count(*) from outbox) as outbox,
      (select count(*) from evaluation_items) as items`);

describe('rendering', () => {
  const look = (change: Record<string, unknown>) =>
    render(world.database, world.projectId, renderTarget.parse({ datasetId, items: 2, ...change }));
  const prompt = (text: string) => ({ kind: 'model', prompt: { text } });

  test('shows a prompt on the items that are asked for, and of each variable how many lack it', async () => {
    const before = await rows();
    const shown = await look({
      skip: 2,
      filter: { keys: Array.from({ length: 100 }, (_, index) => `item-${index}`) },
      target: prompt('{{ input }} {{ expected | default: "?" }} {{ metadata.hint | default: "" }}'),
    });
    expect(shown).toMatchObject({ total: 100, sampled: 100, failing: 0 });
    expect(shown.items.map(({ key, messages }) => [key, messages?.[0]?.content])).toEqual([
      ['item-2', '2 2 '],
      ['item-3', '3 ? '],
    ]);
    expect(shown.variables).toEqual([
      { name: 'input', missing: 0 },
      { name: 'expected', missing: 25 },
      { name: 'metadata.hint', missing: 100 },
    ]);
    expect(await rows()).toEqual(before);
  });

  test('counts items without a template, and shows none beyond the last', async () => {
    expect(await look({ skip: 199 })).toMatchObject({
      total: 200,
      items: [{ key: 'item-199' }],
      variables: [],
    });
    expect((await look({ skip: 200 })).items).toEqual([]);
  });

  test('shows a request with what its address, headers and body name', async () => {
    const shown = await look({
      target: {
        kind: 'http',
        url: `${origin}/{{ key }}`,
        headers: { authorization: 'Bearer {{ secrets.TOKEN }}', 'x-hint': '{{ metadata.hint }}' },
        body: { question: '{{ input }}' },
      },
    });
    expect(shown.failing).toBe(shown.sampled);
    expect(shown.variables.map(({ name }) => name)).toEqual(['key', 'metadata.hint', 'input']);
  });

  test('is refused as a run would be, at the same fields', async () => {
    await expect(look({ target: prompt('{{ inptu }}') })).rejects.toMatchObject({
      code: 'invalid_template',
      errors: [{ field: 'target.prompt.text', line: 1 }],
    });
    await expect(look({ filter: { splits: ['none'] } })).rejects.toMatchObject({
      code: 'filter_empty',
    });
  });
});

describe('a trial', () => {
  const trial = (change: Record<string, unknown>) =>
    tryItems(
      {
        ...noTools,
        http,
        database: world.database,
        models: () => models,
        caller: calls,
        secrets: { secret: async () => 's3' },
      },
      world.projectId,
      tryRun.parse({
        name: 'trial',
        datasetId,
        target: { kind: 'model', provider: 'mine', model: 'm', prompt: { text: '{{ input }}' } },
        metrics: [{ metric: 'exact_match', name: 'right' }],
        ...change,
      }),
      new AbortController().signal,
    );

  test('asks the model for these items alone, scores them, and leaves nothing behind', async () => {
    const before = await rows();
    const items = await trial({ items: 2, skip: 2 });
    expect(items).toMatchObject([
      { key: 'item-2', input: 2, expected: '2', output: '2', costUsd: 0.001, inputTokens: 100 },
      { key: 'item-3', expected: null, output: '3' },
    ]);
    expect(items.map(({ scores }) => scores[0])).toMatchObject([
      { name: 'right', value: true, passed: true },
      { name: 'right', value: null, notApplicable: true },
    ]);
    expect(models.requests).toHaveLength(2);
    expect(await rows()).toEqual(before);
  });

  test('tells what a judge cost, and a failed call as a failed item', async () => {
    models = scriptedModels(({ messages }) =>
      messages.at(-1)?.content === '0'
        ? new CallError('authentication', 'the provider answered 401')
        : 'not what a judge answers',
    );
    const judge = { metric: 'closed_qa', config: { model: { provider: 'mine', model: 'judge' } } };
    const [failed, judged] = await trial({ items: 2, metrics: [judge] });
    expect(failed).toMatchObject({ output: null, scores: [], error: { class: 'authentication' } });
    expect(judged?.scores).toMatchObject([{ name: 'closed_qa', value: null }]);
    expect(judged?.scores[0]?.error).toBeDefined();
    expect(judged?.judgeCostUsd).toBeGreaterThan(0);
  });

  test('calls an endpoint with its secrets', async () => {
    const target = {
      kind: 'http',
      url: `${origin}/ask`,
      headers: { authorization: 'Bearer {{ secrets.TOKEN }}' },
      outputPath: 'answer',
    };
    expect(await trial({ target, skip: 1 })).toMatchObject([
      { key: 'item-1', output: '1', scores: [{ value: true }] },
    ]);
  });

  test('scores recorded outputs, and says that code of one’s own is not called from here', async () => {
    const recordingId = await world.seedRecording(200);
    const [item] = await trial({ target: { kind: 'recorded', recordingId } });
    expect(item).toMatchObject({ key: 'item-0', output: '0', scores: [{ value: true }] });
    expect(models.requests).toEqual([]);
    await expect(trial({ target: { kind: 'client' } })).rejects.toMatchObject({
      code: 'target_not_tried',
      errors: [{ field: 'target.kind' }],
    });
  });
});
