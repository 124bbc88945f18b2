import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(90_000);

const ITEMS = 200;

(chromiumPath === undefined ? describe.skip : describe)('home, in a browser', () => {
  let product: Product;
  let datasetId: string;

  beforeAll(async () => {
    product = await startProduct();
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  /** A run of which every so many-th answer is wrong. */
  async function submitRun(name: string, wrongEach: number, items = ITEMS): Promise<string> {
    const recordingId = await product.world.seedRecording(items, (i) =>
      i % wrongEach === 0 ? 'no' : String(i),
    );
    const run = await product.client.submitRun({
      body: {
        name,
        datasetId,
        target: { kind: 'recorded', recordingId },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    return run.id;
  }

  test('an empty project says how the first run comes about', async () => {
    const page = await product.open('/');
    await product.signIn(page);
    const empty = page.getByRole('heading', { name: 'No runs yet' });
    expect(await faultsOf(page, empty)).toEqual([]);
  });

  test('what goes on, what finished and what got worse stand there by themselves', async () => {
    datasetId = await product.world.seedDataset(ITEMS);
    const page = await product.open('/');
    await product.signIn(page);
    const pinned = await submitRun('good', 50);
    await product.world.waitForState(pinned, 'completed');
    await product.client.pinBaseline({ params: { id: datasetId }, body: { runId: pinned } });
    await product.client.createGate({
      body: {
        name: 'release',
        datasetId,
        rules: [{ kind: 'difference', metric: 'right', atMostWorse: 0.01 }],
      },
    });
    await submitRun('hasty', 2);

    const finished = page.getByRole('region', { name: 'Finished lately' });
    await finished.getByText('right 0.500').waitFor();
    const baseline = page.getByRole('article');
    await baseline.getByRole('link', { name: 'hasty' }).waitFor();
    const told = await baseline.textContent();
    expect(told).toContain('Worse');
    expect(told).toContain('fails release');
    const queues = page.getByRole('region', { name: 'Queues' });
    expect(await queues.count()).toBe(0);
  });

  test('a series has its trend, as a table too', async () => {
    await product.world.waitForState(await submitRun('hasty', 2), 'completed');
    const page = await product.open('/');
    await product.signIn(page);
    await page
      .getByText(/right of “hasty” over 2 runs/)
      .first()
      .waitFor();
    await page.getByText('Table', { exact: true }).click();
    expect(await page.getByRole('table').getByRole('row').count()).toBe(3);
  });

  test('nothing is wrong in any look', async () => {
    const page = await product.open('/');
    await product.signIn(page);
    const trend = page.getByText(/right of “hasty” over 2 runs/).first();
    expect(await faultsOf(page, trend)).toEqual([]);
  });

  test('on a phone the navigation opens from a button and leads elsewhere', async () => {
    const page = await product.open('/', 390);
    await product.signIn(page);
    await page.getByRole('button', { name: 'Open the navigation' }).click();
    const navigation = page.getByRole('navigation', { name: 'Main' });
    expect(await faultsOf(page, navigation, [390])).toEqual([]);
    await navigation.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    await navigation.waitFor({ state: 'hidden' });
  });

  test('a part of a name leads to a screen, a run or a dataset, from anywhere', async () => {
    const page = await product.open('/runs/new');
    await product.signIn(page);
    await page.keyboard.press('Control+k');
    const dialog = page.getByRole('dialog', { name: 'Go to' });
    await dialog.getByRole('option', { name: /hasty/ }).first().waitFor();
    expect(await faultsOf(page, dialog, [1440])).toEqual([]);
    await page.keyboard.type('hasty');
    await dialog.getByRole('option', { name: 'Home' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'hasty', level: 1 }).waitFor();

    await page.keyboard.press('Control+k');
    await dialog.getByRole('combobox').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('metr');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Metrics', level: 1 }).waitFor();

    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole('button', { name: 'Go to' }).click();
    await dialog.getByRole('option', { name: 'Home' }).waitFor();
    expect(await faultsOf(page, dialog, [390])).toEqual([]);
    await page.keyboard.type('nowhere');
    await dialog.getByText('Nothing has this in its name.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });
});
