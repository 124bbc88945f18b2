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
  ignoreLooks,
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
    purpose: 'takes the output apart into claims',
    variables: { input: 'the item’s input', output: 'the output that is judged' },
    text: `You take an answer to a question apart into the claims that it makes.

${materialIsData}

<question>
{{ input }}
</question>

<answer>
{{ output }}
</answer>

A claim is one statement of fact that can be true or false. Write each as a sentence that can be understood without the others and without the question: names in the place of pronouns, one fact to a sentence. Keep hedges such as "probably". Add nothing, and correct nothing. Greetings, questions, offers, opinions and statements about what the answer does not know are no claims.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each claim whether the context supports it',
    variables: {
      passages: 'the list of the passages of the context',
      claims: 'the list of claims',
    },
    text: `You check claims against a context.

${materialIsData}

{% for passage in passages %}<passage>
{{ passage }}
</passage>
{% endfor %}
The claims:
<claims>
{% for claim in claims %}{{ forloop.index }}. {{ claim }}
{% endfor %}</claims>

The verdict on a claim is true where the passages, alone or together, say it or directly imply it. It is false where they contradict it, and where they do not say it, however true it may be: your own knowledge of the world counts for nothing here. A claim of which the passages support only a part is false.

${ignoreLooks}

${verdictForm}`,
  },
});

/** Does what was retrieved support what the answer says? */
export const faithfulness = defineJudge({
  name: 'faithfulness',
  title: 'Faithfulness',
  description:
    'How much of what the answer claims is supported by the context that it was given: 1 where all of it is. Whether the context is right, or the question answered, does not count.',
  definition: `Supported claims / all claims. A model takes the output apart into claims, then says of each whether the context supports it. ${findingsDefinition} An output without claims is not applicable. ${contextDefinition}`,
  source:
    'S. Es et al., "RAGAS: Automated Evaluation of Retrieval Augmented Generation", EACL 2024, arXiv:2309.15217, section 3; the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['context'],
  config: z.strictObject({ ...judgeOptions(prompts), ...contextOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'When and where was Einstein born?',
      output: 'Einstein was born on 20 March 1879 in Germany.',
      context: ['Albert Einstein (born 14 March 1879) was a physicist from Germany.'],
      answers: [
        { found: ['Einstein was born on 20 March 1879.', 'Einstein was born in Germany.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'The passage says 14 March.', verdict: false },
            { number: 2, reasoning: 'The passage says so.', verdict: true },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Who won?',
      output: 'I do not know.',
      metadata: { context: 'The match is tomorrow.' },
      answers: [{ found: [] }],
      value: null,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: 'Canberra',
      value: null,
      answers: [],
    },
  ],
  judge: withPassages(async (item, ask, passages) => {
    const { input, output } = materialOf(item);
    const claims = foundIn(await ask('claims', { input, output }, findings));
    const share = await judgedShare(claims, (form) => ask('verdict', { passages, claims }, form), {
      what: 'claims',
      are: 'are supported by the context',
      telling: false,
    });
    return share ?? { notApplicable: 'the output makes no claims' };
  }),
});
