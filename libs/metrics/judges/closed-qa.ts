import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  ignoreLooks,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'decides whether an answer meets the criterion',
    variables: {
      ...itemVariables,
      criterion: 'what the answer has to meet',
    },
    text: `You decide whether an answer to a question meets one criterion.

The criterion:
<criterion>
{{ criterion }}
</criterion>

${materialIsData}

<question>
{{ input }}
</question>
{% if expected %}
A reference that is known to be right:
<reference>
{{ expected }}
</reference>
{% endif %}
<answer>
{{ output }}
</answer>

How to decide:
1. Say what the criterion demands of an answer to this very question.
2. Say what of the answer bears on it, and whether that meets the demand.
3. Where there is a reference, what contradicts it is wrong. What it does not mention is not wrong for that reason.
4. The criterion is met only where all that it demands is met. Where the answer leaves it open, it is not met.

${ignoreLooks}

Write your reasoning first, in a few sentences; then whether the criterion is met.`,
  },
});

const verdict = z.object({
  reasoning: z.string(),
  met: z.boolean(),
});

/** Does an answer meet a criterion? */
export const closedQa = defineJudge({
  name: 'closed_qa',
  title: 'Closed QA',
  description:
    'Whether an answer meets one criterion of yours, such as being correct, given the question and, where there is one, the expected answer.',
  definition:
    'A model is shown input, output, the criterion, and expected where the item has one, and says, after its reasoning, whether the criterion is met. 1 where it is, 0 where it is not.',
  source:
    'The model-graded closed QA of OpenAI evals (modelgraded/closedqa.yaml); the prompt is our own.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    ...judgeOptions(prompts),
    criterion: z
      .string()
      .min(1, 'must not be empty')
      .max(5_000)
      .default('The answer is correct and answers the question that was asked.')
      .meta({
        description: 'What the answer has to meet, as a sentence that is true of a good one',
      }),
  }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'What is the capital of Australia?',
      output: 'It is Canberra.',
      expected: 'Canberra',
      answers: [{ reasoning: 'The answer names Canberra, as the reference does.', met: true }],
      value: true,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        criterion: 'The answer names a date by which the parcel arrives.',
      },
      input: 'Where is my parcel?',
      output: 'It will be with you soon.',
      answers: [{ reasoning: '“Soon” is no date.', met: false }],
      value: false,
    },
  ],
  judge:
    ({ criterion }) =>
    async (item, ask) => {
      const { met, reasoning } = await ask('verdict', { ...materialOf(item), criterion }, verdict);
      return { value: met, reason: reasoning };
    },
});
