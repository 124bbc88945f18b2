import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient, paginate, type Client } from '#libs/sdk';
import { z } from 'zod';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { sharedData } from '../support/shared-data.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const folder = join(sharedData, 'gsm8k');
const available = existsSync(folder);
if (!available) process.stderr.write(`\nGSM8K tests are SKIPPED: ${folder} does not exist.\n\n`);

/** Correct of 1,319, as published. */
const published = {
  '6b-finetuning': 286,
  '6b-verification': 515,
  '175b-finetuning': 458,
  '175b-verification': 742,
};
const recordedLine = z.object({
  key: z.string(),
  output: z.string(),
  published_is_correct: z.boolean(),
});

(available ? describe : describe.skip).each(backends)('GSM8K over the API on %s', (kind) => {
  let world: World;
  let processes: ProductProcess[];
  let client: Client;
  let datasetId: string;

  beforeAll(async () => {
    world = await createWorld(kind);
    const environment = {
      ...world.environment,
      PORT: '0',
      LLM_EVAL_ADMIN_KEY: 'gsm8k-test-admin-key',
    };
    processes = [await startProcess('api', environment), await startProcess('worker', environment)];
    client = createClient({ baseUrl: processes[0]?.url ?? '', key: 'gsm8k-test-admin-key' });
    const dataset = await client.createDataset({ body: { name: 'GSM8K' } });
    datasetId = dataset.id;
    await client.createDatasetVersion({
      params: { id: datasetId },
      contentType: 'application/x-ndjson',
      body: await readFile(join(folder, 'dataset.jsonl'), 'utf8'),
    });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await world.close();
  });

  test('the dataset went in whole', async () => {
    const dataset = await client.getDataset({ params: { id: datasetId } });
    expect(dataset).toMatchObject({ latestVersion: 1, itemCount: 1_319 });
  });

  test.each(Object.entries(published))(
    '%s gets the published count, %i, and item by item the published labels',
    async (system, correct) => {
      const text = await readFile(join(folder, `outputs-${system}.jsonl`), 'utf8');
      const labels = text
        .trim()
        .split('\n')
        .map((line) => recordedLine.parse(JSON.parse(line)));
      const recording = await client.createRecording({
        query: { name: system },
        contentType: 'application/x-ndjson',
        body: labels.map(({ key, output }) => `${JSON.stringify({ key, output })}\n`).join(''),
      });
      const { id } = await client.submitRun({
        body: {
          name: system,
          datasetId,
          target: { kind: 'recorded', recordingId: recording.id },
          metrics: [
            { metric: 'numeric_match', extract: 'A: (.*)', expected: 'answer' },
            { metric: 'squad_f1', expected: 'solution' },
            { metric: 'rouge_l', expected: 'solution' },
            { metric: 'bleu', expected: 'solution' },
            { metric: 'word_count', threshold: { min: 1, max: 400 } },
          ],
        },
      });
      const run = await waitFor(async () => {
        const now = await client.getRun({ params: { id } });
        return now.state === 'completed' ? now : undefined;
      });
      expect(run).toMatchObject({ total: 1_319, done: 1_319, failed: 0 });

      const { items: metrics } = await client.listRunMetrics({ params: { id } });
      expect(metrics).toMatchObject([
        { name: 'numeric_match', n: 1_319, passed: correct, errors: 0 },
        { name: 'squad_f1', n: 1_319, errors: 0 },
        { name: 'rouge_l', n: 1_319, errors: 0 },
        { name: 'bleu', n: 1_319, errors: 0 },
        { name: 'word_count', n: 1_319, errors: 0 },
      ]);
      const [right] = metrics;
      // Nothing is missing, so nothing is left open.
      expect([right?.worstCase, right?.bestCase]).toEqual([right?.mean, right?.mean]);
      expect(right?.mean).toBeCloseTo(correct / 1_319, 12);

      const scored = new Map<string, unknown>();
      for await (const item of paginate(client.listRunItems, {
        params: { id },
        query: { limit: 200 },
      })) {
        scored.set(item.key, item.scores[0]?.value);
      }
      expect(scored.size).toBe(1_319);
      const wrong = labels.filter((label) => scored.get(label.key) !== label.published_is_correct);
      expect(wrong).toEqual([]);
    },
  );
});
