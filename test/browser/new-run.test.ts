import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { Run } from '#libs/contracts';
import { chromiumPath } from '../support/browser.ts';
import { startModelServer, type ModelServer } from '../support/model-server.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const capitals = { france: 'Paris', peru: 'Lima', kenya: 'Nairobi' };

(chromiumPath === undefined ? describe.skip : describe)('a new run, in a browser', () => {
  let product: Product;
  let models: ModelServer;
  let endpoint: Server;
  let endpointUrl: string;
  let datasetId: string;

  beforeAll(async () => {
    models = await startModelServer((prompt) => ({
      kind: 'answer',
      text: prompt.includes('france') ? 'Paris' : 'Rome',
    }));
    endpoint = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        const { city } = z.object({ city: z.string() }).parse(JSON.parse(body));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ answer: { text: city } }));
      });
    });
    await new Promise<void>((resolve) => {
      endpoint.listen(0, '127.0.0.1', resolve);
    });
    const address = endpoint.address();
    endpointUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/ask`;
    product = await startProduct({
      OUTGOING_ALLOW: '127.0.0.1',
      LLM_EVAL_SECRET_KEY: 'a-key-for-tests-of-at-least-32-characters',
    });
    const { client } = product;
    await client.createProvider({
      body: { ...models.provider, prices: { m: { inputPerMillion: 1, outputPerMillion: 2 } } },
    });
    datasetId = (await client.createDataset({ body: { name: 'capitals' } })).id;
    await client.createDatasetVersion({
      params: { id: datasetId },
      contentType: 'application/x-ndjson',
      body: Object.entries(capitals)
        .map(([key, city], index) =>
          JSON.stringify({
            key,
            input: { country: key },
            expected: city,
            split: index === 0 ? 'dev' : 'test',
          }),
        )
        .join('\n'),
    });
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(async () => {
    await product.stop();
    await models.stop();
    endpoint.close();
  });

  const summary = (page: Page) => page.getByRole('complementary', { name: 'Summary' });
  const submit = (page: Page) => summary(page).getByRole('button', { name: 'Submit the run' });

  async function begin(path = '/runs/new'): Promise<Page> {
    const page = await product.open(path);
    await product.signIn(page);
    await page.getByRole('heading', { name: 'Review' }).waitFor();
    return page;
  }

  async function chooseDataset(page: Page): Promise<void> {
    await page.getByRole('combobox', { name: 'Dataset' }).fill('capit');
    await page.getByRole('option', { name: /^capitals/ }).click();
    await page.getByText('3 items in this run').waitFor();
  }

  async function addExactMatch(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Add metrics' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add metrics' });
    await dialog.getByRole('searchbox').fill('exact_match');
    await dialog.getByRole('button', { name: 'Add Exact match', exact: true }).last().click();
    await dialog.getByRole('button', { name: 'Done' }).click();
  }

  /** The run on whose page the browser arrives, once it is over. */
  async function arrived(page: Page): Promise<Run> {
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    return product.world.waitForState(page.url().split('/').at(-1) ?? '', 'completed');
  }

  test('recorded outputs are uploaded and scored, and two clicks make one run', async () => {
    const page = await begin();
    await chooseDataset(page);
    await page.getByRole('radio', { name: /^Recorded outputs/ }).click();
    const lines = Object.entries({ ...capitals, peru: 'Cusco' }).map(([key, output]) =>
      JSON.stringify({ key, output }),
    );
    const file = page.locator('input[type=file]');
    product.provoke(/status of 400 .*\/recordings/);
    const asFile = (text: string) => ({
      name: 'my model.ndjson',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from(text),
    });
    await file.setInputFiles(asFile('{"output": "no key"}'));
    await page.getByText('line 1', { exact: false }).first().waitFor();
    await file.setInputFiles(asFile(lines.join('\n')));
    await page.getByRole('combobox', { name: 'Recording' }).waitFor();
    await addExactMatch(page);
    await page.getByText('Outputs of a recording are scored').waitFor();
    await submit(page).dblclick();
    const { id, name, summary: means } = await arrived(page);
    expect(name).toBe('capitals, recorded outputs');
    expect(means).toMatchObject([{ name: 'exact_match', n: 3 }]);
    const { items } = await product.client.listRuns({ query: { datasetId } });
    expect(items.filter((one) => one.name === name).map((one) => one.id)).toEqual([id]);
  });

  test('a model run: variables, a preview on real items, a trial, an estimate, a reload, the run', async () => {
    const page = await begin();
    await chooseDataset(page);
    await page.getByRole('combobox', { name: 'Provider', exact: true }).selectOption('mock');
    await page.getByRole('combobox', { name: 'Model', exact: true }).fill('m');
    const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });

    product.provoke(/status of 400 .*\/runs\/render$/);
    await prompt.fill('{{ inptu }}');
    await page.getByText('there is no variable "inptu"').first().waitFor();
    expect(await prompt.getAttribute('aria-invalid')).toBe('true');
    await prompt.fill('');
    await prompt.pressSequentially('Capital of {{ input.c');
    await page.getByRole('option', { name: /^input\.country/ }).waitFor();
    await page.keyboard.press('Enter');
    expect(await prompt.inputValue()).toBe('Capital of {{ input.country }}');
    const preview = page.getByRole('region', { name: 'Preview on an item' });
    await preview.getByText('Capital of france').waitFor();
    await preview.getByRole('button', { name: 'Next item' }).click();
    await preview.getByText('Capital of peru').waitFor();

    await addExactMatch(page);
    const estimate = page.getByRole('region', { name: 'Estimate' });
    await estimate.getByText('about $').waitFor();
    const before = models.calls();
    await page.getByRole('button', { name: 'Try one item' }).click();
    const tried = page.getByRole('article', { name: 'Item france' });
    await tried.getByRole('list', { name: 'Scores' }).getByText('true').waitFor();
    expect(models.calls()).toBe(before + 1);

    await page.reload();
    await preview.getByText('Capital of france').waitFor();
    await submit(page).click();
    const done = await arrived(page);
    expect(done).toMatchObject({
      name: 'capitals, m',
      total: 3,
      target: { prompt: { content: { text: 'Capital of {{ input.country }}' } } },
      summary: [{ name: 'exact_match', n: 3 }],
    });
    // What is submitted is forgotten: the next run begins anew.
    await page.goto(`${product.url}/runs/new`);
    await page.getByRole('heading', { name: 'Review' }).waitFor();
    expect(await prompt.inputValue()).toBe('');
  });

  test('an endpoint is asked as the preview shows it, on a part of the dataset, and what is missing is told at its field', async () => {
    const page = await begin();
    await submit(page).click();
    const dataset = page.getByRole('combobox', { name: 'Dataset' });
    await page.getByText('give at least one metric').first().waitFor();
    expect(await dataset.getAttribute('aria-invalid')).toBe('true');

    await chooseDataset(page);
    await page.getByRole('combobox', { name: 'Splits' }).click();
    await page.getByRole('option', { name: 'test (2)' }).click();
    await page.getByText('2 items in this run').waitFor();
    await page.getByRole('radio', { name: /^An endpoint/ }).click();
    await page.getByRole('textbox', { name: 'URL' }).fill('assistant');
    await page.getByText('must begin with http:// or https://').first().waitFor();
    await page.getByRole('textbox', { name: 'URL' }).fill(endpointUrl);
    await page
      .getByRole('textbox', { name: 'Body', exact: true })
      .fill('{"city": "{{ expected }}"}');
    await page.getByRole('textbox', { name: 'outputPath' }).fill('answer.text');
    const preview = page.getByRole('region', { name: 'Preview on an item' });
    await preview.getByText('"city": "Lima"').waitFor();
    await addExactMatch(page);
    await submit(page).click();
    expect(await arrived(page)).toMatchObject({
      total: 2,
      filter: { splits: ['test'] },
      summary: [{ name: 'exact_match', n: 2, mean: 1 }],
    });
  });

  test('a clone begins as the run was, is changed, and its curl and TypeScript really run', async () => {
    const first = await product.client.submitRun({
      body: {
        name: 'to be cloned',
        datasetId,
        target: {
          kind: 'model',
          provider: 'mock',
          model: 'm',
          prompt: { text: "It's {{ input.country }}" },
        },
        metrics: [{ metric: 'exact_match', name: 'right' }],
        repeats: 2,
        tags: ['nightly'],
      },
    });
    const page = await begin(`/runs/new?clone=${first.id}`);
    const name = page.getByRole('textbox', { name: 'Name of the run' });
    expect(await name.inputValue()).toBe('to be cloned');
    await name.fill('cloned by code');
    await page.getByText('The same as code').click();
    const shown = async (language: string) =>
      (await page.getByRole('region', { name: `The run as ${language}` }).textContent()) ?? '';
    await expectEventually(async () => (await shown('curl')).includes('cloned by code'));
    const env = { ...process.env, LLM_EVAL_KEY: product.key };

    const curl = await run('sh', ['-c', await shown('curl')], { env });
    const made = z.object({ id: z.string() }).parse(JSON.parse(curl.stdout));
    const byCurl = await product.world.waitForState(made.id, 'completed');
    expect(byCurl).toMatchObject({
      name: 'cloned by code',
      metrics: [{ metric: 'exact_match', name: 'right' }],
      repeats: 2,
      tags: ['nightly'],
      metadata: { clonedFrom: first.id },
      target: first.target,
    });

    await page.getByRole('tab', { name: 'TypeScript' }).click();
    const code = await shown('TypeScript');
    const typescript = await run(
      process.execPath,
      ['--input-type=module-typescript', '--eval', code],
      { env, cwd: root },
    );
    const bySdk = await product.client.getRun({ params: { id: typescript.stdout.trim() } });
    expect(bySdk).toMatchObject({ name: 'cloned by code', target: first.target, total: 6 });
    await submit(page).click();
    expect(await arrived(page)).toMatchObject({ metadata: byCurl.metadata, total: 6 });
  });

  test('items that are sure to fail are asked about once more', async () => {
    const page = await begin(`/runs/new?dataset=${datasetId}`);
    await page.getByRole('combobox', { name: 'Provider', exact: true }).selectOption('mock');
    await page.getByRole('combobox', { name: 'Model', exact: true }).fill('m');
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('{{ input.city }}');
    await page.getByText('is in none of 3 items looked at').waitFor();
    await addExactMatch(page);
    await submit(page).click();
    const dialog = page.getByRole('dialog', { name: 'Submit it all the same?' });
    const would = dialog.getByText('Every item that was looked at would fail');
    expect(await faultsOf(page, would)).toEqual([]);
    await dialog.getByRole('button', { name: 'Back to the form' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(page.url()).toContain('/runs/new');
  });

  test('nothing is wrong in any look', async () => {
    const page = await begin(`/runs/new?dataset=${datasetId}&template=question_answering`);
    await page.getByText('3 items in this run').waitFor();
    await page.getByText('asks a model, and has none').first().waitFor();
    await page.getByText('Configuration, name, threshold').first().click();
    const wrong = page.getByText('things are not right yet');
    await submit(page).click();
    expect(await faultsOf(page, wrong)).toEqual([]);
    await page.getByRole('radio', { name: /^An endpoint/ }).click();
    await page.getByRole('button', { name: 'Add a header' }).click();
    await page.getByText('The same as code').click();
    await page.getByRole('region', { name: 'The run as curl' }).waitFor();
    await submit(page).click();
    expect(await faultsOf(page, wrong)).toEqual([]);
  });

  async function expectEventually(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
  }
});
