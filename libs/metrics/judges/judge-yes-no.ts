import { z } from 'zod';
import {
  caseShown,
  defineJudge,
  definePrompts,
  ignoreLooks,
  itemVariables,
  judgeOptions,
  materialOf,
  ownWords,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'answers the question about an output',
    variables: { ...itemVariables, question: 'what is asked about the output' },
    text: `You answer one question about an output, with yes or no.

The question about the output:
<question>
{{ question }}
</question>

${caseShown}

${ignoreLooks}

Say first which parts of the output bear on the question and what follows from them, in a few sentences; quote where it helps. Then decide. Where the output gives no ground for a yes, the answer is no.`,
  },
});

const verdict = z.object({ reasoning: z.string(), yes: z.boolean() });

/** A question of the user's about an output. */
export const judgeYesNo = defineJudge({
  name: 'judge_yes_no',
  title: 'Judge: yes or no',
  description: 'A question of yours about each output, which a model answers with yes or no.',
  definition:
    'A model is shown input, output, and expected where the item has one, and answers the question after its reasoning. 1 for yes, 0 for no. better says which of them passes.',
  source: 'Defined by its user; compare llm-rubric of promptfoo and LLMClassifier of autoevals.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    ...judgeOptions(prompts),
    question: ownWords(5_000, 'A question about the output that can be answered with yes or no'),
    better: z
      .enum(['yes', 'no'])
      .default('yes')
      .meta({ description: 'The answer that a good output gets' }),
  }),
  prompts,
  examples: [
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        question: 'Does the reply apologise?',
      },
      input: 'My order is broken.',
      output: 'We are sorry to hear that. A new one is on its way.',
      answers: [{ reasoning: '“We are sorry to hear that” is an apology.', yes: true }],
      value: true,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        question: 'Does the reply blame the customer?',
        better: 'no',
      },
      input: 'My order is broken.',
      output: 'We are sorry to hear that.',
      answers: [{ reasoning: 'It speaks of no cause at all.', yes: false }],
      value: false,
    },
  ],
  shape: ({ better }) => ({
    kind: 'boolean',
    range: { min: 0, max: 1 },
    direction: better === 'yes' ? 'higher' : 'lower',
  }),
  judge:
    ({ question }) =>
    async (item, ask) => {
      const { reasoning, yes } = await ask('verdict', { ...materialOf(item), question }, verdict);
      return { value: yes, reason: reasoning };
    },
});
