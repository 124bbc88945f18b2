import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cloneRun, previewRun, submitRun, type Run } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import type { ConfiguredProvider, ProviderSource } from '#libs/evaluation';
import { preview } from '#libs/runs';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let datasetId: string;
let promptId: string;
const configured: ConfiguredProvider = {
  id: uuid(),
  name: 'mine',
  kind: 'openai_compatible',
  credentials: {},
  requestsPerMinute: 60,
  prices: { 'model-1': { inputPerMillion: 1, outputPerMillion: 10 } },
};
const providers: ProviderSource = { provider: async () => configured };

beforeAll(async () => {
  world = await createWorld('postgresql');
  const { database, projectId } = world;
  datasetId = await world.seedDataset(250, (index) => (index % 5 === 0 ? undefined : `${index}`));
  promptId = uuid();
  await database.query(sql`
    insert into providers (id, project_id, name, kind) values
      (${configured.id}, ${projectId}, 'mine', 'openai_compatible')`);
  await database.query(sql`
    insert into secrets (id, project_id, name, sealed, key_id)
    values (${uuid()}, ${projectId}, 'TOKEN', 'sealed', 'key')`);
  await database.query(sql`
    insert into prompts (id, project_id, name) values (${promptId}, ${projectId}, 'ask')`);
  await database.query(sql`
    insert into prompt_versions (prompt_id, version, content)
    values (${promptId}, 1, ${JSON.stringify({ text: 'Say {{ expected }}' })}::json)`);
});
afterAll(() => world.close());

const look = (change: Record<string, unknown>) =>
  preview(
    { database: world.database, providers },
    world.projectId,
    previewRun.parse({
      name: 'dry',
      datasetId,
      target: { kind: 'model', provider: 'mine', model: 'model-1', prompt: { promptId } },
      metrics: [{ metric: 'exact_match' }],
      ...change,
    }),
  );
const rows = async () =>
  world.database.queryOne(sql`
    select (select count(*) from evaluation_runs) as runs,
      (select count(*) from run_selections) as selections, (select count(*) from outbox) as outbox`);

describe('a dry run', () => {
  test('shows prompts and what they would cost, and leaves nothing behind', async () => {
    const before = await rows();
    const shown = await look({
      repeats: 2,
      items: 2,
      filter: { keys: Array.from({ length: 200 }, (_, index) => `item-${index}`) },
      target: {
        kind: 'model',
        provider: 'mine',
        model: 'model-1',
        prompt: { text: 'Say {{ input }}' },
        parameters: { maxOutputTokens: 100 },
      },
      maxCostUsd: 0.1,
    });
    expect(await rows()).toEqual(before);
    expect(shown).toMatchObject({ total: 400, failing: 0, sampled: 100 });
    expect(shown.items).toMatchObject([
      { key: 'item-0', messages: [{ role: 'user', content: 'Say 0' }] },
      { key: 'item-1', messages: [{ role: 'user', content: 'Say 1' }] },
    ]);
    const { inputTokens, outputTokens, costUsd } = shown.target;
    expect(outputTokens).toBe(40_000);
    expect(costUsd).toBeCloseTo(((inputTokens ?? 0) + 400_000) / 1e6, 9);
    // 400 calls at 60 a minute.
    expect(shown.seconds).toBe(400);
    expect(shown.warnings).toEqual([expect.stringContaining('more than its cap')]);
  });

  test('counts items that lack what a prompt names', async () => {
    const shown = await look({});
    expect(shown.failing).toBeGreaterThan(0);
    expect(shown.items[0]?.error?.class).toBe('template_error');
    expect(shown.warnings[0]).toContain('would fail before any call');
  });

  test('is not misled by what comes again at regular places', async () => {
    // Of 250 items every fifth; every second one of a hundred that are equally far apart.
    const { failing } = await look({});
    expect(failing).toBeGreaterThan(10);
    expect(failing).toBeLessThan(30);
  });

  test('counts every call of every vote of judges, and says where no price is known', async () => {
    const model = { provider: 'mine', model: 'unpriced' };
    const target = { kind: 'recorded', recordingId: await world.seedRecording(250) };
    const judges = async (metric: string, config: Record<string, unknown>) =>
      (await look({ target, metrics: [{ metric, config: { model, ...config } }] })).judges;
    const shown = await look({
      target,
      metrics: [{ metric: 'closed_qa', config: { model, votes: 3 } }],
    });
    expect(shown.target).toMatchObject({ calls: 0, costUsd: 0 });
    expect(shown.judges).toMatchObject({ calls: 750, costUsd: null });
    expect(shown.warnings).toEqual([expect.stringContaining('No price of unpriced')]);

    expect(await judges('faithfulness', { votes: 2 })).toMatchObject({ calls: 1_000 });
    expect(await judges('pairwise_preference', {})).toMatchObject({ calls: 500 });
    expect(await judges('summarisation', {})).toMatchObject({ calls: 1_000 });
    expect(await judges('summarisation', { questions: ['Is it?'] })).toMatchObject({ calls: 750 });
    // A prompt of one's own counts at its length: 4 bytes to a token.
    const inputTokens = async (length: number) =>
      (await judges('closed_qa', { prompts: { verdict: 'x'.repeat(length) } })).inputTokens ?? 0;
    expect((await inputTokens(4_400)) - (await inputTokens(400))).toBe(250 * 1_000);
  });

  test('shows requests with their secrets hidden', async () => {
    const shown = await look({
      items: 1,
      target: {
        kind: 'http',
        url: 'https://example.com/ask',
        headers: { authorization: 'Bearer {{ secrets.TOKEN }}' },
        body: { question: '{{ input }}' },
      },
    });
    expect(shown.items).toMatchObject([
      {
        request: {
          method: 'POST',
          url: 'https://example.com/ask',
          headers: { authorization: 'Bearer ***' },
          body: { question: 0 },
        },
      },
    ]);
  });

  test('expects of an endpoint what it took before, and no call for what cannot be sent', async () => {
    const target = {
      kind: 'http',
      url: 'https://example.com/known',
      method: 'POST',
      body: { question: 'Is it {{ expected }}?' },
      costUsdPath: 'cost',
      inputTokensPath: 'tokens',
    } as const;
    // All of them are sampled; every fifth lacks what is expected.
    const filter = { keys: Array.from({ length: 100 }, (_, index) => `item-${index}`) };
    const unknown = await look({ target, filter });
    expect(unknown.target).toMatchObject({ calls: 80, costUsd: null, inputTokens: null });
    expect(unknown.seconds).toBe(16);

    const run = await world.submit({ datasetId, target });
    await world.database.query(sql`
      update evaluation_runs set state = 'completed' where id = ${run.id}`);
    await world.database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, latency_ms,
        input_tokens, output_tokens, cost_usd)
      values (${run.id}, 1, 'item-1', 0, 'completed', 1, 500, 10, 7, 0.01),
        (${run.id}, 2, 'item-2', 0, 'completed', 1, 1500, 20, 7, 0.03)`);
    const shown = await look({ target, filter, maxCostUsd: 1 });
    expect(shown.target).toMatchObject({ calls: 80, inputTokens: 1_200, outputTokens: null });
    expect(shown.target.costUsd).toBeCloseTo(1.6, 9);
    expect(shown.seconds).toBe(8);
    expect(shown.warnings).toContainEqual(expect.stringContaining('more than its cap'));

    const { costUsdPath: _path, ...silent } = target;
    const uncapped = await look({ target: silent, maxCostUsd: 3 });
    expect(uncapped.target.costUsd).toBeNull();
    expect(uncapped.warnings).toContainEqual(expect.stringContaining('no cap on cost holds'));
  });

  test('refuses what a submit refuses', async () => {
    await expect(look({ datasetId: uuid() })).rejects.toMatchObject({ code: 'dataset_not_found' });
    await expect(look({ metrics: [{ metric: 'none' }] })).rejects.toMatchObject({
      code: 'invalid_metric',
    });
  });
});

describe('a clone', () => {
  const clone = (run: Run, change: unknown, key?: string) =>
    world.runs.clone(world.projectId, run.id, cloneRun.parse(change), key);
  const original = () =>
    world.runs.submit(
      world.projectId,
      submitRun.parse({
        name: 'first',
        datasetId,
        target: { kind: 'model', provider: 'mine', model: 'model-1', prompt: { promptId } },
        metrics: [{ metric: 'exact_match', name: 'same' }],
        repeats: 3,
        concurrency: 7,
        maxCostUsd: 2,
        filter: { keys: ['item-1', 'item-2'] },
        tags: ['a'],
        metadata: { by: 'me' },
      }),
    );

  test('is as the run was, but for what is changed', async () => {
    const run = await original();
    const { id, metadata, ...same } = run;
    const cloned = await clone(run, {});
    expect(cloned).toMatchObject({
      name: same.name,
      target: same.target,
      metrics: same.metrics,
      filter: same.filter,
      datasetVersion: 1,
      repeats: 3,
      concurrency: 7,
      maxCostUsd: 2,
      total: 6,
      tags: ['a'],
      metadata: { ...metadata, clonedFrom: id },
    });
    expect(cloned.id).not.toBe(id);
    const other = await clone(run, { name: 'all', filter: null, maxCostUsd: null, repeats: 1 });
    expect(other).toMatchObject({ name: 'all', filter: null, maxCostUsd: null, total: 250 });
  });

  test('is made once for one Idempotency-Key', async () => {
    const run = await original();
    const first = await clone(run, {}, 'once');
    expect((await clone(run, {}, 'once')).id).toBe(first.id);
  });

  test('keeps the text of a prompt that is gone', async () => {
    const run = await original();
    await world.database.query(sql`update prompts set deleted_at = now() where id = ${promptId}`);
    expect((await clone(run, {})).target).toMatchObject({
      prompt: { content: { text: 'Say {{ expected }}' } },
    });
  });
});
