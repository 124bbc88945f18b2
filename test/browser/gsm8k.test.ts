import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { chromiumPath } from '../support/browser.ts';
import { sharedData } from '../support/shared-data.ts';
import { waitFor } from '../support/wait.ts';
import { startProduct, type Product } from './product.ts';

jest.setTimeout(120_000);

const folder = join(sharedData, 'gsm8k');
const available = existsSync(folder);
if (!available) process.stderr.write(`\nGSM8K tests are SKIPPED: ${folder} does not exist.\n\n`);

/** Correct of 1,319, as published; the first one is the baseline. */
const published = [
  { system: '175b-finetuning', correct: 458 },
  { system: '6b-finetuning', correct: 286 },
  { system: '6b-verification', correct: 515 },
  { system: '175b-verification', correct: 742 },
];
const recorded = z.object({ key: z.string(), output: z.string() });

(available && chromiumPath !== undefined ? describe : describe.skip)(
  'GSM8K, by clicking only',
  () => {
    let product: Product;

    beforeAll(async () => {
      product = await startProduct();
    }, 60_000);
    afterEach(() => product.endSession());
    afterAll(() => product.stop());

    async function importDataset(page: Page): Promise<void> {
      await page.getByRole('link', { name: 'Datasets', exact: true }).click();
      await page.getByRole('button', { name: 'Create the first dataset' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('GSM8K');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'GSM8K' }).waitFor();
      await page.locator('input[type=file]').setInputFiles(join(folder, 'dataset.jsonl'));
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Every line is as it should be.').waitFor();
      await dialog.getByRole('button', { name: 'Import as version 1' }).click();
      await page.getByText('1,319 items in the latest version').waitFor();
    }

    /** Puts a run of recorded outputs together, submits it, and stays until it is completed. */
    async function runOutputs(page: Page, system: string): Promise<void> {
      await page.getByRole('link', { name: 'Runs', exact: true }).click();
      await page.getByRole('link', { name: 'New run' }).first().click();
      await page.getByRole('combobox', { name: 'Dataset' }).fill('GSM');
      await page.getByRole('option', { name: /^GSM8K/ }).click();
      await page.getByText('1,319 items in this run').waitFor();
      await page.getByRole('radio', { name: /^Recorded outputs/ }).click();
      const lines = readFileSync(join(folder, `outputs-${system}.jsonl`), 'utf8')
        .trim()
        .split('\n');
      await page.locator('input[type=file]').setInputFiles({
        name: `${system}.ndjson`,
        mimeType: 'application/x-ndjson',
        buffer: Buffer.from(
          lines.map((line) => JSON.stringify(recorded.parse(JSON.parse(line)))).join('\n'),
        ),
      });
      const recording = page.getByRole('combobox', { name: 'Recording' });
      await waitFor(async () => (await recording.inputValue()).startsWith(system) || undefined);
      expect(await recording.inputValue()).toContain('1,319 outputs');

      await page.getByRole('button', { name: 'Add metrics' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add metrics' });
      await dialog.getByRole('searchbox').fill('numeric_match');
      await dialog.getByRole('button', { name: 'Add Number', exact: true }).click();
      await dialog.getByRole('button', { name: 'Done' }).click();
      const metric = page.getByRole('list', { name: 'Metrics of this run' });
      await metric.getByText('Configuration, name, threshold').click();
      await metric.getByRole('textbox', { name: 'name', exact: true }).fill('correct');
      await metric.getByRole('textbox', { name: 'expected' }).fill('answer');
      await metric.getByRole('textbox', { name: 'extract' }).fill('A: (.*)');
      await page.getByRole('textbox', { name: 'Name of the run' }).fill(system);
      await page.getByRole('button', { name: 'Try one item' }).click();
      await page.getByRole('region', { name: 'Try a few items' }).getByText('correct').waitFor();
      await page.getByRole('button', { name: 'Submit the run' }).click();

      await page.getByRole('heading', { name: system, level: 1 }).waitFor();
      await page.getByText('Completed', { exact: true }).first().waitFor();
    }

    test('four systems are submitted, watched and compared, and the published numbers are there', async () => {
      const page = await product.open('/');
      await product.signIn(page);
      await importDataset(page);
      for (const { system, correct } of published) {
        await runOutputs(page, system);
        await page.getByText(`${correct} passed`).waitFor();
      }
      await page.getByRole('link', { name: 'Runs', exact: true }).click();
      for (const { system } of published) {
        await page.getByRole('checkbox', { name: `Select ${system}` }).click();
      }
      await page.getByRole('region', { name: 'Selected runs' }).getByText('Compare').click();

      // The oldest of them is the baseline; the differences are those that scipy computes.
      const verdict = page.getByRole('region', { name: 'Verdict' });
      await verdict.getByRole('button', { name: /6b-verification/ }).click();
      await verdict.getByText('correct is 39.0 % against the baseline’s 34.7 %').waitFor();
      await verdict.getByText('a difference of +4.3 points').waitFor();
      await page.getByRole('button', { name: 'See the 209 improvements' }).click();
      await page.getByRole('button', { name: 'Improvements 209' }).waitFor();
      await verdict.getByRole('button', { name: /175b-verification/ }).click();
      await verdict.getByText('correct is 56.3 % against the baseline’s 34.7 %').waitFor();
      await page.getByRole('tab', { name: 'Ranking' }).click();
      const board = page.getByRole('region', { name: 'Runs ranked by correct' });
      expect(await board.getByRole('rowheader').allTextContents()).toEqual(
        ['175b-verification', '6b-verification', '175b-finetuning', '6b-finetuning'].map((name) =>
          expect.stringContaining(name),
        ),
      );
    });
  },
);
