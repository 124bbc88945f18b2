import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createClient, type Client } from '#libs/sdk';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumPath, launchBrowser } from '../support/browser.ts';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { createWorld, type World } from '../support/world.ts';

const ADMIN_KEY = 'browser-test-admin-key';
jest.setTimeout(60_000);

const built = fileURLToPath(new URL('../../apps/web/dist/index.html', import.meta.url));

(chromiumPath === undefined ? describe.skip : describe)('the first page, in a browser', () => {
  let world: World;
  let api: ProductProcess;
  let worker: ProductProcess;
  let client: Client;
  let key: string;
  let browser: Browser;
  let context: BrowserContext;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('The UI is not built: npm run build.');
    world = await createWorld('postgresql');
    const environment = { ...world.environment, PORT: '0', LLM_EVAL_ADMIN_KEY: ADMIN_KEY };
    [api, worker, browser] = await Promise.all([
      startProcess('api', environment),
      startProcess('worker', environment),
      launchBrowser(),
    ]);
    const instance = createClient({ baseUrl: urlOf(api), key: ADMIN_KEY });
    const { projectId } = world;
    ({ key } = await instance.createKey({ body: { name: 'person', role: 'admin', projectId } }));
    client = createClient({ baseUrl: urlOf(api), key });
  }, 60_000);

  afterEach(async () => {
    await context.close();
    const said = complaints.splice(0);
    if (said.length > 0) throw new Error(`the page complained: ${said.join('; ')}`);
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([api.stop(), worker.stop()]);
    await world.close();
  });

  const urlOf = (process: ProductProcess): string => process.url ?? '';

  async function open(
    path: string,
    options: { width?: number; dark?: boolean } = {},
  ): Promise<Page> {
    const { width = 1440, dark = false } = options;
    context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${urlOf(api)}${path}`);
    return page;
  }

  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
  }

  const violationsOf = async (page: Page): Promise<string[]> =>
    (await new AxeBuilder({ page }).analyze()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );

  async function submitRun(name: string, items: number): Promise<string> {
    const datasetId = await world.seedDataset(items);
    const recordingId = await world.seedRecording(items, (i) => (i % 4 === 0 ? 'no' : String(i)));
    const run = await client.submitRun({
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
    const page = await open('/');
    await page.getByLabel('Key', { exact: true }).fill('llme_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not known here.').waitFor();
    await signIn(page);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });

  test('a run that is submitted elsewhere appears, moves and finishes without a reload', async () => {
    const page = await open('/');
    await signIn(page);
    await submitRun('moving', 20_000);
    const row = page.getByRole('row').filter({ hasText: 'moving' });
    await row.waitFor();
    await row.getByText('Completed').waitFor();
    expect(await row.textContent()).toContain('0.750');
  });

  test("a run's page shows its metrics and items, worst first, and one item with its reason", async () => {
    const runId = await submitRun('shown', 400);
    await world.waitForState(runId, 'completed');
    const page = await open(`/runs/${runId}`);
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'shown' }).waitFor();
    const card = page.getByRole('article', { name: 'Metric right' });
    await card.getByText('95 % interval').waitFor();
    expect(await card.textContent()).toContain('0.750');
    await page.goto(`${urlOf(api)}/runs/${runId}?metric=right&sort=worst`);
    await page.getByRole('row').filter({ hasText: 'item-0' }).first().click();
    const panel = page.getByRole('dialog');
    await panel.getByRole('region', { name: 'Scores' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
  });

  test.each([
    { width: 1440, dark: false },
    { width: 1440, dark: true },
    { width: 390, dark: false },
    { width: 390, dark: true },
  ])('axe finds nothing at $width px, dark: $dark', async ({ width, dark }) => {
    const runId = await submitRun('accessible', 100);
    await world.waitForState(runId, 'completed');
    const page = await open('/', { width, dark });
    await page.getByLabel('Key', { exact: true }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await signIn(page);
    await page.getByText('accessible').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.goto(`${urlOf(api)}/runs/${runId}`);
    await page.getByText('item-0').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });
});
