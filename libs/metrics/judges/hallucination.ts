import { z } from 'zod';
import {
  contextDefinition,
  contextOption,
  defineJudge,
  definePrompts,
  findingsOf,
  ignoreLooks,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
  shareOf,
  verdictForm,
  verdictsOn,
  withPassages,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'says of each passage whether the output contradicts it',
    variables: {
      output: itemVariables.output,
      passages: 'the list of the passages of the context',
    },
    text: `You look for contradictions between an answer and passages that are known to be right.

${materialIsData}

<answer>
{{ output }}
</answer>

{% for passage in passages %}Passage {{ forloop.index }}:
<passage>
{{ passage }}
</passage>
{% endfor %}
The verdict on a passage is true where the answer says something that cannot be true if the passage is. It is false where the two agree, where the answer does not mention what the passage says, and where it adds something that the passage does not say: what is merely not supported is no contradiction. Other names for the same thing, rounding and less detail are none either.

${ignoreLooks}

${verdictForm}`,
  },
});

/** Does the answer contradict what is known? */
export const hallucination = defineJudge({
  name: 'hallucination',
  title: 'Hallucination',
  description:
    'How much of the context the answer contradicts: 0 where it contradicts nothing; lower is better. What the context does not say is no contradiction here: faithfulness counts that too.',
  definition: `Contradicted passages / all passages of the context. A model says of each passage whether the output contradicts it. ${contextDefinition}`,
  source:
    'HallucinationMetric of DeepEval (deepeval.com/docs/metrics-hallucination); the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'lower',
  needs: ['context'],
  config: z.strictObject({ ...judgeOptions(prompts), ...contextOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'When was Einstein born?',
      output: 'Einstein was born in 1880 in Ulm.',
      context: ['Einstein was born in 1879.', 'Einstein was born in Ulm.'],
      answers: [
        {
          verdicts: [
            { number: 1, reasoning: '1880 is not 1879.', verdict: true },
            { number: 2, reasoning: 'They agree.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: 'Einstein was born in 1880.',
      value: null,
      answers: [],
    },
  ],
  judge: withPassages(async (item, ask, passages) => {
    const { output } = materialOf(item);
    const verdicts = await ask('verdict', { output, passages }, verdictsOn(passages.length));
    return shareOf(findingsOf(passages, verdicts), {
      what: 'passages',
      are: 'are contradicted by the output',
      telling: true,
    });
  }),
});
