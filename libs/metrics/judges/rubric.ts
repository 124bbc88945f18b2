import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
  ownWords,
} from './engine/index.ts';

const prompts = definePrompts({
  steps: {
    version: 1,
    purpose: 'writes the steps of the evaluation, once for all items',
    variables: {
      criteria: 'what is judged',
      min: 'the worst score',
      max: 'the best score',
    },
    text: `You prepare an evaluation. Other judges will score many outputs by the criteria below, each with a whole number from {{ min }} (worst) to {{ max }} (best), and they will all follow the steps that you write.

<criteria>
{{ criteria }}
</criteria>

Write from 3 to 6 steps. They must
- lead from reading the input and the output to the score;
- turn the criteria into things that can be checked in an output, one at a time;
- say what costs how much of the score, so that different judges arrive at the same one;
- ask for nothing that the criteria do not ask for: not for length, style or politeness unless they are named.

You have seen no output yet, so speak of none in particular.`,
  },
  verdict: {
    version: 1,
    purpose: 'scores one output by following the steps',
    variables: {
      ...itemVariables,
      criteria: 'what is judged',
      steps: 'the list of the steps',
      min: 'the worst score',
      max: 'the best score',
    },
    text: `You score an output by given criteria, with a whole number from {{ min }} (worst) to {{ max }} (best).

<criteria>
{{ criteria }}
</criteria>

Follow these steps:
<steps>
{% for step in steps %}- {{ step }}
{% endfor %}</steps>

${materialIsData}

<input>
{{ input }}
</input>
{% if expected %}
What was expected, for comparison; an output may be good and differ from it:
<expected>
{{ expected }}
</expected>
{% endif %}
<output>
{{ output }}
</output>

Go through the steps one by one in your reasoning, and say what you found at each. Judge by the criteria alone; what they do not name, such as length or style, does not count. Use the whole of the scale: {{ max }} where nothing is left to wish for, {{ min }} where nothing of it is met. Then give the score.`,
  },
});

const generated = z.object({ steps: z.array(z.string().min(1)).min(1).max(12) });

const config = z
  .strictObject({
    ...judgeOptions(prompts),
    criteria: ownWords(
      10_000,
      'What is judged, and what makes an output good or bad, in sentences',
    ),
    steps: z.array(z.string().min(1).max(2_000)).min(1).max(20).optional().meta({
      description:
        'The steps that the judge follows; left out: the model writes them from the criteria. Give them, so that all runs are judged by the same',
    }),
    min: z.int().min(0).max(100).default(1).meta({ description: 'The worst score' }),
    max: z.int().min(1).max(100).default(5).meta({ description: 'The best score' }),
  })
  .refine(({ min, max }) => min < max, { path: ['max'], message: 'must be greater than min' });

/** Scores an output by criteria in words, in generated steps. */
export const rubric = defineJudge({
  name: 'rubric',
  title: 'Rubric (G-Eval)',
  description:
    'How well an output meets criteria of yours, written in plain sentences. The judge follows steps, which it writes itself from the criteria where you give none.',
  definition:
    '(score − min) / (max − min), where score is the whole number, from min to max (1 to 5 by default), that a model gives after following the steps. Steps that are not given are written by the same model from the criteria, once in each worker of a run, at temperature 0 unless its parameters say otherwise; they stand in the details. The score is not weighted by the probabilities of its tokens, as in the paper, since few APIs give them; the mean of several votes at a higher temperature stands in for it, as the paper does where there are no probabilities.',
  source:
    'Liu et al., G-Eval: NLG Evaluation using GPT-4 with Better Human Alignment, EMNLP 2023; the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config,
  prompts,
  examples: [
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        criteria: 'The reply answers every question of the customer and promises nothing.',
      },
      input: 'Where is my parcel, and can I change the address?',
      output: 'It is in Leeds. We will surely have it with you tomorrow.',
      answers: [
        {
          steps: [
            'List the questions of the customer.',
            'Say of each whether the reply answers it; each one left open costs 2.',
            'Look for promises; each costs 1.',
          ],
        },
        {
          reasoning:
            'Two questions; the second, about the address, is left open, which costs 2. The reply promises delivery tomorrow, which costs 1.',
          score: 2,
        },
      ],
      value: 0.25,
    },
    {
      config: {
        model: { provider: 'anthropic', model: 'claude-haiku-4-5' },
        criteria: 'The summary states nothing that the text does not.',
        steps: ['List the statements of the summary.', 'Look each of them up in the text.'],
        min: 0,
        max: 10,
      },
      input: 'The bridge was opened in 1894 and closed in 2019.',
      output: 'The bridge, opened in 1894, is closed since 2019.',
      answers: [{ reasoning: 'Both statements are in the text.', score: 10 }],
      value: 1,
    },
  ],
  asks: () => ['verdict'],
  judge: ({ criteria, steps: given, min, max }) => {
    const verdict = z.object({ reasoning: z.string(), score: z.int().min(min).max(max) });
    return async (item, ask, askOnce) => {
      const steps = given ?? (await askOnce('steps', { criteria, min, max }, generated)).steps;
      const variables = { ...materialOf(item), criteria, steps, min, max };
      const { reasoning, score } = await ask('verdict', variables, verdict);
      return {
        value: (score - min) / (max - min),
        reason: reasoning,
        details: { score, ...(!given && { steps }) },
      };
    };
  },
});
