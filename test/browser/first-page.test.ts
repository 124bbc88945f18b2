import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

(chromiumPath === undefined ? describe.skip : describe)('the first page, in a browser', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct();
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  async function submitRun(name: string, items: number): Promise<string> {
    const datasetId = await product.world.seedDataset(items);
    const recordingId = await product.world.seedRecording(items, (i) =>
      i % 4 === 0 ? 'no' : String(i),
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

  test('a person signs in with a key, and a wrong one is refused with the reason', async () => {
    const page = await product.open('/');
    await page.getByLabel('Key', { exact: true }).fill('llme_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not known here.').waitFor();
    await product.signIn(page);
    const [cookie] = await product.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });

  test('an empty project says how outputs of every kind are scored', async () => {
    const page = await product.open('/', 390);
    await product.signIn(page);
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    await page.getByRole('tab', { name: 'Recorded outputs' }).focus();
    for (const kind of ['recorded', 'model', 'http', 'client']) {
      await page.getByRole('tabpanel').getByText(`{"kind": "${kind}"`).waitFor();
      await page.keyboard.press('ArrowRight');
    }
    const panel = page.getByRole('tabpanel').getByText(`{"kind": "recorded"`);
    expect(await faultsOf(page, panel)).toEqual([]);
  });

  test('a run that is submitted elsewhere appears, moves and finishes without a reload', async () => {
    const page = await product.open('/runs');
    await product.signIn(page);
    await submitRun('moving', 20_000);
    const row = page.getByRole('row').filter({ hasText: 'moving' });
    await row.waitFor();
    await row.getByText('Completed').waitFor();
    expect(await row.textContent()).toContain('0.750');
  });

  test('the list of runs needs no more than 300 kB of scripts, as they are sent', async () => {
    await submitRun('light', 10);
    const page = await product.open('/runs');
    await product.signIn(page);
    await page.getByText('light').first().waitFor();
    // Once more, so that nothing of the page to sign in at is counted.
    const sent: Promise<number>[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'script') return;
      sent.push(response.headerValue('content-length').then(Number));
    });
    await page.reload();
    await page.getByText('light').first().waitFor();
    await page.waitForLoadState('networkidle');
    const bytes = (await Promise.all(sent)).reduce((sum, size) => sum + size, 0);
    // More than the scripts that the frame alone needs: those of the page have been counted too.
    expect(bytes).toBeGreaterThan(200_000);
    expect(bytes).toBeLessThanOrEqual(300_000);
  });

  test("a run's page shows its metrics and items, worst first, and one item with its reason", async () => {
    const runId = await submitRun('shown', 400);
    await product.world.waitForState(runId, 'completed');
    const page = await product.open(`/runs/${runId}`);
    await product.signIn(page);
    await page.getByRole('heading', { name: 'shown' }).waitFor();
    const card = page.getByRole('article', { name: 'Metric right' });
    await card.getByText('95 % interval').waitFor();
    expect(await card.textContent()).toContain('0.750');
    await page.goto(`${product.url}/runs/${runId}?metric=right&sort=worst`);
    await page.getByRole('row').filter({ hasText: 'item-0' }).first().click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('region', { name: 'Scores' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });

  test('nothing is wrong in any look', async () => {
    const runId = await submitRun('accessible', 100);
    await product.world.waitForState(runId, 'completed');
    const page = await product.open('/runs');
    expect(await faultsOf(page, page.getByLabel('Key', { exact: true }))).toEqual([]);
    await product.signIn(page);
    expect(await faultsOf(page, page.getByText('accessible').first())).toEqual([]);
    await page.goto(`${product.url}/runs/${runId}`);
    expect(await faultsOf(page, page.getByText('item-0').first())).toEqual([]);
  });
});
