import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { itemKinds } from '#libs/contracts';
import { compare, createClient, paginate, type Client } from '#libs/sdk';
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

/** As in the README of the shared data: scipy 1.10. */
const pairedReferences = [
  {
    baseline: '175b-finetuning',
    candidate: '6b-verification',
    table: { both: 306, baselineOnly: 152, candidateOnly: 209, neither: 652 },
    difference: 0.043214556482,
    standardError: 0.014361068314,
    // Its README has …262685; this is what scipy gives, and what belongs to the p there.
    t: 3.009146362685,
    p: 0.002669569674,
    exactP: 0.00315065688,
  },
  {
    baseline: '6b-verification',
    candidate: '175b-verification',
    table: { both: 436, baselineOnly: 79, candidateOnly: 306, neither: 498 },
    difference: 0.172100075815,
    standardError: 0.014106395995,
    t: 12.200144947055,
    p: 1.633794598e-32,
    exactP: 1.240053425e-32,
  },
];

const mirrored = (interval: { low: number; high: number } | null | undefined) =>
  interval && { low: -interval.high, high: -interval.low };

const itemKind = z.enum(itemKinds);

(available ? describe : describe.skip).each(backends)('GSM8K over the API on %s', (kind) => {
  let world: World;
  let processes: ProductProcess[];
  let client: Client;
  let datasetId: string;
  const runIds = new Map<string, string>();

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
      runIds.set(system, id);

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

  const compareSystems = (baseline: string, candidates: readonly string[]) =>
    compare(client, {
      baselineRunId: runIds.get(baseline) ?? '',
      candidateRunIds: candidates.map((name) => runIds.get(name) ?? ''),
    });

  test.each(pairedReferences)(
    '$candidate against $baseline has the paired reference values, to 1e-9',
    async ({ baseline, candidate, ...expected }) => {
      const { result } = await compareSystems(baseline, [candidate]);
      const accuracy = result?.candidates[0]?.metrics[0];
      expect(accuracy).toMatchObject({
        metric: 'numeric_match',
        kind: 'binary',
        pairing: { paired: 1_319, unpaired: 0, baselineOnly: 0, candidateOnly: 0 },
        binary: expected.table,
        wins: expected.table.candidateOnly,
        losses: expected.table.baselineOnly,
        verdict: { outcome: 'better' },
        bounds: { worst: accuracy?.difference, best: accuracy?.difference },
      });
      expect(accuracy?.difference).toBeCloseTo(expected.difference, 9);
      expect(accuracy?.standardError).toBeCloseTo(expected.standardError, 9);
      expect(accuracy?.t?.t).toBeCloseTo(expected.t, 9);
      expect((accuracy?.t?.p ?? 0) / expected.p).toBeCloseTo(1, 9);
      expect((accuracy?.binary?.exactP ?? 0) / expected.exactP).toBeCloseTo(1, 9);
      // Of the signs of pairs that differ, permutations are McNemar's exact test.
      expect((accuracy?.resampled?.signFlip?.p ?? 0) / expected.exactP).toBeCloseTo(1, 9);
    },
  );

  test('nothing changes from call to call, and exchanging the runs changes signs alone', async () => {
    const [there, again] = [
      await compareSystems('175b-finetuning', ['6b-verification']),
      await compareSystems('175b-finetuning', ['6b-verification']),
    ];
    expect(again).toEqual(there);
    const back = await compareSystems('6b-verification', ['175b-finetuning']);
    const [metrics, swapped] = [there, back].map(({ result }) => result?.candidates[0]?.metrics);
    expect(metrics).toHaveLength(5);
    for (const [index, metric] of (metrics ?? []).entries()) {
      const other = swapped?.[index];
      expect(other?.difference).toBe(-(metric.difference ?? Number.NaN));
      expect(other?.interval).toEqual(mirrored(metric.interval));
      expect(other?.resampled?.interval).toEqual(mirrored(metric.resampled?.interval));
      expect(other?.baseline).toEqual(metric.candidate);
      for (const part of ['standardError', 'correlation', 'power', 'ties'] as const) {
        expect(other?.[part]).toEqual(metric[part]);
      }
      expect(other?.test).toEqual(metric.test);
      expect([other?.wins, other?.losses]).toEqual([metric.losses, metric.wins]);
      expect(other?.regressions.map(({ key }) => key)).toEqual(
        metric.improvements.map(({ key }) => key),
      );
    }
  });

  test('four systems are ranked, and the groups hold those that cannot be told apart', async () => {
    const { result } = await compareSystems('6b-finetuning', [
      '6b-verification',
      '175b-finetuning',
      '175b-verification',
    ]);
    const board = result?.leaderboards.find(({ metric }) => metric === 'numeric_match');
    expect(board?.n).toBe(1_319);
    expect(board?.runs.map(({ runId }) => runId)).toEqual(
      ['175b-verification', '6b-verification', '175b-finetuning', '6b-finetuning'].map((name) =>
        runIds.get(name),
      ),
    );
    // All four differ: the closest pair has p = 0.003, and there are six.
    expect(board?.runs.map(({ groups }) => groups)).toEqual([[0], [1], [2], [3]]);
    expect(board?.pairs).toHaveLength(6);
    const closest = board?.pairs.find(
      ({ runId, otherRunId }) =>
        [runId, otherRunId].includes(runIds.get('6b-verification') ?? '') &&
        [runId, otherRunId].includes(runIds.get('175b-finetuning') ?? ''),
    );
    expect(closest?.p).toBeGreaterThan(0.0027);
    expect(closest?.p).toBeLessThan(6 * 0.0027);
  });

  test('two runs are compared by one GET, and their items listed as they are counted', async () => {
    const { id, result } = await client.compareRuns({
      query: {
        run1: runIds.get('175b-finetuning') ?? '',
        run2: runIds.get('6b-verification') ?? '',
        metrics: 'numeric_match',
      },
    });
    const accuracy = result?.candidates[0]?.metrics[0];
    const counts = { regressions: 152, improvements: 209, ties: 958, unpaired: 0 };
    for (const [kind, count] of Object.entries(counts)) {
      let listed = 0;
      for await (const item of paginate(client.listComparisonItems, {
        params: { id },
        query: { metric: 'numeric_match', kind: itemKind.parse(kind), limit: 200 },
      })) {
        listed += 1;
        expect(item.baseline.output).toEqual(expect.any(String));
      }
      expect([kind, listed]).toEqual([kind, count]);
    }
    expect([accuracy?.losses, accuracy?.wins, accuracy?.ties]).toEqual([152, 209, 958]);
  });
});
