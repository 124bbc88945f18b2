import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { submitRun, type EvaluationItem, type Template } from '#libs/contracts';
import { createClient, paginate, type Client } from '#libs/sdk';
import { presets } from '#libs/templates';
import {
  instanceOf,
  schemaOf,
  startModelServer,
  type ModelServer,
} from '../support/model-server.ts';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const KEY = 'templates-test-admin-key';
const [kind = 'postgresql'] = backends;

describe(`every preset, from its examples to a finished run, on ${kind}`, () => {
  let world: World;
  let server: ModelServer;
  let processes: ProductProcess[] = [];
  let client: Client;

  beforeAll(async () => {
    server = await startModelServer((prompt, _nth, request) => {
      const schema = schemaOf(request);
      if (schema === undefined) return { kind: 'answer', text: 'an answer' };
      // Passages are judged one by one: as many verdicts as the prompt numbers passages.
      const passages = prompt.match(/^Passage \d+:$/gm)?.length ?? 1;
      return { kind: 'answer', text: JSON.stringify(instanceOf(schema, passages)) };
    });
    world = await createWorld(kind);
    const environment = {
      ...world.environment,
      PORT: '0',
      LLM_EVAL_ADMIN_KEY: KEY,
      LLM_EVAL_SECRET_KEY: 'a-key-for-tests-of-at-least-32-characters',
      OUTGOING_ALLOW: '127.0.0.1',
    };
    processes = await Promise.all([
      startProcess('api', environment),
      startProcess('worker', environment),
    ]);
    client = createClient({ baseUrl: processes[0]?.url ?? '', key: KEY });
    await client.createProvider({
      body: {
        ...server.provider,
        prices: { m: { inputPerMillion: 1, outputPerMillion: 2 } },
      },
    });
  }, 120_000);

  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await world.close();
    await server.stop();
  });

  const runOf = async ({ id, content }: Template) => {
    const dataset = await client.createDataset({ body: { name: id } });
    const lines = content.examples.map(({ input, expected, metadata }, index) =>
      JSON.stringify({ key: `example-${index}`, input, expected, metadata }),
    );
    await client.createDatasetVersion({
      params: { id: dataset.id },
      contentType: 'application/x-ndjson',
      body: lines.join('\n'),
    });
    const checked = await client.checkTemplateDataset({
      params: { id },
      body: { datasetId: dataset.id },
    });
    expect(checked).toMatchObject({ checked: lines.length, wrong: 0 });
    const model = { provider: 'mock', model: 'm' };
    const applied = await client.applyTemplate({
      params: { id },
      body: { datasetId: dataset.id, ...model, judge: model, embeddings: model },
    });
    return client.submitRun({ body: submitRun.parse(applied.run) });
  };

  test.each(presets.map(({ name }) => name))('%s', async (name) => {
    const template = await client.getTemplate({ params: { id: name } });
    const { id } = await runOf(template);
    const run = await waitFor(async () => {
      const run = await client.getRun({ params: { id } });
      return run.state === 'queued' || run.state === 'running' ? undefined : run;
    });
    expect(run).toMatchObject({ state: 'completed', failed: 0, errors: [] });
    expect(run.costUsd).toBeGreaterThan(0);
    expect(run.judgeCostUsd > 0 || !template.usesJudge).toBe(true);
    const items: EvaluationItem[] = [];
    const request = { params: { id }, query: { limit: 200 } };
    for await (const item of paginate(client.listRunItems, request)) items.push(item);
    expect(items).toHaveLength(template.content.examples.length);
    const scores = items.flatMap((item) => item.scores);
    expect(scores).toHaveLength(items.length * template.content.metrics.length);
    expect(scores.filter(({ error }) => error !== undefined)).toEqual([]);
    // Examples have what their own template asks for.
    expect(scores.filter(({ notApplicable }) => notApplicable === true)).toEqual([]);
  });
});
