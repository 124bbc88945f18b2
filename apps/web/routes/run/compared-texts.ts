import type { EvaluationItem, Json, RunMetricSpec } from '#libs/contracts';
import { asText } from '../../components/json-text.ts';

/** What was expected beside what came, as texts, with the path at which each stands. */
export interface ComparedTexts {
  expected: string;
  expectedPath: string | undefined;
  output: string;
  outputPath: string | undefined;
}

/**
 * The two texts of an item that can be laid beside each other; undefined where one is missing. Where
 * the metrics compare parts of them, the longest text that one of them names is taken: an answer beside
 * a solution says more than a number beside a number.
 */
export function comparedTexts(
  { expected, output }: Pick<EvaluationItem, 'expected' | 'output'>,
  specs: readonly RunMetricSpec[],
): ComparedTexts | undefined {
  if (expected === null || output === null) return undefined;
  const parts = specs.flatMap((spec) => {
    const [wanted, given] = [valueAt(expected, spec.expected), valueAt(output, spec.output)];
    if (typeof wanted !== 'string' || typeof given !== 'string') return [];
    return [
      { expected: wanted, expectedPath: spec.expected, output: given, outputPath: spec.output },
    ];
  });
  const [longest] = parts.toSorted((a, b) => b.expected.length - a.expected.length);
  return (
    longest ?? {
      expected: asText(expected),
      expectedPath: undefined,
      output: asText(output),
      outputPath: undefined,
    }
  );
}

/** What stands at a dotted path; undefined where nothing does. */
function valueAt(value: Json, path: string | undefined): Json | undefined {
  let found: Json | undefined = value;
  for (const name of path === undefined ? [] : path.split('.')) {
    if (Array.isArray(found)) found = found[Number(name)];
    else if (typeof found === 'object' && found !== null) {
      found = Object.hasOwn(found, name) ? found[name] : undefined;
    } else return undefined;
  }
  return found;
}
