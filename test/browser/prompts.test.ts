import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

(chromiumPath === undefined ? describe.skip : describe)(
  'prompts and templates, in a browser',
  () => {
    let product: Product;
    let datasetId: string;

    beforeAll(async () => {
      product = await startProduct();
      datasetId = await product.world.seedDataset(12);
    }, 60_000);
    afterEach(() => product.endSession());
    afterAll(() => product.stop());

    async function open(path: string): Promise<Page> {
      const page = await product.open(path);
      await product.signIn(page);
      return page;
    }

    test('a prompt is written on real items, gets a version, is compared, deleted and restored', async () => {
      product.provoke(/status of 400 .*\/runs\/render$/);
      const page = await open(`/prompts`);
      await page.getByText('No prompts yet').waitFor();
      await page.getByRole('link', { name: 'New prompt' }).click();
      await page.getByRole('combobox', { name: 'Shown on the items of' }).click();
      await page.getByRole('option', { name: /^numbers/ }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('double');
      await page.getByRole('textbox', { name: 'Message 1, system' }).fill('Answer with a number.');
      const user = page.getByRole('textbox', { name: 'Message 2, user' });
      await user.fill('Twice ');
      await page.getByRole('button', { name: 'input', exact: true }).click();
      expect(await user.inputValue()).toBe('Twice {{ input }}');
      const preview = page.getByRole('region', { name: 'Preview on an item' });
      await preview.getByText('Twice 0').waitFor();
      await user.fill('Twice {{ input');
      await preview.getByText('cannot be rendered').waitFor();
      expect(await user.getAttribute('aria-invalid')).toBe('true');
      await user.fill('Twice {{ input }}');
      await page.getByRole('button', { name: 'Save the prompt' }).click();
      await page.getByRole('heading', { name: 'double' }).waitFor();

      await user.fill('Three times {{ input }}');
      await page.reload();
      await page.getByRole('heading', { name: 'double' }).waitFor();
      expect(await user.inputValue()).toBe('Three times {{ input }}');
      await page.getByRole('textbox', { name: 'What changed' }).fill('thrice');
      await page.getByRole('button', { name: 'Save as version 2' }).click();
      await page.getByRole('heading', { name: 'Version 2, the latest' }).waitFor();
      await page.getByRole('button', { name: 'Compare version 2 with version 1' }).click();
      const difference = page.getByRole('region', { name: 'From version 1 to version 2' });
      const changes = difference.getByRole('region', { name: 'What differs' });
      expect((await changes.locator('del').allTextContents()).join('')).toContain('Twice');
      expect((await changes.locator('ins').allTextContents()).join('')).toContain('Three');

      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Restore' }).waitFor();
      await page.getByRole('link', { name: 'All prompts' }).click();
      await page.getByText('No prompts yet').waitFor();
      await page.getByText('Deleted', { exact: true }).click();
      await page.getByRole('link', { name: 'double' }).click();
      await page.getByRole('button', { name: 'Restore' }).click();
      await page.getByRole('link', { name: 'Use in a run' }).click();
      await page.getByRole('combobox', { name: 'Prompt of the project' }).waitFor();
      const [prompt] = (await product.client.listPrompts({})).items;
      expect(prompt).toMatchObject({ deletedAt: null, latest: { version: 2, note: 'thrice' } });
    });

    test('a template is checked, exported, imported with its faults told by line, and used', async () => {
      product.provoke(/status of 400 .*\/templates/);
      const page = await open('/templates');
      await page.getByRole('link', { name: 'Question answering', exact: true }).click();
      await page.getByRole('combobox', { name: 'Check a dataset' }).click();
      await page.getByRole('option', { name: /^numbers/ }).click();
      await page.getByText('12 of 12 items that were looked at do not fit').waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Export YAML' }).click(),
      ]);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
      const yaml = Buffer.concat(chunks)
        .toString()
        .replace(/^name: .*$/m, 'name: mine')
        .replace(/^title: .*$/m, 'title: My questions');

      await page.getByRole('link', { name: 'All templates' }).click();
      await page.getByRole('button', { name: 'Import YAML' }).click();
      const text = page.getByRole('textbox', { name: 'YAML' });
      await text.fill(`${yaml}\nnot: known`);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('not: is not a field that is known here').waitFor();
      await text.fill(yaml);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('heading', { name: 'My questions' }).waitFor();
      await page.getByRole('button', { name: 'Edit as YAML' }).click();
      await page.getByRole('button', { name: 'Save the version' }).click();
      await page.getByText('of the project, version 2').waitFor();
      await page.getByRole('link', { name: 'Use in a run' }).click();
      await page.getByRole('list', { name: 'Metrics of this run' }).waitFor();
      const metrics = page.getByRole('list', { name: 'Metrics of this run' });
      expect(await metrics.getByRole('heading').allTextContents()).toEqual([
        'Contains contains',
        'SQuAD F1 squad_f1',
        'Factuality factuality',
      ]);
    });

    test('what stands in the form of a run is saved as a template', async () => {
      const page = await open(`/runs/new?dataset=${datasetId}`);
      await page.getByText('12 items in this run').waitFor();
      await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('Say {{ input }}');
      await page.getByRole('button', { name: 'Add metrics' }).click();
      await page.getByRole('button', { name: 'Add Exact match', exact: true }).last().click();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Save this set-up as a template' }).click();
      const dialog = page.getByRole('dialog', { name: 'Save as a template' });
      await dialog.getByRole('textbox', { name: 'Name' }).fill('parrot');
      await dialog.getByRole('textbox', { name: 'What it is for' }).fill('Saying numbers');
      await dialog.getByRole('textbox', { name: 'Best practice' }).fill('Listen first');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByRole('link', { name: /parrot/ }).click();
      await page.getByRole('heading', { name: 'parrot' }).waitFor();
      const { items } = await product.client.listTemplates({ query: { limit: 50 } });
      const [made] = items.filter(({ name }) => name === 'parrot');
      expect(made?.content).toMatchObject({
        prompt: { text: 'Say {{ input }}' },
        metrics: [{ metric: 'exact_match' }],
        inputSchema: { type: ['number'] },
        expectedSchema: { type: ['string'] },
        bestPractice: ['Listen first'],
      });
    });

    test('nothing is wrong with prompts in any look', async () => {
      const { client } = product;
      const { id } = await client.createPrompt({
        body: { name: 'shown', content: { text: 'Say {{ input }} {{ metadata.hint }}' } },
      });
      await client.createPromptVersion({
        params: { id },
        body: { content: { text: 'Whisper {{ input }}' } },
      });
      const page = await open('/prompts');
      const listed = page.getByRole('link', { name: 'shown' }).first();
      expect(await faultsOf(page, listed)).toEqual([]);
      await page.goto(`${product.url}/prompts/${id}?against=1&dataset=${datasetId}`);
      expect(await faultsOf(page, page.getByText('Whisper 0'))).toEqual([]);
    });

    test('nothing is wrong with templates in any look', async () => {
      const page = await open('/templates');
      const preset = page.getByRole('link', { name: 'Tool use', exact: true });
      expect(await faultsOf(page, preset)).toEqual([]);
      await page.goto(`${product.url}/templates/rag?dataset=${datasetId}`);
      const warning = page.getByText('items that were looked at do not fit');
      expect(await faultsOf(page, warning)).toEqual([]);
    });
  },
);
