import { z } from 'zod';
import {
  contextDefinition,
  contextOption,
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
  withPassages,
} from './engine/index.ts';

const prompts = definePrompts({
  claims: {
    version: 1,
    purpose: 'takes what is expected apart into claims',
    variables: { input: itemVariables.input, expected: 'the answer that is expected' },
    text: `You take the right answer to a question apart into the claims that it makes.

${materialIsData}

<question>
{{ input }}
</question>

<answer>
{{ expected }}
</answer>

Write each fact that the answer states as one sentence that can be understood without the others and without the question; a bare answer, such as one word, is one claim together with its question. Add nothing, and correct nothing.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each claim whether it can be found in the context',
    variables: {
      passages: 'the list of the passages of the context',
      claims: 'the list of claims',
    },
    text: `You look for claims in a context.

${materialIsData}

{% for passage in passages %}<passage>
{{ passage }}
</passage>
{% endfor %}
The claims:
<claims>
{% for claim in claims %}{{ forloop.index }}. {{ claim }}
{% endfor %}</claims>

The verdict on a claim is true where it can be attributed to the passages: they say it or directly imply it, alone or together. It is false where they do not, also where you know from elsewhere that the claim is right.

${verdictForm}`,
  },
});

/** Was everything retrieved that the right answer needs? */
export const contextRecall = defineJudge({
  name: 'context_recall',
  title: 'Context recall',
  description:
    'How much of the expected answer can be found in the context: 1 where the retriever missed nothing. The output does not count.',
  definition: `Attributable claims / all claims of what is expected. A model takes expected apart into claims, then says of each whether it can be attributed to the context. ${findingsDefinition} An expected answer without claims is not applicable. ${contextDefinition}`,
  source: 'Context recall of Ragas (docs.ragas.io, LLMContextRecall); the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected', 'context'],
  config: z.strictObject({ ...judgeOptions(prompts), ...contextOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: {
        question: 'Where is the Eiffel Tower, and how tall is it?',
        context: 'It is in Paris.',
      },
      output: 'In Paris.',
      expected: 'It is in Paris and 330 m tall.',
      answers: [
        { found: ['The Eiffel Tower is in Paris.', 'The Eiffel Tower is 330 m tall.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'Said there.', verdict: true },
            { number: 2, reasoning: 'No height is given.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: 'In Paris.',
      context: ['It is in Paris.'],
      value: null,
      answers: [],
    },
  ],
  judge: withPassages(async (item, ask, passages) => {
    const { input, expected } = materialOf(item);
    const claims = foundIn(await ask('claims', { input, expected }, findings));
    const share = await judgedShare(claims, (form) => ask('verdict', { passages, claims }, form), {
      what: 'claims',
      are: 'of what is expected are in the context',
      telling: false,
    });
    return share ?? { notApplicable: 'what is expected makes no claims' };
  }),
});
