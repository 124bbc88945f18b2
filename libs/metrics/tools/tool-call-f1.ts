import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { CallComparison, ignoredPaths, pairUp } from './compare.ts';
import { callsExpected, callsMade } from './tool-calls.ts';

/** How many of the expected calls were made, and how many of those made were expected. */
export const toolCallF1 = defineMetric({
  name: 'tool_call_f1',
  title: 'Tool call F1',
  family: 'tools',
  description:
    'How well the tools that were called agree with the expected ones, from 0 to 1, in any order: missing calls and needless ones both count against it.',
  definition:
    '2m / (made + expected), the harmonic mean of precision m / made and recall m / expected, where m is the number of calls that have a partner on the other side, each call used once. Two calls are partners when they have the same name and, unless by is name, the same arguments as JSON values (fields in any order), without what is at a path in ignoreArguments. 1 where no call is expected and none was made. The calls made and expected are found as tool_call_match finds them, and not applicable in the same cases; an output whose list of calls has something else in it gives 0. The details hold precision and recall, null where there is no call to divide by.',
  source:
    'C. J. van Rijsbergen, Information Retrieval (1979), for F1, of calls as a multiset; compare ToolCallF1 of Ragas.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['tools', 'expected'],
  config: z.strictObject({
    by: z
      .enum(['name', 'name_and_arguments'])
      .default('name_and_arguments')
      .meta({ description: 'What two calls must have in common' }),
    ignoreArguments: ignoredPaths,
  }),
  examples: [
    {
      output: '',
      toolCalls: [
        { name: 'search', arguments: { query: 'x' } },
        { name: 'open', arguments: { page: 1 } },
      ],
      expected: [{ name: 'search', arguments: { query: 'x' } }],
      value: 2 / 3,
    },
    {
      config: { by: 'name' },
      output: [{ type: 'tool_use', id: '1', name: 'search', input: { query: 'y' } }],
      expected: [{ name: 'search', arguments: { query: 'x' } }],
      value: 1,
    },
    { output: 'No tool is needed.', expected: [], value: 1 },
  ],
  prepare({ by, ignoreArguments }) {
    return (item) => {
      const wanted = callsExpected(item.expected);
      if ('fault' in wanted) return { outcome: 'not_applicable', reason: wanted.fault };
      const found = callsMade(item);
      if ('fault' in found) return { outcome: 'scored', value: 0, reason: found.fault };
      const comparison = new CallComparison(by === 'name' ? 'ignore' : 'exact', ignoreArguments);
      const partners = pairUp(
        comparison.prepare(wanted.calls),
        comparison.prepare(found.calls),
        (one, other) => comparison.matches(one, other),
      );
      const matched = partners.filter((partner) => partner !== undefined).length;
      const expected = wanted.calls.length;
      const made = found.calls.length;
      const said = `${matched} of ${made} made and ${expected} expected calls match`;
      return {
        outcome: 'scored',
        value: made + expected === 0 ? 1 : (2 * matched) / (made + expected),
        reason: found.note === undefined ? said : `${said}; ${found.note}`,
        details: {
          precision: made === 0 ? null : matched / made,
          recall: expected === 0 ? null : matched / expected,
          matched,
          made,
          expected,
        },
      };
    };
  },
});
