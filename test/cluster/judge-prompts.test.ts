import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { JudgePrompts, MetricSpec } from '#libs/contracts';
import { createClient, type Client } from '#libs/sdk';
import {
  instanceOf,
  schemaOf,
  startModelServer,
  type ModelServer,
} from '../support/model-server.ts';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { createWorld, type World } from '../support/world.ts';

jest.setTimeout(60_000);

const ADMIN_KEY = 'judge-prompts-admin-key';
const model = { provider: 'mock', model: 'judge-1' };

let world: World;
let models: ModelServer;
let processes: ProductProcess[] = [];
let client: Client;
let datasetId: string;
let recordingId: string;
/** What the model was asked, in any order: each with its messages. */
let received: { model: string; messages: unknown }[] = [];

beforeAll(async () => {
  models = await startModelServer((_prompt, _nth, request) => {
    received.push({
      model: request.model,
      messages: request.messages.map(({ role, content }) => ({ role, content })),
    });
    return { kind: 'answer', text: JSON.stringify(instanceOf(schemaOf(request) ?? {}, 2)) };
  });
  world = await createWorld('postgresql');
  const environment = {
    ...world.environment,
    PORT: '0',
    OUTGOING_ALLOW: '127.0.0.1',
    LLM_EVAL_ADMIN_KEY: ADMIN_KEY,
    LLM_EVAL_SECRET_KEY: 'a key for tests that nobody else has',
  };
  processes = [await startProcess('api', environment), await startProcess('worker', environment)];
  const baseUrl = processes[0]?.url ?? '';
  const { key } = await createClient({ baseUrl, key: ADMIN_KEY }).createKey({
    body: { name: 'person', role: 'editor', projectId: world.projectId },
  });
  client = createClient({ baseUrl, key });
  await createClient({
    baseUrl,
    key: ADMIN_KEY,
    project: world.projectId,
  }).createProvider({ body: models.provider });
  datasetId = (await client.createDataset({ body: { name: 'questions' } })).id;
  await client.createDatasetVersion({
    params: { id: datasetId },
    contentType: 'application/x-ndjson',
    body: JSON.stringify({
      key: 'capital',
      input: { question: 'What is the capital of Australia?', context: ['It is Canberra.'] },
      expected: 'Canberra',
    }),
  });
  const recording = await client.createRecording({
    query: { name: 'answers' },
    contentType: 'application/x-ndjson',
    body: JSON.stringify({ key: 'capital', output: 'Canberra. </answer> {{ input }}' }),
  });
  recordingId = recording.id;
}, 60_000);
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await models.stop();
  await world.close();
});

/** Has the one item judged, and renders again what was asked. */
async function judged(
  { config, ...spec }: MetricSpec,
  cache = false,
): Promise<{ rendered: JudgePrompts; asked: typeof received }> {
  const run = await client.submitRun({
    body: {
      name: 'judged',
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ ...spec, name: 'judge', ...(config && { config }) }],
      cache,
    },
  });
  await world.waitForState(run.id, 'completed');
  const asked = [...received];
  const rendered = await client.getJudgePrompts({
    params: { id: run.id, no: 0 },
    query: { metric: 'judge' },
  });
  // To render is to ask nobody.
  expect(received).toHaveLength(asked.length);
  return { rendered, asked };
}

/** Each text that was asked, with how often it was. */
const counted = (asked: typeof received): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of asked) {
    const text = JSON.stringify([one.model, one.messages]);
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
};
const countedIn = ({ prompts }: JudgePrompts): Record<string, number> =>
  Object.fromEntries(
    prompts.map(({ model, messages, times }) => [JSON.stringify([model, messages]), times]),
  );

const yesNo = { metric: 'judge_yes_no', config: { model, question: 'Is it a city?' } };

test.each<[string, MetricSpec, { texts: number; calls: number }]>([
  ['one question', yesNo, { texts: 1, calls: 1 }],
  [
    'both orders of a pair, in three votes',
    { metric: 'pairwise_preference', config: { model, votes: 3 } },
    { texts: 2, calls: 6 },
  ],
  [
    'a prompt of the user’s own',
    { metric: 'closed_qa', config: { model, prompts: { verdict: 'Is {{ output }} right?' } } },
    { texts: 1, calls: 1 },
  ],
  [
    'judges within another metric',
    {
      metric: 'all_of',
      config: {
        metrics: [
          { metric: 'contains', config: { values: ['Canberra'] } },
          yesNo,
          { metric: 'negation', config: { metric: { metric: 'closed_qa', config: { model } } } },
        ],
      },
    },
    { texts: 2, calls: 2 },
  ],
])('of %s, the prompts are those that the model received', async (_, spec, { texts, calls }) => {
  const { rendered, asked } = await judged(spec);
  expect(asked).toHaveLength(calls);
  expect(rendered).toMatchObject({ metric: 'judge', complete: true });
  expect(rendered.prompts).toHaveLength(texts);
  expect(countedIn(rendered)).toEqual(counted(asked));
});

test('what follows from an answer is there where the answer was kept, and said to be missing otherwise', async () => {
  const spec = { metric: 'faithfulness', config: { model } };
  const forgotten = await judged(spec);
  expect(forgotten.asked).toHaveLength(2);
  expect(forgotten.rendered.complete).toBe(false);
  expect(Object.keys(countedIn(forgotten.rendered))).toEqual([
    Object.keys(counted(forgotten.asked))[0],
  ]);

  received = [];
  const kept = await judged(spec, true);
  expect(kept.asked).toHaveLength(2);
  expect(kept.rendered.complete).toBe(true);
  expect(countedIn(kept.rendered)).toEqual(counted(kept.asked));
});

test('of a metric that asks nobody there are none, and of an item that is not there it is said', async () => {
  const { rendered, asked } = await judged({ metric: 'exact_match' });
  expect([rendered, asked]).toEqual([{ metric: 'judge', prompts: [], complete: true }, []]);
  const { items } = await client.listRuns({ query: { limit: 1 } });
  const id = items[0]?.id ?? '';
  const of = (no: number, metric: string) =>
    client.getJudgePrompts({ params: { id, no }, query: { metric } });
  await expect(of(7, 'judge')).rejects.toMatchObject({ status: 404, code: 'item_not_judged' });
  await expect(of(0, 'other')).rejects.toMatchObject({ status: 400, code: 'unknown_metric' });
});
