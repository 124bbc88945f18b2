import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

const csv = (rows: string[]) => ({
  name: 'quiz.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(['id,question,hint,answer,topic', ...rows].join('\n')),
});
const sound = [
  'q1,Who wrote Faust?,Weimar,Goethe,books;old',
  'q2,What is 6 times 7?,,42,numbers',
  'q3,Capital of Peru?,Andes,Lima,geo',
];

(chromiumPath === undefined ? describe.skip : describe)('datasets, in a browser', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct();
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  /** A dataset with one version, made over the API. */
  async function seed(name: string, rows: readonly unknown[], more = {}): Promise<string> {
    const { id } = await product.client.createDataset({ body: { name, ...more } });
    const body = rows.map((row) => JSON.stringify(row)).join('\n');
    await product.client.createDatasetVersion({
      params: { id },
      body,
      contentType: 'application/x-ndjson',
    });
    return id;
  }
  const rowOf = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
  const capitals = [
    { key: 'fr', input: 'Capital of France?', expected: 'Paris', split: 'test' },
    { key: 'jp', input: 'Capital of Japan?', expected: 'Tokyo', split: 'train', tags: ['east'] },
    { key: 'pe', input: 'Capital of Peru?', expected: 'Lima', split: 'train' },
  ];

  test('a dataset is created, and filled from a file whose columns are named and whose faults are seen first', async () => {
    const page = await product.open('/datasets');
    await product.signIn(page);
    await page.getByRole('button', { name: 'Create the first dataset' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('quiz');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'quiz' }).waitFor();

    const file = page.locator('input[type=file]');
    await file.setInputFiles(csv([...sound, 'q4,Three cells,only', 'q1,Said twice?,,no,']));
    const dialog = page.getByRole('dialog');
    const faults = dialog.getByRole('region', { name: 'What is wrong', exact: true });
    await faults.getByText('2 lines are wrong').waitFor();
    expect(await faults.getByRole('row').allTextContents()).toEqual([
      'LineFieldWhat is wrong',
      '5–has 3 cells where the header has 5',
      '6keykey "q1" was given on line 2 already',
    ]);
    const keep = dialog.getByRole('button', { name: 'Import as version 1' });
    expect(await keep.isDisabled()).toBe(true);
    expect(await faultsOf(page, faults)).toEqual([]);

    // The names said what most columns are; the hint is made a part of the input, and the topic left out.
    await dialog.getByRole('combobox', { name: 'hint is' }).selectOption('Input');
    await dialog.getByRole('combobox', { name: 'topic is' }).selectOption('not used');
    const items = dialog.getByRole('region', { name: 'First items', exact: true });
    await items.getByText('question: Who wrote Faust? · hint: Weimar').waitFor();
    await dialog.locator('input[type=file]').setInputFiles(csv(sound));
    await dialog.getByText('Every line is as it should be.').waitFor();
    await dialog.getByRole('combobox', { name: 'hint is' }).selectOption('Input');
    await items.getByText('question: Who wrote Faust? · hint: Weimar').waitFor();
    await keep.click();

    await rowOf(page, 'q3').waitFor();
    expect(await page.getByText('3 of 3 shown').count()).toBe(1);
    await page.getByRole('button', { name: 'q1', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'Item q1' });
    expect(await panel.getByRole('region', { name: 'Input', exact: true }).textContent()).toContain(
      'hintWeimar',
    );
    const kept = await product.client.listDatasets();
    expect(kept.items[0]).toMatchObject({ name: 'quiz', itemCount: 3, latestVersion: 1 });
  });

  test('items are changed in a draft, which outlives a reload, meets the schema and becomes a version', async () => {
    const id = await seed('capitals', capitals, {
      expectedSchema: { type: 'string', pattern: '^[A-Z]' },
    });
    product.provoke(/status of 400 .*\/edits$/);
    const page = await product.open(`/datasets/${id}`);
    await product.signIn(page);
    const bar = page.getByRole('region', { name: 'Draft' });
    const put = page.getByRole('button', { name: 'Put into the draft' });
    await page.getByRole('button', { name: 'fr', exact: true }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('textbox', { name: 'Expected' }).fill('paris');
    await page.keyboard.press('Escape');
    await page.getByText('What you have typed is not in the draft yet.').waitFor();
    await put.click();
    await page.keyboard.press('j');
    await page.getByRole('dialog', { name: 'Item jp' }).waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add an item' }).click();
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('es');
    await page.getByRole('textbox', { name: 'Input' }).fill('Capital of Spain?');
    await put.click();
    await page.keyboard.press('Escape');
    await bar.getByText('1 added, 1 changed, 1 removed').waitFor();
    await page.reload();
    await bar.getByRole('button', { name: 'Save as version 2' }).click();

    await bar.getByText('Not saved: one item is not right yet.').waitFor();
    await rowOf(page, 'fr').getByText('not right yet').waitFor();
    await page.getByRole('button', { name: 'fr', exact: true }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const expected = page.getByRole('textbox', { name: 'Expected' });
    expect(await expected.getAttribute('aria-invalid')).toBe('true');
    expect(await faultsOf(page, expected)).toEqual([]);
    await expected.fill('Paris, of course');
    await put.click();
    await page.keyboard.press('Escape');
    await bar.getByRole('button', { name: 'Save as version 2' }).click();

    await page.getByRole('heading', { name: 'What changed from version 1 to 2' }).waitFor();
    expect(await bar.count()).toBe(0);
    const rows = page.getByRole('table').getByRole('row');
    await rows.nth(3).waitFor();
    expect(await rows.allTextContents()).toEqual([
      expect.stringContaining('Change'),
      expect.stringContaining('Addedes'),
      expect.stringContaining('ChangedfrexpectedParis, of course'),
      expect.stringContaining('Removedjp'),
    ]);
    await page.getByRole('button', { name: 'fr', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'What changed in fr' });
    expect(await panel.getByRole('insertion').allTextContents()).toEqual([', of course']);
    await page.keyboard.press('j');
    const gone = page.getByRole('dialog', { name: 'What changed in jp' });
    expect((await gone.getByRole('deletion').allTextContents()).join()).toContain('Tokyo');
    const [made] = (await product.client.listDatasetVersions({ params: { id } })).items;
    expect(made).toMatchObject({ version: 2, itemCount: 3, createdBy: 'person' });
  });

  test('a draft is refused where another version came first, and goes on from it', async () => {
    const id = await seed('raced', capitals);
    product.provoke(/status of 409 .*\/edits$/);
    const page = await product.open(`/datasets/${id}?item=fr`);
    await product.signIn(page);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.keyboard.press('Escape');
    const put = [{ key: 'de', input: 'Capital of Germany?' }];
    await product.client.editDataset({ params: { id }, body: { put } });
    const bar = page.getByRole('region', { name: 'Draft' });
    await bar.getByRole('button', { name: 'Save as version' }).click();
    await bar.getByText('by now version 2 is the latest').waitFor();
    await bar.getByRole('button', { name: 'Go on from version 2' }).click();
    await bar.getByRole('button', { name: 'Save as version 3' }).click();
    await page.getByRole('heading', { name: 'What changed from version 2 to 3' }).waitFor();
    expect((await product.client.getDataset({ params: { id } })).itemCount).toBe(3);
  });

  test('a dataset is deleted, found among the deleted ones, and restored', async () => {
    const id = await seed('to be deleted', capitals);
    const page = await product.open(`/datasets/${id}`);
    await product.signIn(page);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const restore = page.getByRole('button', { name: 'Restore' });
    await restore.waitFor();
    expect(await page.getByRole('button', { name: 'Add an item' }).count()).toBe(0);
    await page.getByRole('link', { name: 'All datasets' }).click();
    await page.getByRole('table').waitFor();
    expect(await page.getByRole('link', { name: 'to be deleted' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Deleted' }).click();
    await page.getByRole('link', { name: 'to be deleted' }).click();
    await restore.click();
    await page.getByRole('button', { name: 'More actions' }).waitFor();
    expect((await product.client.getDataset({ params: { id } })).deletedAt).toBeNull();
  });

  test('a file is added to the items that there are', async () => {
    const id = await seed('to be added to', capitals);
    const page = await product.open(`/datasets/${id}`);
    await product.signIn(page);
    await page.getByRole('button', { name: 'Import a file' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'more.ndjson',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from('{"key": "es", "input": "Capital of Spain?"}'),
    });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('will hold nothing else').waitFor();
    await dialog.getByRole('radio', { name: 'Keep, and add to them' }).click();
    await dialog.getByText('One item, added to those that there are').waitFor();
    expect(await faultsOf(page, dialog.getByRole('radio', { name: 'Replace all' }))).toEqual([]);
    await dialog.getByRole('button', { name: 'Import as version 2' }).click();
    await page.getByText('4 of 4 shown').waitFor();
    const { items } = await product.client.listDatasetItems({ params: { id, version: 2 } });
    expect(items.map(({ key }) => key)).toEqual(['fr', 'jp', 'pe', 'es']);
  });

  test('a dataset is deleted from its row, and that is taken back', async () => {
    const id = await seed('in the way', capitals);
    const page = await product.open('/datasets');
    await product.signIn(page);
    const row = page.getByRole('row').filter({ hasText: 'in the way' });
    await row.getByRole('button', { name: 'Delete in the way' }).click();
    await row.waitFor({ state: 'detached' });
    const { deletedAt } = await product.client.getDataset({ params: { id } });
    expect(deletedAt).not.toBeNull();
    await page
      .getByRole('region', { name: 'Deleted' })
      .getByRole('button', { name: 'Undo' })
      .click();
    await row.waitFor();
    await page.getByRole('region', { name: 'Deleted' }).waitFor({ state: 'detached' });
  });

  test('the runs of a dataset are found in the list of runs, and one of them becomes its baseline', async () => {
    const datasetId = await product.world.seedDataset(2);
    const recordingId = await product.world.seedRecording(2);
    const run = await product.client.submitRun({
      body: {
        name: 'best so far',
        datasetId,
        target: { kind: 'recorded', recordingId },
        metrics: [{ metric: 'exact_match' }],
      },
    });
    await product.world.waitForState(run.id, 'completed');
    const page = await product.open(`/datasets/${datasetId}?view=runs`);
    await product.signIn(page);
    await page.getByRole('button', { name: 'Pin best so far as the baseline' }).click();
    await page.getByText('Each run that completes is compared with it').waitFor();
    const pinned = await product.client.getBaseline({ params: { id: datasetId } });
    expect(pinned.runId).toBe(run.id);
    await page.getByRole('button', { name: 'Unpin best so far as the baseline' }).click();
    await page.getByText('No baseline is pinned').waitFor();
    await page.getByRole('link', { name: 'Show these runs in the list of runs' }).click();
    await page.waitForURL(/\/runs\?dataset=/);
    await page.getByRole('row').filter({ hasText: 'best so far' }).waitFor();
  });

  test('null that is expected is kept where another part of its item is changed', async () => {
    const id = await seed('nulls', [{ key: 'nothing', input: 'What is nothing?', expected: null }]);
    const page = await product.open(`/datasets/${id}?item=nothing`);
    await product.signIn(page);
    await page.getByText('null, as JSON').waitFor();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('textbox', { name: 'Input' }).fill('What is null?');
    await page.getByRole('button', { name: 'Put into the draft' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save as version 2' }).click();
    await page.getByRole('heading', { name: 'What changed from version 1 to 2' }).waitFor();
    const made = await product.client.listDatasetItems({ params: { id, version: 2 } });
    expect(made.items).toMatchObject([
      { input: 'What is null?', expected: null, expectedIsNull: true },
    ]);
  });

  test('100,000 items are scrolled and searched by keyboard, and never loaded as a whole', async () => {
    const id = await seed(
      'large',
      Array.from({ length: 100_000 }, (_, i) => ({ key: `k${i}`, input: `question ${i}` })),
    );
    const page = await product.open(`/datasets/${id}`);
    await product.signIn(page);
    await page.getByText('100 of 100,000 loaded').waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('100001');
    await page.keyboard.press('j');
    await page.keyboard.press('End');
    await page.getByText('200 of 100,000 loaded').waitFor();
    await page.keyboard.press('End');
    await page.getByText('300 of 100,000 loaded').waitFor();
    expect(await page.locator(':focus').textContent()).toBe('k199');
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    await page.keyboard.press('/');
    await page.keyboard.type('QUESTION 9999');
    await page.getByText('11 shown').waitFor();
    expect(await page.locator('tbody tr').last().textContent()).toContain('k99999');
    await page.getByRole('button', { name: 'k9999', exact: true }).press('Enter');
    await page.getByRole('dialog', { name: 'Item k9999' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator(':focus').textContent()).toBe('k9999');
  });

  test('nothing is wrong in any look', async () => {
    const expectedSchema = { type: 'string' };
    const id = await seed('looked at', capitals, { expectedSchema });
    const put = [{ key: 'fr', input: 'Capital of France, please?', expected: 'Paris' }];
    await product.client.editDataset({ params: { id }, body: { put } });
    const ran = await product.world.seedDataset(2);
    const run = await product.client.submitRun({
      body: {
        name: 'looked at',
        datasetId: ran,
        target: { kind: 'recorded', recordingId: await product.world.seedRecording(2) },
        metrics: [{ metric: 'exact_match' }],
      },
    });
    await product.world.waitForState(run.id, 'completed');
    const page = await product.open('/datasets');
    await product.signIn(page);
    const shown = [
      [`/${id}?item=pe`, 'region', 'Expected'],
      [`/${id}?view=versions&item=fr`, 'dialog', 'What changed in fr'],
      ['?q=looked', 'link', 'looked at'],
      [`/${id}?view=schema`, 'region', 'Schema of Expected'],
      [`/${id}?view=splits`, 'link', 'train'],
      [`/${ran}?view=runs`, 'button', 'Pin looked at as the baseline'],
    ] as const;
    for (const [path, role, name] of shown) {
      await page.goto(`${product.url}/datasets${path}`);
      const part = page.getByRole(role, { name, exact: true }).first();
      expect([path, await faultsOf(page, part)]).toEqual([path, []]);
    }
  });
});
