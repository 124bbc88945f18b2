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
  statements: {
    version: 1,
    purpose:
      'takes an answer apart into statements; it is asked of the output and of what is expected',
    variables: { input: 'the item’s input', text: 'the answer that is taken apart' },
    text: `You take an answer to a question apart into its statements.

${materialIsData}

<question>
{{ input }}
</question>

<answer>
{{ text }}
</answer>

Write each fact that the answer states as one sentence of its own that can be understood and checked without the question or the other sentences: put names in the place of pronouns, and the subject of the question where the answer leaves it out. A bare answer, such as one word, is one statement together with its question. Add nothing that the answer does not say, correct nothing, and say nothing twice. Greetings, offers of help and remarks about the answer itself are no statements. An answer that states nothing has an empty list.`,
  },
  verdict: {
    version: 1,
    purpose: 'holds the statements of the output and of what is expected against each other',
    variables: {
      input: itemVariables.input,
      stated: 'the list of the output’s statements',
      expected: 'the list of the expected answer’s statements',
    },
    text: `You hold the statements of an answer and those of a reference, which is right, against each other.

${materialIsData}

<question>
{{ input }}
</question>

Statements of the answer, numbered from 0:
<answer>
{% for statement in stated %}{{ forloop.index0 }}. {{ statement }}
{% endfor %}</answer>

Statements of the reference, numbered from 0:
<reference>
{% for statement in expected %}{{ forloop.index0 }}. {{ statement }}
{% endfor %}</reference>

Decide two things, each for every statement, in their order:
1. For each statement of the answer: is it supported by the statements of the reference, in substance, whatever the words? What the reference contradicts or does not say is not supported.
2. For each statement of the reference: is it present in the statements of the answer, in substance?

Judge each statement by itself, with a short reason before the verdict. How sure or how polished a statement sounds does not count.`,
  },
});

const statements = z.object({ statements: z.array(z.string().min(1)) });

/** Precision and recall of facts, against what is expected. */
export const answerCorrectness = defineJudge({
  name: 'answer_correctness',
  title: 'Answer correctness',
  description:
    'How far the statements of the output are those of the expected answer: nothing wrong or added, nothing left out.',
  definition:
    'F1 = TP / (TP + (FP + FN) / 2) over statements. A model takes output and expected apart into statements, then says of each statement of the output whether the expected ones support it (TP, otherwise FP), and of each expected one whether the output has it (FN where not). An output without statements gets 0; where what is expected has none, it is not applicable. Unlike in Ragas, semantic similarity is not mixed in: use a weighted sum for that.',
  source:
    'Answer correctness of Ragas, its factual part (docs.ragas.io, answer_correctness); the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject(judgeOptions(prompts)),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'What powers the sun?',
      output: 'The sun is powered by nuclear fission.',
      expected: 'Nuclear fusion powers the sun. It turns hydrogen into helium.',
      answers: [
        { statements: ['The sun is powered by nuclear fission.'] },
        {
          statements: [
            'The sun is powered by nuclear fusion.',
            'Nuclear fusion in the sun turns hydrogen into helium.',
          ],
        },
        {
          answer: [{ reasoning: 'The reference says fusion.', supported: false }],
          reference: [
            { reasoning: 'The answer says fission.', present: false },
            { reasoning: 'Not mentioned.', present: false },
          ],
        },
      ],
      value: 0,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Who wrote Faust, and when was part one published?',
      output: 'Faust is by Goethe.',
      expected: 'Goethe; part one was published in 1808.',
      answers: [
        { statements: ['Goethe wrote Faust.'] },
        { statements: ['Goethe wrote Faust.', 'Part one of Faust was published in 1808.'] },
        {
          answer: [{ reasoning: 'The reference says so too.', supported: true }],
          reference: [
            { reasoning: 'The answer says so.', present: true },
            { reasoning: 'The answer gives no year.', present: false },
          ],
        },
      ],
      value: 2 / 3,
    },
  ],
  asks: () => ['statements', 'statements', 'verdict'],
  judge: () => async (item, ask) => {
    const { input, output, expected: reference } = materialOf(item);
    const [stated, expected] = await Promise.all(
      [output, reference].map(
        async (text) => (await ask('statements', { input, text }, statements)).statements,
      ),
    );
    if (!stated || !expected || expected.length === 0) {
      return { notApplicable: 'what is expected states nothing' };
    }
    if (stated.length === 0) {
      const details = { truePositives: 0, falsePositives: 0, falseNegatives: expected.length };
      return { value: 0, reason: 'The output states nothing.', details };
    }
    const verdict = z.object({
      answer: z
        .array(z.object({ reasoning: z.string(), supported: z.boolean() }))
        .length(stated.length),
      reference: z
        .array(z.object({ reasoning: z.string(), present: z.boolean() }))
        .length(expected.length),
    });
    const given = await ask('verdict', { input, stated, expected }, verdict);
    const truePositives = given.answer.filter(({ supported }) => supported).length;
    const falsePositives = stated.length - truePositives;
    const falseNegatives = given.reference.filter(({ present }) => !present).length;
    return {
      value: truePositives / (truePositives + (falsePositives + falseNegatives) / 2),
      reason: `${truePositives} of ${stated.length} statements are supported by what is expected; ${falseNegatives} of ${expected.length} expected ones are missing.`,
      details: {
        truePositives,
        falsePositives,
        falseNegatives,
        output: given.answer.map((of, place) => ({ statement: stated[place] ?? '', ...of })),
        expected: given.reference.map((of, place) => ({ statement: expected[place] ?? '', ...of })),
      },
    };
  },
});
