import type { MetricShape } from '#libs/evaluation';
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
    purpose: 'chooses what fits an output',
    variables: {
      ...itemVariables,
      question: 'what is asked about the output',
      choices: 'the list of the choices, each with its choice and its meaning, which may be null',
    },
    text: `You answer a question about an output by choosing one of the given answers.

The question about the output:
<question>
{{ question }}
</question>

The answers to choose from:
<choices>
{% for choice in choices %}- "{{ choice.choice }}"{% if choice.meaning %}: {{ choice.meaning }}{% endif %}
{% endfor %}</choices>

${caseShown}

${ignoreLooks}

The order of the choices means nothing. Say first what of the output speaks for and against those that come into question, in a few sentences. Then choose the one that fits best, written exactly as it stands there between the quotation marks.`,
  },
});

const config = z
  .strictObject({
    ...judgeOptions(prompts),
    question: ownWords(5_000, 'What is asked about the output'),
    choices: z
      .array(
        z.strictObject({
          choice: z.string().min(1).max(100).meta({ description: 'As the model names it' }),
          meaning: z
            .string()
            .min(1)
            .max(1_000)
            .optional()
            .meta({ description: 'When it is the right one' }),
          score: z
            .number()
            .min(-1e6)
            .max(1e6)
            .optional()
            .meta({ description: 'Its value; give one to all choices, or to none' }),
        }),
      )
      .min(2, 'give at least two choices')
      .max(50)
      .meta({
        description:
          'What the model chooses from. With scores the value is the score of the choice, without them the choice itself',
      }),
  })
  .superRefine(({ choices }, context) => {
    const names = choices.map(({ choice }) => choice);
    const twice = names.findIndex((name, place) => names.indexOf(name) !== place);
    if (twice >= 0) {
      const path = ['choices', twice, 'choice'];
      context.addIssue({ code: 'custom', path, message: 'is there already; name each only once' });
    }
    const without = choices.findIndex(({ score }) => score === undefined);
    if (without >= 0 && choices.some(({ score }) => score !== undefined)) {
      const path = ['choices', without, 'score'];
      context.addIssue({
        code: 'custom',
        path,
        message: 'is needed, since other choices have one',
      });
    }
    const scores = choices.map(({ score }) => score);
    if (scores[0] !== undefined && new Set(scores).size === 1) {
      const path = ['choices', 0, 'score'];
      context.addIssue({ code: 'custom', path, message: 'is the same for all choices' });
    }
  });

/** A multiple choice of the user's about an output. */
export const judgeChoice = defineJudge({
  name: 'judge_choice',
  title: 'Judge: choice',
  description:
    'A question of yours about each output, which a model answers by choosing from a list: as a scale with scores, or as categories.',
  definition:
    'A model is shown input, output, and expected where the item has one, and chooses one of the choices after its reasoning. With scores, the value is the score of the choice, between the least and the greatest of them, and several votes give their mean; without, the value is the choice, and several votes give the most frequent one, of equally frequent ones that which was voted for first.',
  source: 'Defined by its user; compare the choice_scores of autoevals and OpenAI evals.',
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
        question: 'How useful is the reply to the customer?',
        choices: [
          { choice: 'useless', score: 0 },
          { choice: 'partly', meaning: 'It helps, but leaves a question open', score: 0.5 },
          { choice: 'useful', score: 1 },
        ],
      },
      input: 'How do I reset my password, and how long is the link valid?',
      output: 'Use the link below the form.',
      answers: [{ reasoning: 'It says how, but not how long.', choice: 'partly' }],
      value: 0.5,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        question: 'In which tone is the reply?',
        choices: [{ choice: 'formal' }, { choice: 'casual' }],
      },
      output: 'Hey! No worries, all sorted.',
      answers: [{ reasoning: '“Hey” and “no worries” are casual.', choice: 'casual' }],
      value: 'casual',
    },
  ],
  shape: ({ choices }) => shapeOf(choices.map(({ score }) => score)),
  judge: ({ question, choices }) => {
    const verdict = z.object({
      reasoning: z.string(),
      choice: z.enum(choices.map(({ choice }) => choice)),
    });
    const scores = new Map(choices.map(({ choice, score }) => [choice, score]));
    const shown = choices.map(({ choice, meaning = null }) => ({ choice, meaning }));
    return async (item, ask) => {
      const variables = { ...materialOf(item), question, choices: shown };
      const { reasoning, choice } = await ask('verdict', variables, verdict);
      const value = scores.get(choice) ?? choice;
      return { value, reason: reasoning, ...(value !== choice && { details: { choice } }) };
    };
  },
});

function shapeOf(scores: readonly (number | undefined)[]): MetricShape {
  const numbers = scores.filter((score) => score !== undefined);
  if (numbers.length === 0) {
    return { kind: 'categorical', range: { min: null, max: null }, direction: 'none' };
  }
  const range = { min: Math.min(...numbers), max: Math.max(...numbers) };
  return { kind: 'numeric', range, direction: 'higher' };
}
