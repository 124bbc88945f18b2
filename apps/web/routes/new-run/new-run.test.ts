import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { submitRun, templateContent, type Json, type MetricSpec } from '#libs/contracts';
import { describeMetrics } from '#libs/metrics';
import { presets } from '#libs/templates';
import { fieldsOf } from '../../components/schema-form/schema.ts';
import { asCurl, asTypeScript, asYaml } from './as-code.ts';
import { draft, emptyDraft, type Draft } from './draft.ts';
import { draftOf, withTemplate } from './from-request.ts';
import { runInWords, suggestName } from './in-words.ts';
import { readDraft } from './request.ts';
import { contentOf, shapeOf } from './template-content.ts';

const schemas = new Map(describeMetrics().map(({ name, config }) => [name, fieldsOf(config)]));
const fieldsOfMetric = (metric: string) => schemas.get(metric);
const read = (given: Draft) => readDraft(given, fieldsOfMetric);

const documented = [
  ...readFileSync(new URL('../../../../docs/TARGETS.md', import.meta.url), 'utf8').matchAll(
    /^```json\n(.*?)^```/gms,
  ),
].map(([, text = '']) => submitRun.parse(JSON.parse(text)));

describe('a draft', () => {
  test.each(documented.map((run) => [run.name, run] as const))(
    'holds all of a documented run: %s',
    (_, run) => {
      const stored = draft.parse(JSON.parse(JSON.stringify(draftOf(run, fieldsOfMetric))));
      expect(read(stored)).toMatchObject({ request: run, faults: [] });
    },
  );

  test('holds all that a run can be given, metrics and their configuration included', () => {
    const metrics: MetricSpec[] = [
      { metric: 'exact_match', name: 'right', threshold: { min: 0.5 }, output: 'a.b' },
      {
        metric: 'closed_qa',
        config: { model: { provider: 'p', model: 'm', parameters: { temperature: 0 } }, votes: 3 },
      },
      { metric: 'classification', config: { labels: ['yes, no', 'b'] }, reducer: 'majority' },
    ];
    const run = submitRun.parse({
      name: 'everything',
      datasetId: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11',
      datasetVersion: 3,
      filter: { splits: ['test'], tags: ['a', 'b'], keys: ['k'] },
      target: { kind: 'client' },
      metrics,
      repeats: 2,
      maxCostUsd: 0.5,
      maxDurationMs: 60_000,
      cache: true,
      tags: ['t'],
      metadata: { by: { name: 'me' } },
    });
    const { request, body } = read(draftOf(run, fieldsOfMetric));
    expect(request).toEqual(run);
    // Defaults stay out of what is sent, and so out of the code that is copied.
    expect(Object.keys(body)).not.toContain('timeoutMs');
  });

  test('says what is missing apart from what is wrong, at the paths of the server', () => {
    const { request, faults } = read({
      ...emptyDraft,
      target: {
        ...emptyDraft.target,
        kind: 'http',
        http: {
          ...emptyDraft.target.http,
          url: 'assistant',
          body: '{',
          paths: { outputPath: '.' },
        },
      },
      metrics: [{ id: 1, metric: 'numeric_match', config: { relativeTolerance: 'x' }, common: {} }],
      settings: { repeats: '0' },
    });
    expect(request).toBeUndefined();
    const by = (missing: boolean) =>
      Object.fromEntries(
        faults.filter((one) => one.missing === missing).map((one) => [one.field, one.message]),
      );
    expect(by(true)).toEqual({
      name: 'is needed',
      datasetId: 'is needed',
    });
    expect(by(false)).toMatchObject({
      'target.body': expect.stringContaining('is no JSON'),
      'metrics.0.config.relativeTolerance': 'must be a number',
      'target.url': 'must begin with http:// or https://',
      'target.outputPath': 'must be a dotted path such as answer.text',
      repeats: expect.stringContaining('1'),
    });
  });

  test.each(presets.map(({ name, content }) => [name, content] as const))(
    'takes a template over and keeps what is its own: %s',
    (_, content) => {
      const own: Draft = {
        ...emptyDraft,
        name: 'mine',
        dataset: { ...emptyDraft.dataset, id: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11' },
        target: {
          ...emptyDraft.target,
          model: { ...emptyDraft.target.model, provider: 'p', model: 'm' },
        },
      };
      const { body, faults } = read(withTemplate(own, content, fieldsOfMetric));
      expect(body).toMatchObject({
        name: 'mine',
        target: { kind: 'model', provider: 'p', model: 'm', prompt: content.prompt },
      });
      // Nothing is left open but which model judges.
      for (const { field } of faults) expect(field).toMatch(/^metrics\.\d+\.config\..*model/);
    },
  );
});

describe('the code of a run', () => {
  const [run] = documented;
  const { body } = read(draftOf(submitRun.parse(run), fieldsOfMetric));
  const awkward = { ...body, name: `it's "$HOME" \\ \`x\`\nJSON` };
  const context = { origin: 'http://127.0.0.1:3000', project: undefined };

  test('is the body in each language', async () => {
    expect(parse(await asYaml(awkward))).toEqual(awkward);
    const heredoc = /<<'JSON'\n(.*)\nJSON$/s.exec(asCurl(awkward, context))?.[1] ?? '';
    expect(JSON.parse(heredoc)).toEqual(awkward);
    const literal = /submitRun\(\{ body: (.*) \}\);\nconsole/s.exec(
      asTypeScript(awkward, context),
    )?.[1];
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- it is code that is to be run
    expect(new Function(`return ${literal}`)()).toEqual(awkward);
  });

  test('names the project only where the key does not', () => {
    expect(asCurl(body, context)).not.toContain('X-Project');
    expect(asCurl(body, { ...context, project: 'p' })).toContain("-H 'X-Project: p'");
    expect(asTypeScript(body, { ...context, project: 'p' })).toContain('project: "p"');
  });

  test('does the items where own code answers', () => {
    expect(asTypeScript({ ...body, target: { kind: 'client' } }, context)).toContain('runTarget(');
  });
});

describe('a run in words', () => {
  test('says what it is for, how often, with what, and when it stops', () => {
    const body = {
      filter: { splits: ['test'], keys: ['a', 'b'] },
      target: { kind: 'model', provider: 'p', model: 'm', prompt: { promptId: 'x' } },
      metrics: [{ metric: 'exact_match', name: 'right' }, { metric: 'bleu' }, { metric: 'chrf' }],
      repeats: 3,
      maxCostUsd: 2,
      maxDurationMs: 90_000,
    };
    expect(runInWords(body, { dataset: 'd', items: 2 })).toEqual([
      '2 items of “d”, the latest version, those of split test and 2 keys, each 3 times: 6 evaluations.',
      'Outputs come from m of p, asked with a prompt of the project.',
      'Each output is scored by right, bleu and chrf.',
      'Up to 10 items are in flight; a call gets 2 m 00 s and 4 retries.',
      'It stops early once it has cost $2.00, or has worked for 1 m 30 s.',
    ]);
  });

  test('leaves out what is not there yet', () => {
    const lines = runInWords(
      { ...read(emptyDraft).body },
      { dataset: undefined, items: undefined },
    );
    expect(lines.join(' ')).not.toMatch(/undefined|null|“”/);
    expect(suggestName(undefined, {})).toBe('');
    expect(suggestName('d', { kind: 'http', url: 'https://a.example/x' })).toBe('d, a.example');
  });
});

describe('a template of a run', () => {
  test('has the shape that all items share, and no model of its own', () => {
    const item = (input: Json, expected: Json) => ({
      position: 0,
      key: 'k',
      input,
      expected,
      metadata: {},
      tags: [],
      split: null,
    });
    const content = contentOf(
      {
        target: { kind: 'model', provider: 'p', model: 'm', prompt: { text: '{{ input.q }}' } },
        metrics: [{ metric: 'factuality', config: { model: { provider: 'p', model: 'm' } } }],
      },
      {
        name: 'n',
        description: 'd',
        bestPractice: 'one\n\n two ',
        dataset: undefined,
        items: [item({ q: 'a', hint: null }, 'x'), item({ q: 'b', more: 1 }, 2)],
        saved: undefined,
      },
    );
    expect(templateContent.parse(content)).toMatchObject({
      metrics: [{ metric: 'factuality' }],
      inputSchema: { type: 'object', required: ['q'], properties: { q: { type: ['string'] } } },
      expectedSchema: { type: ['string', 'number'] },
      bestPractice: ['one', 'two'],
    });
    expect(content.metrics).toEqual([{ metric: 'factuality' }]);
    expect(shapeOf([[1], null])).toEqual({ type: ['array', 'null'] });
  });
});
