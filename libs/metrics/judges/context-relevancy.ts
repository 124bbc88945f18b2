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
  statements: {
    version: 1,
    purpose: 'takes the context apart into statements',
    variables: { passages: 'the list of the passages of the context' },
    text: `You take a context apart into the statements that it makes.

${materialIsData}

{% for passage in passages %}<passage>
{{ passage }}
</passage>
{% endfor %}
Write what the passages say as sentences that can be understood without each other, one piece of information to a sentence, from all passages alike. Add nothing, and leave nothing out because you think it unimportant.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each statement whether it is of use for the input',
    variables: { input: itemVariables.input, statements: 'the list of statements' },
    text: `You decide which statements are of use to someone who has to answer a question.

${materialIsData}

<question>
{{ input }}
</question>

The statements:
<statements>
{% for statement in statements %}{{ forloop.index }}. {{ statement }}
{% endfor %}</statements>

The verdict on a statement is true where it answers the question or a part of it, or is needed to do so. It is false where it only has to do with the same subject. Whether it is right does not count.

${verdictForm}`,
  },
});

/** How much of what was retrieved is to the point? */
export const contextRelevancy = defineJudge({
  name: 'context_relevancy',
  title: 'Context relevancy',
  description:
    'How much of the context is of use for the question: 1 where nothing was retrieved in vain. The output does not count.',
  definition: `Relevant statements / all statements of the context. A model takes the context apart into statements, then says of each whether it is of use to answer the input. ${findingsDefinition} A context without statements is not applicable. ${contextDefinition}`,
  source:
    'ContextualRelevancyMetric of DeepEval (deepeval.com/docs/metrics-contextual-relevancy); the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['context'],
  config: z.strictObject({ ...judgeOptions(prompts), ...contextOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'How tall is the Eiffel Tower?',
      output: '330 m',
      context: [{ page_content: 'The Eiffel Tower is 330 m tall. It was painted 19 times.' }],
      answers: [
        { found: ['The Eiffel Tower is 330 m tall.', 'The Eiffel Tower was painted 19 times.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'The height.', verdict: true },
            { number: 2, reasoning: 'Nothing about height.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: '330 m',
      context: [' '],
      value: null,
      answers: [],
    },
  ],
  judge: withPassages(async (item, ask, passages) => {
    const { input } = materialOf(item);
    const statements = foundIn(await ask('statements', { passages }, findings));
    const share = await judgedShare(
      statements,
      (form) => ask('verdict', { input, statements }, form),
      { what: 'statements', are: 'of the context are of use for the input', telling: false },
    );
    return share ?? { notApplicable: 'the context states nothing' };
  }),
});
