import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { seedDemo } from '../../apps/embedded/demo/index.ts';
import { chromiumPath } from '../support/browser.ts';
import { startProduct, type Product } from './product.ts';

jest.setTimeout(120_000);

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** The file that the README lets people write into the terminal. */
function fileOf(name: string) {
  const [, text] = new RegExp(`cat > ${name} <<'END'\n([^]*?)\nEND\n`).exec(readme) ?? [];
  if (text === undefined) throw new Error(`the README writes no ${name}`);
  return { name, mimeType: 'application/x-ndjson', buffer: Buffer.from(text) };
}

(chromiumPath === undefined ? describe.skip : describe)('the first five minutes', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct();
    const { url, key } = product;
    await seedDemo({ url, adminKey: key });
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  async function submit(
    page: Page,
    name: string,
    outputs: ReturnType<typeof fileOf>,
  ): Promise<void> {
    await page.getByRole('radio', { name: /^Recorded outputs/ }).click();
    await page.locator('input[type=file]').setInputFiles(outputs);
    await page
      .getByRole('combobox', { name: 'Recording' })
      .and(page.locator(`[value*="${outputs.name.replace('.ndjson', '')}"]`))
      .waitFor();
    await page.getByRole('textbox', { name: 'Name of the run' }).fill(name);
    await page.getByRole('button', { name: 'Submit the run' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByText('Completed', { exact: true }).first().waitFor();
  }

  async function compare(page: Page, names: string[]): Promise<void> {
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    for (const name of names) {
      await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).click();
    }
    await page.getByRole('region', { name: 'Selected runs' }).getByText('Compare').click();
  }

  test('are as the README tells them', async () => {
    const page = await product.open('/');
    await product.signIn(page);

    // The two runs of the demo.
    await compare(page, ['Demo: the hasty assistant', 'Demo: the careful assistant']);
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText(/is better than the baseline in correct/).waitFor();
    await page.getByRole('button', { name: /^See the \d+ improvements$/ }).waitFor();

    // A dataset.
    await page.getByRole('link', { name: 'Datasets', exact: true }).click();
    await page.getByRole('button', { name: 'New dataset' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('capitals');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'capitals' }).waitFor();
    await page.locator('input[type=file]').setInputFiles(fileOf('capitals.ndjson'));
    await page.getByRole('button', { name: 'Import as version 1' }).click();
    await page.getByText('4 items in the latest version').waitFor();

    // A run of what a model answered.
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('link', { name: 'New run' }).click();
    await page.getByRole('combobox', { name: 'Dataset' }).fill('capi');
    await page.getByRole('option', { name: /^capitals/ }).click();
    await page.getByRole('button', { name: 'Add metrics' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add metrics' });
    await dialog.getByRole('searchbox').fill('contains');
    await dialog.getByRole('button', { name: 'Add Contains', exact: true }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    const outputs = fileOf('outputs.ndjson');
    await submit(page, 'capitals, my model', outputs);
    await page.getByText('3 passed').waitFor();
    await page.getByRole('combobox', { name: 'Metric' }).selectOption('contains');
    await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Worst first' });
    await page.getByRole('button', { name: 'canada' }).click();
    await page.getByRole('dialog').getByText('does not contain "Ottawa"').waitFor();
    await page.keyboard.press('Escape');

    // The next one, as that was, and both side by side.
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'New run like this one' }).click();
    await submit(page, 'capitals, my next model', {
      ...outputs,
      name: 'next-outputs.ndjson',
      buffer: Buffer.from(outputs.buffer.toString().replace('Toronto, I believe', 'Ottawa')),
    });
    await page.getByText('4 passed').waitFor();
    await compare(page, ['capitals, my model', 'capitals, my next model']);
    await verdict.getByText('Not enough evidence that B, “capitals, my next model”').waitFor();
    expect(await verdict.textContent()).toContain(
      'contains is 100.0 % against the baseline’s 75.0 %',
    );
  });
});
