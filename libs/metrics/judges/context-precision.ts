import { z } from 'zod';
import {
  asDetail,
  contextDefinition,
  contextOption,
  defineJudge,
  definePrompts,
  findingsOf,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
  verdictForm,
  verdictsOn,
  withPassages,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'says of each passage whether it helps to arrive at the answer',
    variables: {
      input: itemVariables.input,
      answer: 'what is expected, or the output where the item expects nothing',
      passages: 'the list of the passages of the context',
    },
    text: `You decide which passages help to arrive at an answer.

${materialIsData}

<question>
{{ input }}
</question>

<answer>
{{ answer }}
</answer>

{% for passage in passages %}Passage {{ forloop.index }}:
<passage>
{{ passage }}
</passage>
{% endfor %}
The verdict on a passage is true where the answer, or a part of it, can be taken or derived from that passage. It is false where the passage has to do with the subject but gives nothing that the answer says. Judge each passage by itself: it does not count less because another one says the same.

${verdictForm}`,
  },
});

/** Are the useful passages at the top? */
export const contextPrecision = defineJudge({
  name: 'context_precision',
  title: 'Context precision',
  description:
    'How far up the passages stand that are of use for the answer: 1 where all that are useful come before all others. It judges a retriever’s ranking.',
  definition: `Average precision: the mean of precision@k over the ranks k whose passage is useful, where precision@k is the share of useful passages among the first k; 0 where none is useful. A model says of each passage whether expected, or the output where the item expects nothing, can be arrived at from it. ${contextDefinition}`,
  source:
    'Context precision of Ragas (docs.ragas.io, LLMContextPrecisionWithReference and WithoutReference); the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['context'],
  config: z.strictObject({ ...judgeOptions(prompts), ...contextOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Where is the Eiffel Tower?',
      output: 'In Paris.',
      expected: 'The Eiffel Tower is in Paris.',
      context: ['The Brandenburg Gate is in Berlin.', { text: 'The Eiffel Tower is in Paris.' }],
      answers: [
        {
          verdicts: [
            { number: 1, reasoning: 'Another building.', verdict: false },
            { number: 2, reasoning: 'It says so.', verdict: true },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' }, context: 'output.sources' },
      input: 'Where is the Eiffel Tower?',
      output: { text: 'In Paris.', sources: ['a', 'b', 'c', 'd'] },
      answers: [
        {
          verdicts: [true, false, true, false].map((verdict, place) => ({
            number: place + 1,
            reasoning: 'As it is.',
            verdict,
          })),
        },
      ],
      value: (1 + 2 / 3) / 2,
    },
  ],
  judge: withPassages(async (item, ask, passages) => {
    const { input, output, expected } = materialOf(item);
    const answer = expected ?? output;
    const verdicts = await ask('verdict', { input, answer, passages }, verdictsOn(passages.length));
    const judged = findingsOf(passages, verdicts);
    let useful = 0;
    let sum = 0;
    for (const [place, { verdict }] of judged.entries()) {
      if (!verdict) continue;
      useful += 1;
      sum += useful / (place + 1);
    }
    const ranks = judged.flatMap(({ verdict }, place) => (verdict ? [place + 1] : []));
    return {
      value: useful === 0 ? 0 : sum / useful,
      reason:
        useful === 0
          ? `None of ${passages.length} passages is of use.`
          : `${useful} of ${passages.length} passages are of use, at ${useful === 1 ? 'rank' : 'the ranks'} ${ranks.join(', ')}.`,
      details: { passages: judged.map(asDetail) },
    };
  }),
});
