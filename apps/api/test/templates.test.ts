import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { submitRun, template } from '#libs/contracts';
import { findSchemaFaults } from '#libs/datasets';
import { compileMetric, metricCatalogue } from '#libs/metrics';
import { createSandbox } from '#libs/sandbox';
import { asksModels, presets } from '#libs/templates';
import { noTools, unaborted } from '#test/scoring';
import { z } from 'zod';
import { refusal, startTestApi, type TestApi } from './api.ts';
import { NDJSON, ndjson } from './uploading.ts';

let api: TestApi;
const sandbox = createSandbox();
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.close();
  await sandbox.close();
});

const post = (path: string, body?: unknown) =>
  api.call('POST', `/api/v1/templates${path}`, { body });

describe.each(presets)('the examples of $name', ({ content }) => {
  test('have the shape that it asks for', async () => {
    const { inputSchema, expectedSchema = null } = content;
    const faults = await findSchemaFaults(
      sandbox,
      { inputSchema, expectedSchema },
      content.examples,
    );
    expect(faults.flat()).toEqual([]);
  });

  test('have outputs that pass its metrics, where those ask no model', async () => {
    const own = content.metrics.filter((spec) => !asksModels([spec]));
    for (const [index, spec] of own.entries()) {
      const scorer = compileMetric(spec, index, { ...noTools, sandbox });
      for (const { input, expected, output = null } of content.examples) {
        const score = await scorer.score({ input, expected, output }, unaborted);
        expect([spec.metric, score.outcome, score.passed ?? true, score.reason]).toEqual([
          spec.metric,
          'scored',
          true,
          score.reason,
        ]);
      }
    }
  });

  test('fail the metrics that compare and ask no model, with the outputs of others', async () => {
    const [first, ...others] = content.examples;
    const rotated = [...others, first].map((example) => example?.output ?? null);
    const comparing = content.metrics.filter(
      (spec) =>
        !asksModels([spec]) &&
        metricCatalogue
          .get(spec.metric)
          ?.needs.some((need) => need === 'expected' || need === 'references'),
    );
    for (const [index, spec] of comparing.entries()) {
      const scorer = compileMetric(spec, index, { ...noTools, sandbox });
      const passed: (boolean | null | undefined)[] = [];
      for (const [place, { input, expected }] of content.examples.entries()) {
        const output = rotated[place] ?? null;
        passed.push((await scorer.score({ input, expected, output }, unaborted)).passed);
      }
      if (passed.every((one) => typeof one !== 'boolean')) continue; // Measured, without a threshold.
      expect([spec.metric, passed.every((one) => one === true)]).toEqual([spec.metric, false]);
    }
  });
});

const dataset = async (rows: unknown[]) => {
  const id = await api.newDataset();
  const answer = await api.call('POST', `/api/v1/datasets/${id}/versions`, {
    headers: { 'content-type': NDJSON },
    body: ndjson(rows),
  });
  expect(answer.status).toBe(201);
  return id;
};

describe('templates of a project', () => {
  test('come after the presets, page by page, each once', async () => {
    const { key } = await api.newKey('editor');
    for (const name of ['one', 'two']) {
      const yaml = (await api.call('GET', '/api/v1/templates/general/yaml')).text;
      const made = await api.call('POST', '/api/v1/templates', {
        key,
        body: { yaml: yaml.replace('name: general', `name: ${name}`) },
      });
      expect(made.status).toBe(201);
    }
    const page = z.object({ items: z.array(template), nextCursor: z.string().nullable() });
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await api.call('GET', `/api/v1/templates?limit=5${at}`, { key });
      const { items, nextCursor } = page.parse(answer.json);
      names.push(...items.map(({ name }) => name));
      cursor = nextCursor;
    }
    expect(names).toEqual([...presets.map(({ name }) => name), 'two', 'one']);
  });

  test('have versions, can be deleted and restored, and are nothing to others', async () => {
    const content = presets[0]?.content;
    const made = template.parse((await post('', { name: 'mine', content })).json);
    expect(made).toMatchObject({ name: 'mine', kind: 'custom', version: 1, usesJudge: true });
    const changed = { ...content, title: 'Changed' };
    const second = await post(`/${made.id}/versions`, { content: changed });
    expect(second.json).toMatchObject({ version: 2, content: { title: 'Changed' } });
    const first = await api.call('GET', `/api/v1/templates/${made.id}?version=1`);
    expect(first.json).toMatchObject({ version: 1, content });
    expect(refusal(await api.call('GET', `/api/v1/templates/${made.id}?version=3`)).code).toBe(
      'template_version_not_found',
    );
    const { key } = await api.newKey('editor');
    expect((await api.call('GET', `/api/v1/templates/${made.id}`, { key })).status).toBe(404);
    expect((await api.call('DELETE', `/api/v1/templates/${made.id}`)).status).toBe(204);
    expect(refusal(await post(`/${made.id}/versions`, { content })).code).toBe('template_deleted');
    expect((await post(`/${made.id}/restore`)).json).toMatchObject({ deletedAt: null });
  });

  test('are refused where they are wrong', async () => {
    const yaml = (await api.call('GET', '/api/v1/templates/rag/yaml')).text;
    expect(refusal(await post('', { yaml: 'name: [' })).code).toBe('invalid_yaml');
    const broken = yaml.replace('{{ input.question }}', '{{ input.question');
    expect(refusal(await post('', { yaml: broken })).code).toBe('invalid_template');
    const shapeless = yaml.replace('type: object', 'type: objekt');
    expect(refusal(await post('', { yaml: shapeless })).code).toBe('invalid_schema');
  });

  test('are refused with the field, in whichever way they are sent', async () => {
    const content = presets.find(({ name }) => name === 'extraction')?.content;
    const fieldsOf = async (body: unknown) =>
      refusal(await post('', body)).errors?.map(({ field }) => field);
    expect(await fieldsOf({ name: 'x' })).toEqual(['content']);
    expect(await fieldsOf({ name: 'x', content: { ...content, title: 5, more: 1 } })).toEqual([
      'content.title',
      'content.more',
    ]);
    expect(await fieldsOf({ yaml: 5 })).toEqual(['yaml']);
    expect(refusal(await post('', {})).detail).toContain('yaml');
    const responseSchema = { type: 'strng' };
    expect(await fieldsOf({ name: 'x', content: { ...content, responseSchema } })).toEqual([
      'content.responseSchema',
    ]);
    const examples = [{ input: { text: '' }, expected: {} }];
    expect(await fieldsOf({ name: 'x', content: { ...content, examples } })).toEqual([
      'content.examples.0.input.text',
    ]);
  });

  test('presets are nobody’s to change', async () => {
    const yaml = (await api.call('GET', '/api/v1/templates/rag/yaml')).text;
    expect(refusal(await post('/rag/versions', { yaml })).code).toBe('template_is_preset');
    const gone = await api.call('DELETE', '/api/v1/templates/rag');
    expect(refusal(gone).code).toBe('template_is_preset');
    expect((await post('/no_such/restore')).status).toBe(404);
  });
});

describe('a template and a dataset', () => {
  test('are held against each other, item by item', async () => {
    const datasetId = await dataset([
      { key: 'good', input: { question: 'a?', context: ['b'] }, expected: 'c' },
      { key: 'also good', input: { question: 'd?', context: ['e'] }, expected: 'f' },
      { key: 'bad', input: { question: 'a?' }, expected: 1 },
    ]);
    expect((await post('/rag/check', { datasetId })).json).toMatchObject({
      checked: 3,
      wrong: 1,
      errors: [
        { key: 'bad', field: expect.stringContaining('input') },
        { key: 'bad', field: 'expected' },
      ],
    });
    const other = await dataset([{ key: 'other', input: { review: 'good' }, expected: 'b' }]);
    expect((await post('/classification/check', { datasetId: other })).json).toMatchObject({
      errors: [{ key: 'other', field: 'input', message: expect.stringContaining("'text'") }],
    });
    const ranked = await post('/recommend', { datasetId, description: 'our documents' });
    expect(ranked.json).toHaveProperty('items.0.id', 'rag');
  });

  test('become a run', async () => {
    const datasetId = await dataset([{ input: 'a?', expected: 'b' }]);
    const body = { datasetId, provider: 'openai', model: 'gpt-5-mini' };
    const { run } = z
      .object({ run: z.json() })
      .parse((await post('/question_answering/apply', body)).json);
    expect(submitRun.parse(run)).toMatchObject({
      datasetId,
      target: { kind: 'model', provider: 'openai', model: 'gpt-5-mini' },
    });
    expect((await post('/no_such/apply', body)).status).toBe(404);
  });
});
