import { expect, test } from '@jest/globals';
import { submitRun, type Target } from '#libs/contracts';
import { checkMetricSpecs } from '#libs/metrics';
import { compilePrompt } from '#libs/templating';
import { readFileSync } from 'node:fs';
import { compileHttpRequest } from './index.ts';

const text = readFileSync(new URL('../../docs/TARGETS.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = '']) => {
  const run = submitRun.parse(JSON.parse(json));
  return { ...run, kind: run.target.kind };
});

/** What the templates of a target name. */
function named(target: Target): readonly string[] {
  if (target.kind === 'http') return compileHttpRequest(target).secrets;
  if (target.kind !== 'model' || 'promptId' in target.prompt) return [];
  return compilePrompt(target.prompt).variables;
}

test('there is a documented run for each kind of target', () => {
  expect(new Set(examples.map(({ kind }) => kind))).toEqual(
    new Set(['model', 'http', 'client', 'recorded']),
  );
  expect(examples.flatMap(({ target }) => named(target))).toEqual([
    'metadata.hint',
    'input.question',
    'input.letter',
    'ASSISTANT_KEY',
  ]);
});

test.each(examples)('the documented run "$name" names metrics that there are', ({ metrics }) => {
  expect(checkMetricSpecs(metrics)).toHaveLength(metrics.length);
});
