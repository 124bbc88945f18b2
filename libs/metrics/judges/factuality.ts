import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'compares the facts of an answer with those of the expert’s',
    variables: itemVariables,
    text: `You compare the facts in a submitted answer with those in an expert's answer to the same question. Take the expert's answer as true.

${materialIsData}

<question>
{{ input }}
</question>

<expert>
{{ expected }}
</expert>

<submission>
{{ output }}
</submission>

Which one of these holds?
- "equal": the submission states the same facts as the expert, in whatever words.
- "subset": it states some of the expert's facts and leaves others out, and contradicts none.
- "superset": it states all of the expert's facts and more besides, and contradicts none.
- "disagree": at least one of its facts contradicts the expert's answer. This goes before all others.
- "immaterial": the two differ, but in nothing that bears on whether the question is answered rightly, such as rounding, units or spelling.

Compare facts only. Style, order, grammar, punctuation, length and tone do not count. An answer that states no fact at all, such as a refusal, is "disagree" where the expert answers the question.

In your reasoning, go through the facts of both answers one by one, and say of each whether the other states it, contradicts it or is silent. Then name the one that holds.`,
  },
});

const relations = ['equal', 'immaterial', 'superset', 'subset', 'disagree'] as const;
const verdict = z.object({ reasoning: z.string(), relation: z.enum(relations) });

const worth = (value: number, description: string) =>
  z.number().min(0).max(1).default(value).meta({ description });

/** How do the facts of an output relate to the expected ones? */
export const factuality = defineJudge({
  name: 'factuality',
  title: 'Factuality',
  description:
    'How the facts in the output relate to those in the expected answer: the same, fewer, more, or contradictory. Wording does not count.',
  definition:
    'A model takes the expected answer as true and names one of five relations, after its reasoning: equal, immaterial (they differ in nothing that matters to the question), superset, subset, disagree. The value is what scores has for it: by default 1, 1, 0.6, 0.4 and 0. The relation stands in the details. With several votes the value is the mean of theirs.',
  source:
    'The factual comparison of OpenAI evals (modelgraded/fact.yaml), with the scores of autoevals; the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    ...judgeOptions(prompts),
    scores: z
      .strictObject({
        equal: worth(1, 'The same facts'),
        immaterial: worth(1, 'Different in nothing that matters'),
        superset: worth(0.6, 'All of the facts and more'),
        subset: worth(0.4, 'Some of the facts'),
        disagree: worth(0, 'A contradiction'),
      })
      .prefault({})
      .meta({ description: 'What each relation is worth, from 0 to 1' }),
  }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Who painted the Mona Lisa, and when?',
      output: 'Leonardo da Vinci painted it.',
      expected: 'Leonardo da Vinci, between 1503 and 1506',
      answers: [
        {
          reasoning: 'Both name Leonardo. The expert also gives the years, which are left out.',
          relation: 'subset',
        },
      ],
      value: 0.4,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'How high is Mont Blanc?',
      output: 'Roughly 4,700 m',
      expected: '4,806 m',
      answers: [{ reasoning: '4,700 m is not 4,806 m, rounded or not.', relation: 'disagree' }],
      value: 0,
    },
  ],
  judge:
    ({ scores }) =>
    async (item, ask) => {
      const { reasoning, relation } = await ask('verdict', materialOf(item), verdict);
      return { value: scores[relation], reason: reasoning, details: { relation } };
    },
});
