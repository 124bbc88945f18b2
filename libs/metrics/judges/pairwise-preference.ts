import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  judgeOptions,
  materialIsData,
  materialOf,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose:
      'says which of two answers is better; it is asked twice, the second time with their places swapped',
    variables: {
      input: 'the item’s input',
      first: 'the answer that is shown first',
      second: 'the answer that is shown second',
      criteria: 'what makes an answer better',
    },
    text: `You compare two answers to the same input and say which one is better.

What makes an answer better:
<criteria>
{{ criteria }}
</criteria>

${materialIsData}

<input>
{{ input }}
</input>

<first>
{{ first }}
</first>

<second>
{{ second }}
</second>

How to decide:
1. Say what a good answer to this input has to do, by the criteria.
2. Say how far the first answer does that, then how far the second does.
3. Compare them.

The places of the answers mean nothing: the two are judged in the other order as well. A longer answer is not better for being longer, nor one that sounds surer, is better laid out or praises itself. Say "tie" only where neither is better by the criteria, not to avoid a decision.

Write your reasoning first, then which answer is preferred.`,
  },
});

const verdict = z.object({
  reasoning: z.string(),
  preferred: z.enum(['first', 'second', 'tie']),
});

/** Is the output better than another answer? */
export const pairwisePreference = defineJudge({
  name: 'pairwise_preference',
  title: 'Pairwise preference',
  description:
    'Whether the output is better than another answer to the same input: that of a person, of another model, or of an earlier run. The other answer is what is expected, or what stands at a path of it.',
  definition:
    'A model compares the output with expected twice, once with each of them first. 1 where it prefers the output in both orders, 0 where it prefers the other in both, 0.5 otherwise: a tie, or a preference that goes by the place. The mean over a run is a win rate that counts ties by half. The details hold which place was preferred in each order, and whether the two agree; with several votes, the value is the mean of theirs.',
  source:
    'Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena, NeurIPS 2023 (the swapped positions, a win only where both orders agree); the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    ...judgeOptions(prompts),
    criteria: z
      .string()
      .min(1, 'must not be empty')
      .max(10_000)
      .default(
        'It does what the input asks for, correctly and completely, and leaves out what was not asked for.',
      )
      .meta({ description: 'What makes one answer better than the other' }),
  }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Name the three primary colours of light.',
      output: 'Red, green and blue.',
      expected: 'Red, yellow and blue.',
      answers: [
        { reasoning: 'The first is right, the second names those of paint.', preferred: 'first' },
        { reasoning: 'The second is right, the first names those of paint.', preferred: 'second' },
      ],
      value: 1,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Write a headline about rain.',
      output: 'Rain, at last',
      expected: 'Wet week ahead',
      answers: [
        { reasoning: 'The first has more life.', preferred: 'first' },
        { reasoning: 'The first says more.', preferred: 'first' },
      ],
      value: 0.5,
    },
  ],
  asks: () => ['verdict', 'verdict'],
  judge:
    ({ criteria }) =>
    async (item, ask) => {
      const { input, output, expected } = materialOf(item);
      const [leading, trailing] = await Promise.all([
        ask('verdict', { input, criteria, first: output, second: expected }, verdict),
        ask('verdict', { input, criteria, first: expected, second: output }, verdict),
      ]);
      const wins = [leading.preferred === 'first', trailing.preferred === 'second'];
      const losses = [leading.preferred === 'second', trailing.preferred === 'first'];
      const won = wins.every(Boolean);
      const lost = losses.every(Boolean);
      const tied = leading.preferred === 'tie' && trailing.preferred === 'tie';
      const consistent = won || lost || tied;
      return {
        value: won ? 1 : lost ? 0 : 0.5,
        reason: consistent
          ? leading.reasoning
          : `The preference went by the place of the answers, so it counts as a tie. With the output first: ${leading.reasoning}`,
        details: {
          orders: [
            { output: 'first', ...leading },
            { output: 'second', ...trailing },
          ],
          consistent,
        },
      };
    },
});
