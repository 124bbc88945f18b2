import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import type { Locator, Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { startModelServer, type ModelServer } from '../support/model-server.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

(chromiumPath === undefined ? describe.skip : describe)('managing, in a browser', () => {
  let product: Product;
  let models: ModelServer;
  /** With the key of the instance, which sees all projects. */
  let instance: Client;

  beforeAll(async () => {
    models = await startModelServer((prompt) =>
      prompt.includes('ok') ? { kind: 'answer', text: 'ok' } : { kind: 'status', status: 500 },
    );
    product = await startProduct({
      OUTGOING_ALLOW: '127.0.0.1',
      LLM_EVAL_SECRET_KEY: 'the-secret-key-of-this-installation',
    });
    instance = createClient({ baseUrl: product.url, key: product.instanceKey });
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(async () => {
    await product.stop();
    await models.stop();
  });

  async function completedRun(name: string, options: { missing?: number; wrong?: number } = {}) {
    const { missing = 0, wrong = 0 } = options;
    const datasetId = await product.world.seedDataset(60);
    return { datasetId, runId: await runOf(datasetId, name, { missing, wrong }) };
  }

  /** Of which the first outputs are missing, and the next ones wrong. */
  async function runOf(
    datasetId: string,
    name: string,
    { missing = 0, wrong = 0 }: { missing?: number; wrong?: number },
  ): Promise<string> {
    const recordingId = await product.world.seedRecording(60, (index) =>
      index < missing ? undefined : index < missing + wrong ? 'no' : String(index),
    );
    const { id } = await product.client.submitRun({
      body: {
        name,
        datasetId,
        target: { kind: 'recorded', recordingId },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    await product.world.waitForState(id, 'completed');
    return id;
  }

  async function openAsInstance(path: string, width?: number) {
    const page = await product.open(path, width);
    await product.signIn(page, product.instanceKey);
    return page;
  }

  test('an admin sees the queues, and what failed, and retries a class after its number', async () => {
    const { runId } = await completedRun('with gaps', { missing: 7 });
    const page = await openAsInstance('/');
    await page.getByRole('link', { name: 'Operations' }).click();
    const batches = page.getByRole('region', { name: 'batches' });
    await batches.getByRole('link', { name: /failed jobs of batches/ }).waitFor();
    await page.getByRole('tab', { name: 'Workers and API' }).click();
    await page.getByRole('table', { name: 'Workers' }).getByText('alive').waitFor();
    await page.getByRole('table', { name: 'API replicas' }).getByText('alive').waitFor();

    await page.getByRole('tab', { name: 'Failures' }).click();
    await page.getByRole('link', { name: '7 items of with gaps' }).waitFor();
    await page.getByRole('combobox', { name: 'Class of error' }).selectOption('output_missing');
    await page.getByRole('button', { name: 'Retry this class in test' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This opens 7 items of 1 run').waitFor();
    // Nothing has been touched yet.
    expect(await product.client.getRun({ params: { id: runId } })).toMatchObject({ failed: 7 });
    await dialog.getByRole('button', { name: 'Retry 7 items' }).click();
    await dialog.getByText('Tried again: 7 items of 1 run').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await product.world.waitForState(runId, 'completed');

    await page.getByRole('tab', { name: 'Audit log' }).click();
    await page.getByRole('button', { name: 'failures.retry' }).first().click();
    await dialog.getByText('output_missing').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  test('a queue is paused at once, and obliterated only by who types its name', async () => {
    const page = await openAsInstance('/operations');
    const card = page.getByRole('region', { name: 'calls' });
    await card.getByRole('button', { name: 'Pause calls' }).click();
    await card.getByText('Paused', { exact: true }).waitFor();

    // What is counted arrives by itself: the API is not asked for it here.
    await page.route('**/api/v1/admin/queues', (route) => route.abort());
    const run = await product.client.submitRun({
      body: {
        name: 'held up',
        datasetId: await product.world.seedDataset(3),
        target: { kind: 'http', method: 'GET', url: models.baseUrl },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    await card.getByRole('definition').filter({ hasText: /^3$/ }).first().waitFor();
    await page.unroute('**/api/v1/admin/queues');

    await card.getByRole('button', { name: 'More for calls' }).click();
    await card.getByRole('menuitem', { name: 'Obliterate' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Remove 3 jobs' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type calls').fill('call');
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type calls').fill('calls');
    await confirm.click();
    await dialog.waitFor({ state: 'hidden' });
    await product.client.cancelRun({ params: { id: run.id } });
    const { items } = await instance.listAuditEvents({ query: { action: 'queue.obliterate' } });
    expect(items.map(({ target }) => target)).toEqual(['calls']);
    await card.getByRole('button', { name: 'Resume calls' }).click();
    await card.getByText('Paused', { exact: true }).waitFor({ state: 'hidden' });
  });

  test('a provider is added by its form, which says what is wrong, and answers a test', async () => {
    const page = await product.open('/settings/providers');
    await product.signIn(page);
    await page.getByRole('button', { name: 'Add a provider' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('kind').selectOption('openai_compatible');
    await dialog.getByLabel('name').fill('mock server');
    await dialog.getByLabel('baseUrl').fill(models.baseUrl);
    await dialog.getByLabel('apiKey', { exact: true }).fill('sk-that-nobody-may-read');
    await dialog.getByLabel('maxConcurrency').fill('4');
    await dialog.getByRole('button', { name: 'Add the provider' }).click();
    await dialog.getByText('must be letters, digits').waitFor();
    await dialog.getByLabel('name').fill('mock');
    await dialog.getByRole('button', { name: 'Add the provider' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: /mock/ }).getByText('4 at a time').waitFor();

    await page.getByRole('button', { name: 'Test mock' }).click();
    await dialog.getByLabel('Model').fill('any');
    await dialog.getByRole('button', { name: 'Test it' }).click();
    await dialog.getByText('It works').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Change mock' }).click();
    await dialog.getByLabel('maxConcurrency').fill('');
    await dialog.getByLabel('requestsPerMinute').fill('90');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const { items } = await product.client.listProviders();
    expect(items).toMatchObject([
      { name: 'mock', hasCredentials: true, maxConcurrency: null, requestsPerMinute: 90 },
    ]);
    expect(await page.content()).not.toContain('sk-that-nobody-may-read');
  });

  test('a key is shown once, works as its role says, and is refused once it is revoked', async () => {
    const page = await product.open('/settings/keys');
    await product.signIn(page);
    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nightly');
    await dialog.getByRole('radio', { name: 'viewer' }).check();
    await dialog.getByRole('button', { name: 'Create it' }).click();
    const key = (await dialog.getByText(/^llme_/).textContent()) ?? '';
    const viewer = createClient({ baseUrl: product.url, key });
    expect(await viewer.getSession()).toMatchObject({ keyName: 'nightly', role: 'viewer' });
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(key);

    await page.getByRole('button', { name: 'Revoke nightly' }).click();
    await dialog.getByText('signed out').waitFor();
    await dialog.getByRole('button', { name: 'Revoke it for good' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect(viewer.getSession()).rejects.toMatchObject({ status: 401 });
  });

  test('a baseline is pinned, a gate is made of rules in words, and says why a run fails it', async () => {
    const { datasetId, runId: baseline } = await completedRun('yesterday');
    const candidate = await runOf(datasetId, 'today', { wrong: 30 });
    await product.world.database.query(
      sql`update datasets set name = 'guarded' where id = ${datasetId}`,
    );
    const page = await product.open('/gates?view=baselines');
    await product.signIn(page);
    await page.getByRole('button', { name: 'Pin a baseline' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Dataset').selectOption({ label: 'guarded' });
    await dialog.getByLabel('Completed run').selectOption(baseline);
    await dialog.getByRole('button', { name: 'Pin it' }).click();
    await page.getByRole('link', { name: 'yesterday' }).waitFor();

    await page.getByRole('tab', { name: 'Gates' }).click();
    await page.getByRole('button', { name: 'Create a gate' }).click();
    await dialog.getByLabel('Name').fill('release');
    await dialog.getByLabel('For runs of').selectOption({ label: 'guarded' });
    await dialog.getByRole('combobox', { name: 'Metric' }).fill('right');
    await dialog.getByLabel('By how much').fill('0.05');
    await dialog.getByText('right is at most 0.05 worse than the baseline’s').waitFor();
    await dialog.getByRole('button', { name: 'Create the gate' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'release' }).click();

    await page.getByRole('button', { name: 'Check a run' }).click();
    await dialog.getByLabel('Completed run').selectOption(candidate);
    await dialog.getByRole('button', { name: 'Check it' }).click();
    await dialog.getByText('right went from 100 % to 50 %').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    const result = page.getByRole('article');
    await result.getByText('Fail').first().waitFor();
    await result.getByRole('link', { name: 'Compare them' }).click();
    await page.waitForURL(/\/compare/);
    expect(new URL(page.url()).searchParams.get('runs')).toBe(`${baseline},${candidate}`);
  });

  test('a key of the instance works in the project that is chosen, until it signs in again', async () => {
    const { name } = await instance.createProject({ body: { name: 'another' } });
    const page = await openAsInstance('/settings/projects');
    await page.getByRole('button', { name: `Work in ${name}` }).click();
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    const banner = page.getByRole('banner');
    expect(await banner.getByTitle('Project').textContent()).toContain(name);
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await product.signIn(page, product.instanceKey);
    expect(await banner.getByTitle('Project').textContent()).toContain('default');
  });

  test('who may not see the operations is told what it takes, also by Bull Board', async () => {
    const page = await product.open('/operations');
    await product.signIn(page);
    await page.getByText('This needs an admin key of the instance').waitFor();
    await page.goto(`${product.url}/admin/queues`);
    await page.getByText('This needs an admin key of the instance').waitFor();
    expect(await page.getByRole('link', { name: 'Operations' }).count()).toBe(0);
  });

  const screens: [path: string, shown: (page: Page) => Locator][] = [
    ['/operations', (page) => page.getByRole('region', { name: 'comparisons' })],
    ['/operations?view=processes', (page) => page.getByText('alive').nth(1)],
    ['/operations?view=failures', (page) => page.getByText('standing gap').first()],
    ['/operations?view=failures&list=jobs', (page) => page.getByText('its run').first()],
    ['/operations?view=audit', (page) => page.getByRole('button', { name: 'key.create' }).first()],
    ['/settings/providers?edit=new', (page) => page.getByText('Add a price')],
    ['/settings/keys', (page) => page.getByText('What a role may do')],
    ['/settings/projects', (page) => page.getByText('shown now')],
    ['/gates', (page) => page.getByRole('tab', { name: 'Baselines' })],
    ['/gates?edit=new', (page) => page.getByText('Rule 1')],
  ];

  test('nothing is wrong in any look', async () => {
    await completedRun('standing gap', { missing: 3 });
    const page = await openAsInstance('/');
    for (const [path, shown] of screens) {
      await page.goto(product.url + path);
      expect([path, await faultsOf(page, shown(page))]).toEqual([path, []]);
    }
  }, 180_000);
});
