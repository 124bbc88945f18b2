import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import type { Run, SubmitRun } from '#libs/contracts';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { startModelServer, type Behaviour, type ModelServer } from '../support/model-server.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(90_000);

const items = 24;

(chromiumPath === undefined ? describe.skip : describe)('what goes wrong, in a browser', () => {
  let product: Product;
  let models: ModelServer;
  /** Whether the provider takes its key, and knows prompts of every length. */
  let mended = false;

  beforeAll(async () => {
    models = await startModelServer(behave);
    product = await startProduct({
      OUTGOING_ALLOW: '127.0.0.1',
      LLM_EVAL_SECRET_KEY: 'a key for tests that nobody else has',
    });
    await product.client.createProvider({
      body: {
        ...models.provider,
        prices: { model: { inputPerMillion: 0, outputPerMillion: 1_000_000 } },
      },
    });
  }, 120_000);
  beforeEach(() => {
    mended = false;
  });
  afterEach(() => product.endSession());
  afterAll(async () => {
    await product.stop();
    await models.stop();
  });

  /** What the mock does with item `i`: one in six is too long, one in six fails on the other side. */
  function behave(prompt: string, nth: number, { model }: { model: string }): Behaviour {
    const text = prompt.split(' ').at(-1) ?? '';
    if (mended) return { kind: 'answer', text };
    if (model === 'no-key') return { kind: 'status', status: 401, code: 'invalid_api_key' };
    if (model === 'priced') return { kind: 'answer', text };
    const i = Number(text) % 6;
    if (i === 1) return { kind: 'status', status: 400, code: 'context_length_exceeded' };
    if (i === 2) return { kind: 'status', status: 500 };
    return i === 3 && nth === 0 ? { kind: 'status', status: 503 } : { kind: 'answer', text };
  }

  async function submitRun(
    name: string,
    model: string,
    rest: Partial<SubmitRun> = {},
  ): Promise<Run> {
    return product.client.submitRun({
      body: {
        name,
        datasetId: await product.world.seedDataset(items),
        target: {
          kind: 'model',
          provider: 'mock',
          model,
          prompt: { text: `${name}: {{ input }}` },
        },
        metrics: [{ metric: 'exact_match', name: 'right' }],
        concurrency: 2,
        maxRetries: 1,
        ...rest,
      },
    });
  }

  async function failing(name: string): Promise<Run> {
    const { id } = await submitRun(name, 'model');
    return product.world.waitForState(id, 'completed');
  }

  async function openRun(run: Run, search = '', width = 1440): Promise<Page> {
    const page = await product.open(`/runs/${run.id}${search}`, width);
    await product.signIn(page);
    await page.getByRole('heading', { name: run.name }).waitFor();
    return page;
  }

  const errorsOf = (page: Page) => page.getByRole('region', { name: 'Errors' });
  const errorOf = (page: Page, name: string) =>
    errorsOf(page).getByRole('listitem').filter({ hasText: name });
  const rowsOf = (page: Page) => page.getByRole('row').filter({ hasText: 'item-' });

  test('the items of a class are shown, retried, and followed to the end', async () => {
    const run = await failing('long prompts');
    const page = await openRun(run, '', 390);
    const tooLong = errorOf(page, 'Prompt too long');
    await tooLong.getByText('4 items failed · 4 calls failed in all').waitFor();
    await errorOf(page, 'Error on the other side').getByText('12 calls failed in all').waitFor();
    await tooLong.getByRole('button', { name: 'Show the items' }).click();
    await rowsOf(page).first().waitFor();
    expect(await rowsOf(page).count()).toBe(4);
    const said = await rowsOf(page).allTextContents();
    expect(said.every((text) => text.includes('Prompt too long: '))).toBe(true);
    // They stand below what was clicked: there they must be seen.
    expect((await rowsOf(page).last().boundingBox())?.y).toBeLessThan(900);

    mended = true;
    await tooLong.getByRole('button', { name: 'Retry these' }).click();
    await errorOf(page, 'Prompt too long')
      .getByText('4 calls failed, no item ended with it')
      .waitFor();
    await page.getByText('24 / 24').waitFor();
    await page.getByText('Completed').first().waitFor();
    await page.getByText('No item matches these filters.').waitFor();
    // Only that class was opened again.
    expect(await product.client.getRun({ params: { id: run.id } })).toMatchObject({
      state: 'completed',
      done: items,
      failed: 4,
    });
    await errorOf(page, 'Error on the other side').getByText('4 items failed').waitFor();
  });

  test('a run with a bad key says so, and is continued once that is mended', async () => {
    const { id } = await submitRun('bad key', 'no-key');
    const run = await product.world.waitForState(id, 'failed');
    const page = await openRun(run);
    const stopped = page.getByRole('region', { name: 'Stopped early' });
    await stopped.getByText('Key refused').waitFor();
    // What is open goes on with what failed: there is one button for both.
    expect(await page.getByRole('button', { name: /^Retry/ }).count()).toBe(0);
    mended = true;
    await stopped.getByRole('button', { name: 'Continue' }).click();
    await stopped.waitFor({ state: 'hidden' });
    await page.getByText('24 / 24').waitFor();
    await page.getByText('Completed').first().waitFor();
    expect(await product.client.getRun({ params: { id } })).toMatchObject({ failed: 0 });
  });

  test('a run at its cap on cost is continued with a higher one, and with none that is spent', async () => {
    const { id } = await submitRun('at its cap', 'model', { maxCostUsd: 5 });
    mended = true;
    const run = await product.world.waitForState(id, 'failed');
    const page = await openRun(run);
    const stopped = page.getByRole('region', { name: 'Stopped early' });
    await stopped.getByText('it may cost $5.00').waitFor();
    expect(await stopped.textContent()).not.toContain('maxCostUsd');
    const cap = stopped.getByLabel('New cap in all, in US dollars');
    await cap.fill('5');
    await stopped.getByText('More than the $').waitFor();
    const proceed = stopped.getByRole('button', { name: 'Continue' });
    expect(await proceed.isDisabled()).toBe(true);
    await cap.fill('1000');
    await cap.press('Enter');
    await stopped.waitFor({ state: 'hidden' });
    await page.getByText('24 / 24').waitFor();
    await page.getByText('Completed').first().waitFor();
    expect(await product.client.getRun({ params: { id } })).toMatchObject({
      done: items,
      maxCostUsd: 1000,
    });
  });

  test('nothing is wrong in any look', async () => {
    // Few items: axe looks at every cell.
    const some = { filter: { keys: ['item-0', 'item-1', 'item-2', 'item-3'] } };
    const { id: wrong } = await submitRun('looked at', 'model', some);
    const { id } = await submitRun('stopped', 'no-key', {
      name: `stopped ${'for_one_cause_'.repeat(13)}`,
      metrics: [{ metric: 'exact_match', name: 'a_name_without_a_break_'.repeat(4) }],
    });
    const run = await product.world.waitForState(wrong, 'completed');
    const page = await openRun(run);
    await errorOf(page, 'Prompt too long').waitFor();
    const row = rowsOf(page).filter({ hasText: 'item-1' }).first();
    expect(await faultsOf(page, row)).toEqual([]);

    await page.goto(`${product.url}/runs/${run.id}?item=1`);
    const panel = page.getByRole('dialog', { name: 'item-1' });
    await panel.locator('h2:focus').waitFor();
    const failed = panel.getByRole('region', { name: 'Failed calls' });
    expect(await faultsOf(page, failed)).toEqual([]);

    await product.world.waitForState(id, 'failed');
    await page.goto(`${product.url}/runs/${id}`);
    await page.getByRole('region', { name: 'Stopped early' }).waitFor();
    const refused = rowsOf(page).first().getByText('Key refused');
    expect(await faultsOf(page, refused)).toEqual([]);

    await page.goto(`${product.url}/runs`);
    const long = page.getByRole('row').filter({ hasText: 'for_one_cause' }).first();
    expect(await faultsOf(page, long)).toEqual([]);
  }, 180_000);
});
