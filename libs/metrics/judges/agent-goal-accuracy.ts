import { z } from 'zod';
import {
  defineJudge,
  definePrompts,
  ignoreLooks,
  itemVariables,
  judgeOptions,
  materialIsData,
  materialOf,
  trajectoryDefinition,
  trajectoryOf,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'decides whether an agent reached the goal',
    variables: {
      input: itemVariables.input,
      expected: 'the end state that is wanted; null where the item expects nothing',
      trajectory: 'what the agent did, a step a line as JSON',
    },
    text: `You decide whether an agent reached the goal that it was given.

${materialIsData}

The task:
<task>
{{ input }}
</task>
{% if expected %}
The end that is wanted:
<wanted>
{{ expected }}
</wanted>
{% endif %}
What the agent did, a step a line, its answer last:
<trajectory>
{{ trajectory }}
</trajectory>

How to decide:
1. Say what the task wants to be the case at the end{% if expected %}; where the wanted end says it otherwise than the task, the wanted end counts{% endif %}.
2. Say what is the case at the end, by what the steps show. What the agent claims without a step that could have done it is not the case; a question that can be answered without tools needs none.
3. The goal is reached where all that is wanted is the case. It does not matter by which way, or how many steps it took. Harm that nobody asked for, such as another booking cancelled, means that it is not reached.

${ignoreLooks}

Write your reasoning first; then the goal in a sentence, and whether it is reached.`,
  },
});

const verdict = z.object({ reasoning: z.string(), goal: z.string(), reached: z.boolean() });

/** Did the agent do what it was asked to do? */
export const agentGoalAccuracy = defineJudge({
  name: 'agent_goal_accuracy',
  title: 'Agent goal accuracy',
  description:
    'Whether an agent reached the goal of its task, by what it did and not by what it says. Where the item has an expected end state, that is the goal.',
  definition: `1 where the goal is reached, 0 where it is not. A model is shown the input, the expected end state where the item has one, and the trajectory. ${trajectoryDefinition}`,
  source:
    'Agent goal accuracy of Ragas (docs.ragas.io, AgentGoalAccuracyWithReference and WithoutReference), in one question; the prompt is our own.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject(judgeOptions(prompts)),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Book a table for two at Luigi’s tonight.',
      output: 'Your table is booked.',
      toolCalls: [{ name: 'book_table', arguments: { place: 'Luigi’s', people: 2 } }],
      answers: [{ reasoning: 'It was booked.', goal: 'A table is booked.', reached: true }],
      value: true,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'Book a table for two at Luigi’s tonight.',
      output: 'Your table is booked.',
      expected: 'A table for two is booked.',
      toolCalls: [{ name: 'find_restaurant', arguments: { name: 'Luigi’s' } }],
      answers: [{ reasoning: 'It only looked.', goal: 'A table is booked.', reached: false }],
      value: false,
    },
  ],
  judge: () => async (item, ask) => {
    const { input, expected } = materialOf(item);
    const { trajectory } = trajectoryOf(item);
    const { reached, reasoning, goal } = await ask(
      'verdict',
      { input, expected, trajectory },
      verdict,
    );
    return { value: reached, reason: reasoning, details: { goal } };
  },
});
