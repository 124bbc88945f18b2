import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  findingsOf,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
  planDefinition,
  planOf,
  planOption,
  shareOf,
  verdictForm,
  verdictsOn,
} from './engine/index.ts';

/** What a good plan is; each by itself counts as much as the others. */
const demands = [
  'Complete: with all of its steps done, the task is done; nothing that the task asks for is left out.',
  'Ordered: no step needs what only a later one brings about.',
  'Feasible: every step is something that the agent can do, and is clear enough to be done.',
  'Economical: no step is superfluous, done twice, or beside the task.',
];

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'holds a plan against four demands',
    variables: {
      input: itemVariables.input,
      plan: 'the agent’s plan',
      demands: 'the list of what a plan has to be',
    },
    text: `You judge the plan that an agent made for a task, not how it was carried out.

${materialIsData}

<task>
{{ input }}
</task>

<plan>
{{ plan }}
</plan>

The demands on a plan:
{% for demand in demands %}{{ forloop.index }}. {{ demand }}
{% endfor %}
The verdict on a demand is true where the plan meets it to the full. A short plan is as good as a long one that does no more. Where the plan is a text without any steps, it meets none.

${verdictForm}`,
  },
});

/** Is the agent's plan any good? */
export const planQuality = defineJudge({
  name: 'plan_quality',
  title: 'Plan quality',
  description:
    'Whether an agent’s plan would do the task: complete, in the right order, feasible, and without superfluous steps. How it was carried out does not count.',
  definition: `Demands that the plan meets / 4. A model says of each demand whether the plan meets it: complete, ordered, feasible, economical. ${planDefinition}`,
  source:
    'PlanQualityMetric of DeepEval (deepeval.com/docs/metrics-plan-quality), with four yes-or-no demands in the place of one grade; the demands and the prompt are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({ ...judgeOptions(prompts), ...planOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Book the cheapest flight to Oslo.',
      output: { plan: ['Book a flight', 'Look for the cheapest flight'], answer: 'Done.' },
      answers: [
        {
          verdicts: [
            { number: 1, reasoning: 'It does both.', verdict: true },
            { number: 2, reasoning: 'Looking comes after booking.', verdict: false },
            { number: 3, reasoning: 'Both can be done.', verdict: true },
            { number: 4, reasoning: 'Two steps.', verdict: true },
          ],
        },
      ],
      value: 0.75,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Book the cheapest flight to Oslo.',
      output: 'Done.',
      answers: [],
      value: null,
    },
  ],
  judge:
    ({ plan: path }) =>
    async (item, ask) => {
      const plan = planOf(item, path);
      if (plan === undefined) return { notApplicable: 'the item has no plan' };
      const { input } = materialOf(item);
      const verdicts = await ask('verdict', { input, plan, demands }, verdictsOn(demands.length));
      return shareOf(findingsOf(demands, verdicts), {
        what: 'demands',
        are: 'on a plan are met',
        telling: false,
      });
    },
});
