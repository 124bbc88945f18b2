import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { caseOf, checkShape, judgementOf, shapeOfConfig, shapeOptions } from './scorer-answer.ts';

const config = z
  .strictObject({
    code: z
      .string()
      .min(1, 'must not be empty')
      .max(20_000, 'must have at most 20,000 characters')
      .meta({
        description:
          'A function such as ({ output, expected }) => output === expected, or a module with export default function',
      }),
    ...shapeOptions,
    timeMs: z
      .int()
      .min(1)
      .max(2_000)
      .default(200)
      .meta({ description: 'Milliseconds of computing that each call may take' }),
    memoryMb: z
      .int()
      .min(1)
      .max(64)
      .default(16)
      .meta({ description: 'Megabytes that each call may take beside the engine itself' }),
  })
  .superRefine(checkShape);

/** A user's function, in a sandbox. */
export const javascript = defineMetric({
  name: 'javascript',
  title: 'JavaScript',
  family: 'custom',
  description:
    'A function of your own, in JavaScript. It runs in a sandbox: it computes, and reaches nothing else.',
  definition:
    'The function gets one argument, { input, output, expected, metadata, usage, toolCalls }, without what the item lacks. It returns the value, or { value, passed, reason, details } of which only value is needed; or null, undefined or { notApplicable: reason } where the item is not to be scored. It may be async. The value must be of the kind that is configured and within min and max, anything else is an error: so is a value that JSON does not have (NaN, a BigInt, a cycle), an exception, which is told with its message, and a call that takes more time or memory than it may. passed, where it is given, says whether the item passes unless the metric has a threshold; details may have 10,000 characters of JSON. Each call runs in a fresh realm of QuickJS (ECMAScript 2023, strict mode): no modules, no network, no files, no timers, no console, and nothing that one call leaves is seen by another. Time is that of the processor.',
  source:
    'Defined by its user; compare the javascript assertion of promptfoo and the custom scorers of autoevals.',
  kind: 'numeric',
  range: { min: null, max: null },
  direction: 'higher',
  needs: [],
  config,
  examples: [
    {
      config: { code: '({ output, expected }) => output === expected', kind: 'boolean' },
      output: 'Paris',
      expected: 'Paris',
      value: true,
    },
    {
      config: {
        code: 'export default function score({ output }) {\n  const words = output.split(/\\s+/).filter(Boolean);\n  const value = Math.min(1, words.length / 5);\n  return { value, reason: `${words.length} words`, passed: value === 1 };\n}',
        min: 0,
        max: 1,
      },
      output: 'two words',
      value: 0.4,
    },
    {
      config: {
        code: '({ metadata }) => (metadata?.language ? metadata.language : { notApplicable: "the item has no language" })',
        kind: 'categorical',
      },
      output: 'Bonjour',
      metadata: { language: 'fr' },
      value: 'fr',
    },
    { config: { code: '() => null' }, output: 'anything', value: null },
  ],
  shape: shapeOfConfig,
  prepare({ code, timeMs, memoryMb }, { sandbox }) {
    const limits = { timeMs, memoryBytes: memoryMb * 2 ** 20 };
    return async (item) => {
      const given = await sandbox.callFunction({ code, argument: caseOf(item), ...limits });
      const answer = typeof given === 'object' && given !== null ? given : { value: given };
      return judgementOf(answer, 'the function');
    };
  },
});
