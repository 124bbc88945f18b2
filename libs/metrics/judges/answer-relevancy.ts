import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  findings,
  findingsAreFew,
  findingsDefinition,
  foundIn,
  itemVariables,
  judgedShare,
  judgeOptions,
  materialIsData,
  materialOf,
  verdictForm,
} from './engine/index.ts';

const prompts = definePrompts({
  statements: {
    version: 1,
    purpose: 'takes the output apart into statements',
    variables: { output: itemVariables.output },
    text: `You take an answer apart into the statements that it is made of.

${materialIsData}

<answer>
{{ output }}
</answer>

Write each thing that the answer says, asks, offers or declines as a sentence of its own that can be understood without the others. Take everything in, also greetings, digressions, and that something is not known. Do not judge it, and add nothing. Code, a list or a table is one statement that says what it shows.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each statement whether it bears on the input',
    variables: { input: itemVariables.input, statements: 'the list of statements' },
    text: `You decide which statements of an answer bear on the question that was asked.

${materialIsData}

<question>
{{ input }}
</question>

The statements:
<statements>
{% for statement in statements %}{{ forloop.index }}. {{ statement }}
{% endfor %}</statements>

The verdict on a statement is true where it answers the question or a part of it, or where it is needed to understand, qualify or support what does. It is false where the one who asked would miss nothing without it: greetings, praise of the question, other subjects, repetitions of the question, and evasions such as not to know or not to be able to say. Whether a statement is right does not count: a wrong answer to the question bears on it.

${verdictForm}`,
  },
});

/** Does the answer answer what was asked? */
export const answerRelevancy = defineJudge({
  name: 'answer_relevancy',
  title: 'Answer relevancy',
  description:
    'How much of the answer bears on the question: 1 where nothing in it is beside the point, 0 where it only evades. Whether it is right does not count.',
  definition: `Relevant statements / all statements. A model takes the output apart into statements, then says of each whether it bears on the input; evasions do not. An output without statements gets 0. ${findingsDefinition} Ragas measures something else under this name, the mean cosine between the question and questions generated from the answer: that needs an embedding model, and its values cannot be compared with these.`,
  source:
    'AnswerRelevancyMetric of DeepEval (deepeval.com/docs/metrics-answer-relevancy); the prompts are our own, and stricter: there, statements that are unclear count as relevant.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject(judgeOptions(prompts)),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'What is your return policy?',
      output: 'You can return anything within 30 days. We also have new shoes!',
      answers: [
        { found: ['Anything can be returned within 30 days.', 'There are new shoes.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'That is the policy.', verdict: true },
            { number: 2, reasoning: 'Nobody asked for shoes.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'What is your return policy?',
      output: 'I cannot say.',
      answers: [
        { found: ['The answer cannot be given.'] },
        { verdicts: [{ number: 1, reasoning: 'An evasion.', verdict: false }] },
      ],
      value: 0,
    },
  ],
  judge: () => async (item, ask) => {
    const { input, output } = materialOf(item);
    const statements = foundIn(await ask('statements', { output }, findings));
    const share = await judgedShare(
      statements,
      (form) => ask('verdict', { input, statements }, form),
      { what: 'statements', are: 'bear on the input', telling: false },
    );
    return share ?? { value: 0, reason: 'The output says nothing.' };
  },
});
