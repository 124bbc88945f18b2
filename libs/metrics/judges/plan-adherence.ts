import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  findings,
  findingsAreFew,
  findingsDefinition,
  foundIn,
  judgedShare,
  judgeOptions,
  materialIsData,
  planDefinition,
  planOf,
  planOption,
  trajectoryDefinition,
  trajectoryOf,
  verdictForm,
} from './engine/index.ts';

const prompts = definePrompts({
  steps: {
    version: 1,
    purpose: 'takes the plan apart into steps',
    variables: { plan: 'the agent’s plan' },
    text: `You take a plan apart into its steps.

${materialIsData}

<plan>
{{ plan }}
</plan>

Write each thing that the plan says will be done as one step, in its order and in its words. Conditions belong to their step. Intentions, remarks and results are no steps. Add nothing.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each step whether it was carried out',
    variables: {
      steps: 'the list of the plan’s steps',
      trajectory: 'what the agent did, a step a line as JSON',
    },
    text: `You check whether an agent did what it had planned.

${materialIsData}

The plan:
<plan>
{% for step in steps %}{{ forloop.index }}. {{ step }}
{% endfor %}</plan>

What the agent did, in its order, its answer last:
<trajectory>
{{ trajectory }}
</trajectory>

The verdict on a step of the plan is true where the trajectory shows that it was carried out, by whatever means, and not before a step that it builds on. It is false where nothing shows it, where it was done otherwise than planned, and where the agent only says that it did it though a tool would have been needed. A step for a case that did not arise is carried out. Whether the plan is good does not count.

${verdictForm}`,
  },
});

/** Did the agent do what it had planned? */
export const planAdherence = defineJudge({
  name: 'plan_adherence',
  title: 'Plan adherence',
  description:
    'How many steps of its own plan an agent carried out, by the tools that it called. Whether the plan is good, or the task done, does not count.',
  definition: `Steps carried out / all steps of the plan. A model takes the plan apart into steps, then says of each whether the trajectory shows it. ${findingsDefinition} A plan without steps is not applicable, nor is a trajectory of nothing but an answer. ${planDefinition} ${trajectoryDefinition}`,
  source:
    'PlanAdherenceMetric of DeepEval (deepeval.com/docs/metrics-plan-adherence), as a share of steps in the place of one grade; the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['tools'],
  config: z.strictObject({ ...judgeOptions(prompts), ...planOption }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' }, plan: 'metadata.plan' },
      input: 'Book the cheapest flight to Oslo.',
      output: 'Booked.',
      metadata: { plan: '1. Look for flights. 2. Compare prices. 3. Book.' },
      toolCalls: [
        { name: 'search_flights', arguments: { to: 'OSL' } },
        { name: 'book_flight', arguments: { id: 7 } },
      ],
      answers: [
        { found: ['Look for flights.', 'Compare prices.', 'Book.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'It searched.', verdict: true },
            { number: 2, reasoning: 'Nothing shows it.', verdict: false },
            { number: 3, reasoning: 'It booked.', verdict: true },
          ],
        },
      ],
      value: 2 / 3,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: { plan: ['Book a flight'], answer: 'Booked.' },
      answers: [],
      value: null,
    },
  ],
  judge:
    ({ plan: path }) =>
    async (item, ask) => {
      const plan = planOf(item, path);
      if (plan === undefined) return { notApplicable: 'the item has no plan' };
      const { trajectory, acted } = trajectoryOf(item);
      if (!acted) return { notApplicable: 'the target reported no tool calls and no conversation' };
      const steps = foundIn(await ask('steps', { plan }, findings));
      const share = await judgedShare(
        steps,
        (form) => ask('verdict', { steps, trajectory }, form),
        { what: 'steps', are: 'of the plan were carried out', telling: false },
      );
      return share ?? { notApplicable: 'the plan has no steps' };
    },
});
