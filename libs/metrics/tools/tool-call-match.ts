import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { CallComparison, ignoredPaths, pairUp } from './compare.ts';
import { callsExpected, callsMade, type Call } from './tool-calls.ts';

const expected = [{ name: 'weather', arguments: { city: 'Paris' } }];

/** Whether the tools that were called are the expected ones. */
export const toolCallMatch = defineMetric({
  name: 'tool_call_match',
  title: 'Tool calls',
  family: 'tools',
  description:
    'Whether the expected tools were called, with the expected arguments, in the expected order; each of these can be loosened.',
  definition:
    "True when every expected call is matched by a call of its own, and no call is left over unless allowExtraCalls. Two calls match when they have the same name and, as arguments says, the same arguments (exact: the same JSON value, fields in any order), at least the expected ones (partial: every expected field is there with a matching value, at any depth; lists have the same length and match place by place), or any (ignore). What is at a path in ignoreArguments does not count on either side. With order strict, the matching calls come in the expected order; with free, in any, found by maximum bipartite matching. The calls are those that the target reported; where it reported none, those in the output (or what the path output leaves of it): a list of calls, one call with its arguments, or an object with toolCalls or tool_calls, as JSON or as a JSON text, in the shape {name, arguments}, in OpenAI's {type: function, function: {name, arguments}} or in Anthropic's {type: tool_use, name, input}. An output of another shape made no calls. Expected is one of the same shapes; an empty list expects that no tool is called. Not applicable where it is none of them. More than 1,000 calls, or arguments too large to compare, give an error.",
  source:
    'The AST match of Gorilla (Patil et al. 2023, arXiv:2305.15334) and of its Berkeley Function Calling Leaderboard, with JSON values in the place of syntax trees; trajectory match (strict, unordered, superset) of LangChain\'s agentevals; H. W. Kuhn, "The Hungarian Method for the Assignment Problem", Naval Research Logistics 2 (1955), 83–97, for the matching.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['tools', 'expected'],
  config: z.strictObject({
    arguments: z
      .enum(['exact', 'partial', 'ignore'])
      .default('exact')
      .meta({ description: 'The same arguments, at least the expected ones, or any' }),
    ignoreArguments: ignoredPaths,
    order: z
      .enum(['strict', 'free'])
      .default('strict')
      .meta({ description: 'Whether the calls must come in the expected order' }),
    allowExtraCalls: z
      .boolean()
      .default(false)
      .meta({ description: 'Other calls may come before, between and after the expected ones' }),
  }),
  examples: [
    {
      output: 'It is sunny.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Paris' } }],
      expected,
      value: true,
    },
    {
      output:
        '{"tool_calls":[{"type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Rome\\"}"}}]}',
      expected,
      value: false,
    },
    {
      config: { arguments: 'partial', allowExtraCalls: true },
      output: '',
      toolCalls: [
        { name: 'search', arguments: {} },
        { name: 'weather', arguments: { city: 'Paris', unit: 'C' } },
      ],
      expected,
      value: true,
    },
    { output: 'It is sunny.', expected: 'sunny', value: null },
  ],
  prepare({ arguments: mode, ignoreArguments, order, allowExtraCalls }) {
    return (item) => {
      const wanted = callsExpected(item.expected);
      if ('fault' in wanted) return { outcome: 'not_applicable', reason: wanted.fault };
      const found = callsMade(item);
      if ('fault' in found) return { outcome: 'scored', value: false, reason: found.fault };
      const comparison = new CallComparison(mode, ignoreArguments);
      const left = comparison.prepare(wanted.calls);
      const right = comparison.prepare(found.calls);
      const fault = (order === 'strict' ? faultInOrder : faultInAnyOrder)(left, right, {
        comparison,
        allowExtraCalls,
      });
      if (fault === null) {
        return { outcome: 'scored', value: true, ...(found.note && { reason: found.note }) };
      }
      const reason = found.note === undefined ? fault : `${fault}; ${found.note}`;
      return { outcome: 'scored', value: false, reason };
    };
  },
});

interface Terms {
  comparison: CallComparison;
  allowExtraCalls: boolean;
}

/** Why calls are not the expected ones in their order; null where they are. */
function faultInOrder(
  expected: readonly Call[],
  made: readonly Call[],
  { comparison, allowExtraCalls }: Terms,
): string | null {
  if (allowExtraCalls) {
    // The earliest match leaves most for those that follow, so taking it is never wrong.
    let next = 0;
    for (const [place, call] of expected.entries()) {
      const from = next;
      while (next < made.length && !isMatch(comparison, call, made[next])) next += 1;
      if (next === made.length) {
        const after = from === 0 ? '' : ' after those before it';
        return `no call matches expected call ${place + 1}, ${call.name},${after}`.replace(
          /,$/,
          '',
        );
      }
      next += 1;
    }
    return null;
  }
  for (const [place, call] of expected.entries()) {
    const other = made[place];
    if (!other) break;
    const difference = comparison.difference(call, other);
    if (difference === 'name' && call.name !== other.name) {
      return `call ${place + 1} is ${other.name}, expected ${call.name}`;
    }
    if (difference !== null) return `call ${place + 1}, ${call.name}, differs at ${difference}`;
  }
  return countFault(expected.length, made.length);
}

function faultInAnyOrder(
  expected: readonly Call[],
  made: readonly Call[],
  { comparison, allowExtraCalls }: Terms,
): string | null {
  const partners = pairUp(expected, made, (one, other) => comparison.matches(one, other));
  const unmatched = partners.indexOf(undefined);
  if (unmatched !== -1) {
    return `no call is left to match the expected ${expected[unmatched]?.name ?? 'call'}`;
  }
  return allowExtraCalls ? null : countFault(expected.length, made.length);
}

const isMatch = (comparison: CallComparison, expected: Call, made: Call | undefined): boolean =>
  made !== undefined && comparison.matches(expected, made);

const countFault = (expected: number, made: number): string | null =>
  expected === made ? null : `${counted(made)} made, ${expected} expected`;

const counted = (calls: number): string => (calls === 1 ? '1 call was' : `${calls} calls were`);
