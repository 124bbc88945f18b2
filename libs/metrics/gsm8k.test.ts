import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { summarizeScores } from '#libs/statistics';
import { noTools, unaborted } from '#test/scoring';
import { sharedData } from '../../test/support/shared-data.ts';
import { compileMetric } from './index.ts';

// Real outputs of four systems on GSM8K, with the labels that their authors published.
const folder = join(sharedData, 'gsm8k');
const there = existsSync(folder);
if (!there) {
  process.stderr.write('\nGSM8K is SKIPPED: set LLM_EVAL_SHARED_DATA to a folder with gsm8k/.\n\n');
}

const datasetItem = z.object({ key: z.string(), expected: z.object({ answer: z.string() }) });
const published = z.object({
  key: z.string(),
  output: z.string(),
  published_is_correct: z.boolean(),
});

const readLines = <T>(file: string, schema: z.ZodType<T>): T[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)));

(there ? describe : describe.skip)('numeric_match on GSM8K', () => {
  test.each([
    ['6b-finetuning', 286],
    ['6b-verification', 515],
    ['175b-finetuning', 458],
    ['175b-verification', 742],
  ])('%s: every score is the published label, %d correct', async (system, correct) => {
    const items = readLines('dataset.jsonl', datasetItem);
    const expectedOf = new Map(items.map(({ key, expected }) => [key, expected]));
    const metric = compileMetric(
      { metric: 'numeric_match', extract: 'A: (.*)', expected: 'answer' },
      0,
      noTools,
    );
    const rows = readLines(`outputs-${system}.jsonl`, published);
    const wrong: string[] = [];
    let sum = 0;
    for (const row of rows) {
      const expected = expectedOf.get(row.key);
      const { outcome, value } = await metric.score(
        { input: null, output: row.output, expected },
        unaborted,
      );
      if (outcome !== 'scored' || (value === 1) !== row.published_is_correct) wrong.push(row.key);
      sum += value ?? 0;
    }
    expect(wrong).toEqual([]);
    expect([rows.length, sum]).toEqual([1319, correct]);
    const summary = summarizeScores('boolean', { n: rows.length, sum, sumOfSquares: sum });
    expect(summary.mean).toBeCloseTo(correct / 1319, 15);
  });
});
