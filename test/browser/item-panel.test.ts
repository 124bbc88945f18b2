import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import {
  instanceOf,
  schemaOf,
  startModelServer,
  type ModelServer,
} from '../support/model-server.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(120_000);

const markdown = `## Capitals

- [x] **Canberra** is one, see [the list](https://example.org/list)
- [ ] Sydney is none

| city | capital |
| --- | --- |
| Canberra | yes |

\`\`\`python
print("Canberra")
\`\`\`

![a map](https://example.org/map.png) <b onclick="alert(1)">bold</b> [here](/api/v1/session)
Second line.`;

(chromiumPath === undefined ? describe.skip : describe)("an item's panel, in a browser", () => {
  let product: Product;
  let models: ModelServer;
  let runId: string;
  let otherRunId: string;
  const prompts: string[] = [];

  beforeAll(async () => {
    models = await startModelServer((prompt, _nth, request) => {
      prompts.push(prompt);
      return { kind: 'answer', text: JSON.stringify(instanceOf(schemaOf(request) ?? {})) };
    });
    product = await startProduct({
      OUTGOING_ALLOW: '127.0.0.1',
      LLM_EVAL_SECRET_KEY: 'a key for tests that nobody else has',
    });
    await product.client.createProvider({ body: models.provider });
    const { id: datasetId } = await product.client.createDataset({ body: { name: 'answers' } });
    await product.client.createDatasetVersion({
      params: { id: datasetId },
      contentType: 'application/x-ndjson',
      body: lines([
        { key: 'text', input: 'What is the capital of Australia?', expected: '**Canberra**' },
        { key: 'json', input: { city: 'Canberra' }, expected: 'x' },
      ]),
    });
    const submit = async (name: string, text: string): Promise<string> => {
      const recording = await product.client.createRecording({
        query: { name },
        contentType: 'application/x-ndjson',
        body: lines([
          { key: 'text', output: text },
          { key: 'json', output: '{"city": {"name": "Canberra"}}' },
        ]),
      });
      const run = await product.client.submitRun({
        body: {
          name,
          datasetId,
          target: { kind: 'recorded', recordingId: recording.id },
          metrics: [
            { metric: 'exact_match', name: 'right' },
            {
              metric: 'judge_yes_no',
              name: 'judge',
              config: {
                model: { provider: 'mock', model: 'judge-1' },
                question: 'Is it a city?',
                votes: 2,
              },
            },
          ],
        },
      });
      await product.world.waitForState(run.id, 'completed');
      return run.id;
    };
    runId = await submit('marked down', markdown);
    otherRunId = await submit('plain', 'Canberra is the capital.');
  }, 120_000);
  afterEach(() => product.endSession());
  afterAll(async () => {
    await product.stop();
    await models.stop();
  });

  const lines = (rows: readonly object[]): string =>
    rows.map((row) => JSON.stringify(row)).join('\n');

  async function openItem(key: string) {
    const page = await product.open(`/runs/${runId}`);
    await product.signIn(page);
    await page.getByRole('button', { name: key, exact: true }).click();
    const panel = page.getByRole('dialog', { name: `Item ${key}`, exact: true });
    await panel.getByRole('region', { name: 'Output', exact: true }).waitFor();
    return { page, panel };
  }
  // The radio buttons themselves are not to be seen.
  const attached = { state: 'attached' } as const;
  const showAs = (within: ReturnType<Page['getByRole']>, view: string) =>
    within
      .getByRole('radiogroup', { name: 'Show the texts as' })
      .getByText(view, { exact: true })
      .click();

  test('shows an output as Markdown without trusting it, and remembers that it is wanted', async () => {
    const { page, panel } = await openItem('text');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const output = panel.getByRole('region', { name: 'Output', exact: true });
    await output.getByText('## Capitals').waitFor();
    await showAs(panel, 'Markdown');
    await output.getByRole('cell', { name: 'Canberra' }).waitFor();
    await output.locator('code', { hasText: 'print("Canberra")' }).waitFor();
    await output.getByText('Done:', { exact: true }).waitFor(attached);
    const link = output.getByRole('link', { name: 'the list' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    // An image is a link to it, what is of this server is none, and HTML is text.
    expect(await output.getByRole('link', { name: 'Image: a map' }).getAttribute('href')).toBe(
      'https://example.org/map.png',
    );
    expect(await output.locator('img').count()).toBe(0);
    expect(await output.getByRole('link', { name: /^here/ }).count()).toBe(0);
    await output.getByText('<b onclick="alert(1)">bold</b>').waitFor();
    expect(asked.filter((url) => !url.startsWith(product.url))).toEqual([]);

    await page.reload();
    await output.getByRole('cell', { name: 'Canberra' }).waitFor();
  });

  test('goes from view to view by a key, and shows JSON that a text is', async () => {
    const { page, panel } = await openItem('json');
    const output = panel.getByRole('region', { name: 'Output', exact: true });
    await output.getByText('{"city": {"name": "Canberra"}}').waitFor();
    await page.keyboard.press('v');
    await page.keyboard.press('v');
    await panel.getByRole('radio', { name: 'JSON', checked: true }).waitFor(attached);
    expect(await output.locator('pre').textContent()).toBe(
      '{\n  "city": {\n    "name": "Canberra"\n  }\n}',
    );
    // Elsewhere it is shown in the same way.
    await page.goto(`${product.url}/compare?runs=${runId},${otherRunId}&view=items&item=text`);
    const compared = page.getByRole('dialog', { name: 'Item text' });
    await compared.getByRole('radio', { name: 'JSON', checked: true }).waitFor(attached);
    await showAs(compared, 'Markdown');
    await compared.getByRole('cell', { name: 'Canberra' }).waitFor();
    await compared.getByRole('checkbox', { name: /^Mark what differs/, disabled: true }).waitFor();
    expect(await faultsOf(page, compared)).toEqual([]);
  });

  test('shows what the judge was asked', async () => {
    const { panel } = await openItem('text');
    await panel.getByText('Judge’s prompt').click();
    const prompt = panel.getByRole('region', { name: 'Prompt of judge', exact: true });
    await prompt.getByText('mock/judge-1, 2 times').waitFor();
    await panel.getByText('Rendered again from the run’s settings').waitFor();
    const shown = await prompt.locator('pre').textContent();
    expect(shown).toContain('Is it a city?');
    expect(prompts).toContain(shown);
    expect(prompts.filter((one) => one === shown)).toHaveLength(2);
    // Of a metric that asks nobody there is nothing to show.
    expect(await panel.getByText('Judge’s prompt').count()).toBe(1);
  });

  test('has no fault in any look', async () => {
    const { page, panel } = await openItem('text');
    await showAs(panel, 'Markdown');
    await panel.getByText('Judge’s prompt').click();
    await panel.getByRole('region', { name: 'Prompt of judge', exact: true }).waitFor();
    expect(await faultsOf(page, panel.getByRole('cell', { name: 'Canberra' }))).toEqual([]);
  });
});
