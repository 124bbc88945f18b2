import { z } from 'zod';
import {
  caseShown,
  defineJudge,
  definePrompts,
  itemVariables,
  judgeOptions,
  materialOf,
  ownWords,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'gives an output a number by the instructions',
    variables: {
      ...itemVariables,
      instructions: 'how the number comes about',
      min: 'the least number',
      max: 'the greatest number',
    },
    text: `You give an output a number from {{ min }} to {{ max }}, by these instructions:
<instructions>
{{ instructions }}
</instructions>

${caseShown}

Judge by the instructions alone; what they do not name, such as length or style, does not count. Say first, in a few sentences, what you found in the output that bears on them. Then give the number that follows from it.`,
  },
});

const bound = z.number().min(-1e6).max(1e6);

const config = z
  .strictObject({
    ...judgeOptions(prompts),
    instructions: ownWords(20_000, 'What is judged, and which number means what'),
    min: bound.default(0).meta({ description: 'The least number' }),
    max: bound.default(1).meta({ description: 'The greatest number' }),
    direction: z
      .enum(['higher', 'lower', 'none'])
      .default('higher')
      .meta({ description: 'Which numbers are better; none where neither end is' }),
  })
  .refine(({ min, max }) => min < max, { path: ['max'], message: 'must be greater than min' });

/** Whatever the user wants a number for. */
export const judgeCustom = defineJudge({
  name: 'judge_custom',
  title: 'Judge: custom number',
  description:
    'A number for each output, by instructions of yours, in a range of yours. To have the whole prompt your way, replace it.',
  definition:
    'A model is shown input, output, and expected where the item has one, and gives a number from min to max (0 to 1 by default) by the instructions, after its reasoning. The value is that number. A number outside of the range counts as an answer that cannot be read.',
  source: 'Defined by its user; compare the custom metrics of DeepEval and promptfoo.',
  kind: 'numeric',
  range: { min: null, max: null },
  direction: 'higher',
  needs: [],
  config,
  prompts,
  examples: [
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        instructions: 'The share of the questions in the input that the output answers.',
      },
      input: 'Where are you, when do you open, and may I bring my dog?',
      output: 'At the harbour, from nine. Dogs are welcome.',
      answers: [{ reasoning: 'All three are answered.', score: 1 }],
      value: 1,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        instructions: 'Count the claims for which the output names no source; 10 for ten and more.',
        max: 10,
        direction: 'lower',
      },
      output: 'Tea is healthy, and green tea doubly so.',
      answers: [{ reasoning: 'Two claims, no source.', score: 2 }],
      value: 2,
    },
  ],
  shape: ({ min, max, direction }) => ({ kind: 'numeric', range: { min, max }, direction }),
  judge: ({ instructions, min, max }) => {
    const verdict = z.object({ reasoning: z.string(), score: z.number().min(min).max(max) });
    return async (item, ask) => {
      const variables = { ...materialOf(item), instructions, min, max };
      const { reasoning, score } = await ask('verdict', variables, verdict);
      return { value: score, reason: reasoning };
    };
  },
});
