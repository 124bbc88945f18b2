import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromiumPath } from '../support/browser.ts';
import {
  instanceOf,
  schemaOf,
  startModelServer,
  type ModelServer,
} from '../support/model-server.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

const labels = ['even', 'odd'];

(chromiumPath === undefined ? describe.skip : describe)('metrics, in a browser', () => {
  let product: Product;
  let models: ModelServer;
  let runId: string;

  beforeAll(async () => {
    models = await startModelServer((_prompt, _nth, request) => ({
      kind: 'answer',
      text: JSON.stringify(instanceOf(schemaOf(request) ?? {})),
    }));
    product = await startProduct({ OUTGOING_ALLOW: '127.0.0.1' });
    runId = await submitRepeated('repeated');
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(async () => {
    await product.stop();
    await models.stop();
  });

  /**
   * 20 items, three times each: a fifth has nothing expected, item 0 has no output the third time, and
   * the others are wrong the third time.
   */
  async function submitRepeated(name: string): Promise<string> {
    const { world, client } = product;
    const datasetId = await world.seedDataset(20, (i) => (i % 5 === 4 ? undefined : labels[i % 2]));
    const recordingId = await world.seedRecording(
      20,
      (i, repeat) => {
        if (repeat < 2) return labels[i % 2];
        return i === 0 ? undefined : 'neither';
      },
      3,
    );
    const run = await client.submitRun({
      body: {
        name,
        datasetId,
        target: { kind: 'recorded', recordingId },
        repeats: 3,
        tags: ['baseline'],
        metrics: [
          { metric: 'classification', name: 'parity', config: { labels }, reducer: 'any' },
          {
            metric: 'javascript',
            name: 'said',
            config: {
              kind: 'categorical',
              code: '({ output }) => { if (output === "odd") throw new Error("odd"); return output; }',
            },
          },
        ],
      },
    });
    await world.waitForState(run.id, 'completed');
    return run.id;
  }

  test('a card says what has no score and what that leaves open', async () => {
    const page = await product.open(`/runs/${runId}`);
    await product.signIn(page);
    const card = page.getByRole('article', { name: 'Metric parity' });
    await card.getByText('95 % interval').waitFor();
    const text = await card.textContent();
    // 47 scores, of which 32 are right; 12 are not applicable and one item failed.
    expect(text).toContain('0.681');
    expect(text).toContain('0.533 … 0.750 with the 13 missing');
    expect(text).toContain('12 not applicable');
    expect(text).toContain('1 failed');
    expect(text).toContain('any over 16 items: 1.000');
    const said = page.getByRole('article', { name: 'Metric said' });
    expect(await said.textContent()).toContain('20 errors');
    expect(await said.getByRole('listitem').first().textContent()).toContain('even20');
  });

  test('the details of a metric open by keyboard, with repeats, classes and the matrix, and close', async () => {
    const page = await product.open(`/runs/${runId}`);
    await product.signIn(page);
    const opener = page.getByRole('button', { name: 'Details of parity' });
    await opener.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'parity' });
    const repeats = dialog.getByRole('region', { name: 'Over items' });
    await repeats.waitFor();
    // Two of three repeats are right: pass@1 is 2/3, and no item has three that are.
    expect(await repeats.getByRole('row').nth(1).textContent()).toBe('10.6880.68816');
    expect(await repeats.getByRole('row').last().textContent()).toBe('31.0000.00015');
    const matrix = dialog.getByRole('region', { name: 'Confusion matrix', exact: true });
    expect(await matrix.getByRole('row').nth(1).textContent()).toBe('even1607');
    await dialog.getByRole('region', { name: 'Classes', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Details of parity');
  });

  test('a metric is held against labels that stand in the dataset', async () => {
    const page = await product.open(`/runs/${runId}`);
    await product.signIn(page);
    await page.getByRole('button', { name: 'Details of said' }).click();
    const labels = page
      .getByRole('dialog', { name: 'said' })
      .getByRole('region', { name: 'Against labels of people' });
    await labels.getByRole('combobox', { name: 'Labels stand at' }).fill('expected');
    await page.keyboard.press('Enter');
    await labels.getByText('the judge gives the human verdict in').waitFor();
    expect(await faultsOf(page, labels.getByText('Cohen’s kappa'))).toEqual([]);
  });

  test('an item shows its details as JSON once they are asked for', async () => {
    const page = await product.open(`/runs/${runId}?item=3`);
    await product.signIn(page);
    const scores = page.getByRole('dialog').getByRole('region', { name: 'Scores' });
    await scores.getByText('Details').first().click();
    await scores.getByText('"predicted": "odd"').waitFor();
    expect(await scores.textContent()).toContain('passed');
  });

  test('a run is renamed, deleted, and restored', async () => {
    const own = await submitRepeated('to be renamed');
    const page = await product.open(`/runs/${own}`);
    await product.signIn(page);
    const more = page.getByRole('button', { name: 'More actions' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Rename, change tags' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('another name');
    await dialog.getByRole('textbox', { name: 'Tags, 1' }).press('Enter');
    await page.keyboard.type('kept');
    expect(await faultsOf(page, dialog)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'another name' }).waitFor();
    expect(await product.client.getRun({ params: { id: own } })).toMatchObject({
      name: 'another name',
      tags: ['baseline', 'kept'],
    });

    await more.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Restore' }).waitFor();
    await page.getByRole('link', { name: 'All runs', exact: true }).click();
    await page.getByRole('link', { name: 'repeated' }).waitFor();
    expect(await page.getByRole('link', { name: 'another name' }).count()).toBe(0);
    await page.getByRole('navigation', { name: 'Views' }).getByText('Deleted').click();
    await page.getByRole('link', { name: 'another name' }).click();
    await page.getByRole('button', { name: 'Restore' }).click();
    await more.waitFor();
    expect((await product.client.getRun({ params: { id: own } })).deletedAt).toBeNull();
  });

  test('a metric is found in the catalogue, tried, and its faults told at their fields', async () => {
    product.provoke(/status of 400 .*\/metrics\/try$/);
    const page = await product.open('/catalogue');
    await product.signIn(page);
    await page.getByRole('link', { name: 'Exact match', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('regular expression');
    await page.getByRole('link', { name: 'Regular expression' }).click();
    await page.getByRole('heading', { name: 'Definition' }).waitFor();

    await page.getByRole('textbox', { name: 'Output' }).fill('born in 1984');
    await page.getByRole('textbox', { name: 'pattern' }).fill(String.raw`\d{4}`);
    const score = page.getByRole('button', { name: 'Score it' });
    await score.click();
    await page.getByRole('status').filter({ hasText: 'true' }).waitFor();

    await page.getByRole('textbox', { name: 'pattern' }).fill('(?<=in )1');
    await score.click();
    await page.getByText('One field is not right yet.').waitFor();
    const pattern = page.getByRole('textbox', { name: 'pattern' });
    expect(await pattern.getAttribute('aria-invalid')).toBe('true');
    await pattern.fill('');
    await score.click();
    await page.getByText('is needed').waitFor();
  });

  test('a judge is tried with a provider of the project and a prompt of one’s own', async () => {
    product.provoke(/status of 400 .*\/metrics\/try$/);
    await product.client.createProvider({
      body: { name: 'scripted', kind: 'openai_compatible', baseUrl: models.baseUrl },
    });
    const page = await product.open('/catalogue/faithfulness', 390);
    await product.signIn(page);
    const model = page.getByRole('group', { name: 'model' });
    await model.getByRole('combobox', { name: 'provider' }).selectOption('scripted');
    await page.locator('summary').getByText('prompts', { exact: true }).click();
    const claims = page.getByRole('textbox', { name: 'claims' });
    await claims.fill('Claims of {{ answer }}');
    const score = page.getByRole('button', { name: 'Score it' });
    await score.click();
    const fault = page.getByText('there is no variable "answer"; there are input, output');
    await fault.waitFor();
    expect(await claims.getAttribute('aria-invalid')).toBe('true');
    expect(await faultsOf(page, fault)).toEqual([]);

    await claims.fill('Claims of {{ output }}');
    await score.click();
    // The example's context is part of the form: without it the metric would not apply.
    await page.getByRole('status').filter({ hasText: '1 of 1 claims are supported' }).waitFor();
    const details = page.getByRole('status').filter({ hasText: '"edited": true' });
    expect(await faultsOf(page, details)).toEqual([]);
  });

  test('nothing is wrong in any look', async () => {
    const page = await product.open('/catalogue');
    await product.signIn(page);
    expect(await faultsOf(page, page.getByText('exact_match').first())).toEqual([]);
    await page.goto(`${product.url}/catalogue/classification`);
    await page.getByRole('button', { name: 'Score it' }).click();
    const scored = page.getByRole('status').filter({ hasText: 'passed' });
    expect(await faultsOf(page, scored)).toEqual([]);
    await page.goto(`${product.url}/runs/${runId}?detail=parity`);
    const classes = page.getByRole('region', { name: 'Classes', exact: true });
    expect(await faultsOf(page, classes)).toEqual([]);
  });
});
