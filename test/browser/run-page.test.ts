import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sql } from '#libs/database';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(120_000);

const COUNT = 300;

(chromiumPath === undefined ? describe.skip : describe)("a run's page, in a browser", () => {
  let product: Product;
  let runId: string;
  let datasetId: string;

  beforeAll(async () => {
    product = await startProduct();
    const dataset = await product.client.createDataset({ body: { name: 'sums' } });
    datasetId = dataset.id;
    await product.client.createDatasetVersion({
      params: { id: datasetId },
      contentType: 'application/x-ndjson',
      body: lines((i) => ({
        key: `sum-${i}`,
        input: { question: `What is ${i} + ${i}?` },
        expected: { answer: String(2 * i), solution: `${i} and ${i} make ${2 * i}` },
        tags: [i % 2 === 0 ? 'even' : 'odd', ...(i < 5 ? ['rare'] : [])],
        split: i % 10 === 0 ? 'validation' : 'test',
        metadata: { size: i < 100 ? 'small' : 'large' },
      })),
    });
    const recording = await product.client.createRecording({
      query: { name: 'answers' },
      contentType: 'application/x-ndjson',
      body: lines((i) => ({
        key: `sum-${i}`,
        output: i % 3 === 0 ? `${i} and ${i} are ${2 * i + 1}` : `${i} and ${i} make ${2 * i}`,
        latencyMs: 100 + i,
        outputTokens: 7,
        finishReason: i % 4 === 0 ? 'length' : 'stop',
      })),
    });
    const run = await product.client.submitRun({
      body: {
        name: 'sums of today',
        datasetId,
        target: { kind: 'recorded', recordingId: recording.id },
        metrics: [
          { metric: 'exact_match', name: 'right', expected: 'solution' },
          { metric: 'levenshtein_similarity', name: 'like', expected: 'solution' },
          { metric: 'word_count', name: 'words' },
          { metric: 'finish_reason', name: 'ended' },
        ],
      },
    });
    runId = run.id;
    await product.world.waitForState(runId, 'completed');
  }, 120_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  const lines = (of: (index: number) => object): string =>
    Array.from({ length: COUNT }, (_, i) => JSON.stringify(of(i))).join('\n');

  async function openRun(query = ''): Promise<Page> {
    const page = await product.open(`/runs/${runId}${query}`);
    await product.signIn(page);
    await page.getByRole('heading', { name: 'sums of today' }).waitFor();
    return page;
  }
  const rows = (page: Page) =>
    page.getByRole('table', { name: 'Items of the run' }).locator('tbody tr');

  test('the distribution of a metric leads to the items of a bin', async () => {
    const page = await openRun();
    await page.getByText('250 ms median').waitFor();
    await page.getByRole('button', { name: 'Details of like' }).click();
    const dialog = page.getByRole('dialog', { name: 'like' });
    const table = dialog.getByRole('region', { name: 'Distribution of like, table' });
    await table.waitFor();
    const counts = await table.locator('tbody tr td:nth-child(2)').allTextContents();
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(COUNT);
    // The last bin is of those that are right, and of nothing else.
    await table
      .getByRole('button', { name: /^Show the items of/ })
      .last()
      .click();
    await dialog.waitFor({ state: 'hidden' });
    await page.waitForURL(/min=/);
    expect(new URL(page.url()).searchParams.get('min')).toBe('1');
    await rows(page).first().waitFor();
    for (const text of await rows(page).allTextContents()) expect(text).toContain('true');
  });

  test('a category leads to its items', async () => {
    const page = await openRun();
    const ended = page.getByRole('article', { name: 'Metric ended' });
    await ended.getByRole('button', { name: 'length', exact: true }).click();
    await page.getByText(`${COUNT / 4} items found`).waitFor();
    expect(new URL(page.url()).searchParams.get('category')).toBe('length');
    await page.getByRole('button', { name: /^Category length/ }).click();
    await page.getByRole('button', { name: /^Category length/ }).waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Details of ended' }).click();
    const dialog = page.getByRole('dialog', { name: 'ended' });
    await dialog.getByRole('button', { name: 'stop', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: /^Category stop/ }).waitFor();

    const right = page.getByRole('article', { name: 'Metric right' });
    await right.getByRole('button', { name: 'no', exact: true }).click();
    await rows(page).first().getByText('false').first().waitFor();
    expect(new URL(page.url()).searchParams.get('max')).toBe('0');
  });

  test('slices show their means, and lead to their items', async () => {
    const page = await openRun();
    await page.getByRole('tab', { name: 'Slices' }).click();
    const table = page.getByRole('region', { name: 'right by tags' });
    const rare = table.getByRole('row').filter({ hasText: 'rare' });
    await rare.getByText('few').waitFor();
    // 0 and 3 of the five are wrong.
    expect(await rare.textContent()).toContain('0.600');
    await page.getByLabel('Slice by').selectOption('metadata.size');
    await page.getByRole('region', { name: 'right by metadata.size' }).getByText('large').waitFor();
    await page.getByLabel('Slice by').selectOption('tags');
    await table.getByRole('button', { name: 'rare' }).click();
    await page.getByText('5 items found').waitFor();
    expect(await rows(page).count()).toBe(5);
    expect(new URL(page.url()).searchParams.get('sliceValue')).toBe('rare');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText(`of ${COUNT} loaded`).waitFor();
  });

  test('items are searched, and one is read word by word and with the keyboard', async () => {
    const page = await openRun();
    await page.getByRole('searchbox').fill('are 7');
    await page.getByText('3 items found').waitFor();
    await page.getByLabel('Metric', { exact: true }).selectOption('right');
    await page.getByLabel('Verdict').selectOption('Passed');
    await page.getByText('No item matches these filters.').waitFor();
    await page.getByLabel('Verdict').selectOption('Not passed');
    await page.getByRole('button', { name: 'sum-3', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'Item sum-3', exact: true });
    await panel.getByText('test', { exact: true }).waitFor();
    await panel.getByText('Difference', { exact: true }).click();
    const difference = panel.getByRole('region', { name: 'Difference', exact: true });
    expect(await difference.locator('del').allTextContents()).toContain('make');
    expect(await difference.locator('ins').allTextContents()).toContain('are');
    await page.keyboard.press('j');
    await page.getByRole('dialog', { name: 'Item sum-36', exact: true }).waitFor();
    await page.keyboard.press('k');
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });

  test('items become items of another dataset, and a file', async () => {
    const { id } = await product.client.createDataset({ body: { name: 'regressions' } });
    const page = await openRun('?search=are%207');
    await page.getByRole('button', { name: /^Add all 3/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Add 3 items to a dataset' });
    await dialog.getByRole('combobox', { name: 'Dataset' }).click();
    await page.getByRole('option', { name: 'regressions' }).click();
    await dialog.getByRole('button', { name: 'Add 3 items' }).click();
    await dialog.getByText('Version 1 of the dataset has 3 items').waitFor();
    const made = await product.client.listDatasetItems({ params: { id, version: 1 } });
    expect(made.items.map(({ key }) => key)).toEqual(['sum-3', 'sum-36', 'sum-39']);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Export' }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /^CSV/ }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('sums-of-today-items.csv');
    const file = await readFile(await download.path(), 'utf8');
    expect(file.trim().split('\n')).toHaveLength(4);
    expect(file).toContain('3 and 3 are 7');
  });

  test('items are selected by mouse and keyboard, and added; or all of them at once', async () => {
    const { id } = await product.client.createDataset({ body: { name: 'chosen' } });
    const page = await openRun();
    const add = async (button: RegExp, heading: string): Promise<void> => {
      await page.getByRole('button', { name: button }).click();
      const dialog = page.getByRole('dialog', { name: heading });
      await dialog.getByRole('combobox', { name: 'Dataset' }).click();
      await page.getByRole('option', { name: 'chosen' }).click();
      await dialog.getByRole('button', { name: /^Add / }).click();
      await dialog.getByText(/^Version \d+ of the dataset/).waitFor();
      await dialog.getByRole('button', { name: 'Close' }).last().click();
    };
    const box = (key: string) => page.getByRole('checkbox', { name: `Select ${key}`, exact: true });
    await box('sum-1').click();
    await box('sum-3').click({ modifiers: ['Shift'] });
    await page.getByText('3 selected', { exact: true }).waitFor();
    // The focus is on sum-3: down to the next, which the space bar selects.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByText('4 selected', { exact: true }).waitFor();
    await box('sum-2').click();
    await page.getByText('3 selected', { exact: true }).waitFor();
    await add(/^Add the 3 selected/, 'Add 3 items to a dataset');
    const first = await product.client.listDatasetItems({ params: { id, version: 1 } });
    expect(first.items.map(({ key }) => key)).toEqual(['sum-1', 'sum-3', 'sum-5']);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();

    // More than are loaded, by the filters: the server looks for them.
    await page.getByText(/^\d+ of 300 loaded/).waitFor();
    await add(/^Add all to a dataset/, 'Add all items of the run to a dataset');
    const dataset = await product.client.getDataset({ params: { id } });
    expect(dataset).toMatchObject({ latestVersion: 2, itemCount: COUNT });
  });

  test('the run becomes the baseline of its dataset, and stops being it', async () => {
    const page = await openRun();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Pin as the baseline' }).click();
    await page.getByText('Baseline', { exact: true }).waitFor();
    const pinned = await product.client.getBaseline({ params: { id: datasetId } });
    expect(pinned.runId).toBe(runId);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Unpin as the baseline' }).click();
    await page.getByText('Baseline', { exact: true }).waitFor({ state: 'detached' });
  });

  test('a hundred thousand items are scrolled through, a few rows of them in the document', async () => {
    const big = 100_000;
    const large = await product.world.seedDataset(1);
    const run = await product.client.submitRun({
      body: {
        name: 'large',
        datasetId: large,
        target: { kind: 'recorded', recordingId: await product.world.seedRecording(1) },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    await product.world.waitForState(run.id, 'completed');
    // As workers would have left it, had they worked on so many.
    const { database } = product.world;
    await database.query(sql`
      insert into dataset_items (version_id, position, key, input, expected)
      select dataset_version_id, i, 'item-' || i, to_json(i), to_json(i::text)
      from evaluation_runs, generate_series(1, ${big - 1}::int) i where id = ${run.id}`);
    await database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
      select ${run.id}, i, 'item-' || i, 0, 'completed', 1, to_json(i::text)
      from generate_series(1, ${big - 1}::int) i`);
    await database.query(sql`
      insert into scores (run_id, no, metric, outcome, value, passed)
      select ${run.id}, i, 0, 'scored', 1, true from generate_series(1, ${big - 1}::int) i`);
    await database.query(sql`
      update evaluation_runs set total = ${big}, done = ${big} where id = ${run.id}`);
    const page = await product.open(`/runs/${run.id}`);
    await product.signIn(page);
    const table = page.getByRole('table', { name: 'Items of the run' });
    await table.waitFor();
    expect(await table.getAttribute('aria-rowcount')).toBe(String(big + 1));
    for (const until of [150, 350]) {
      await scrollTo(page, until);
    }
    expect(await table.locator('tbody tr').count()).toBeLessThan(80);
    // No index answers what nobody has: it says how far it has looked.
    await page.getByRole('searchbox').fill('nowhere to be found');
    await page.getByText('0 items found').waitFor();
  });

  /** Scrolls down until a row of this number is there. */
  async function scrollTo(page: Page, no: number): Promise<void> {
    const row = page.getByRole('row').filter({ hasText: `item-${no}` });
    for (let tries = 0; tries < 200 && !(await row.first().isVisible()); tries += 1) {
      await page.mouse.wheel(0, 3_000);
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(drawn))');
    }
    await row.first().waitFor();
  }

  test('nothing is wrong in any look', async () => {
    const page = await openRun();
    await page.getByRole('article', { name: 'Latency' }).waitFor();
    await page.getByRole('button', { name: 'sum-3', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'Item sum-3', exact: true });
    await panel.getByText('Difference', { exact: true }).click();
    const difference = panel.getByRole('region', { name: 'Difference', exact: true });
    expect(await faultsOf(page, difference)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Slices' }).click();
    await page.getByRole('region', { name: 'right by tags' }).waitFor();
    await page.getByRole('button', { name: 'Details of like' }).click();
    const distribution = page.getByRole('region', { name: 'Distribution of like, table' });
    expect(await faultsOf(page, distribution)).toEqual([]);
  });
});
