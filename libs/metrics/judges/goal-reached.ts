import { z } from 'zod';
import {
  conversationDefinition,
  conversationOf,
  defineJudge,
  definePrompts,
  findings,
  findingsAreFew,
  findingsDefinition,
  foundIn,
  judgedShare,
  judgeOptions,
  materialIsData,
  transcriptOf,
  verdictForm,
} from './engine/index.ts';

const prompts = definePrompts({
  goals: {
    version: 1,
    purpose: 'finds what the user wants of the conversation',
    variables: { conversation: 'the conversation, a message a line as JSON' },
    text: `You find what the user wants to achieve in a conversation.

${materialIsData}

The conversation, a message a line:
<conversation>
{{ conversation }}
</conversation>

Write each goal of the user as one sentence that says what has to be the case at the end. A goal that the user only makes clearer, step by step, is one goal, as it stands at last; one that the user gives up is none. Take goals only from what the user says, not from what the assistant offers.

${findingsAreFew}`,
  },
  verdict: {
    version: 1,
    purpose: 'says of each goal whether it was reached',
    variables: {
      conversation: 'the conversation, a message a line as JSON',
      goals: 'the list of goals',
    },
    text: `You decide which goals of a user were reached in a conversation.

${materialIsData}

The conversation, a message a line:
<conversation>
{{ conversation }}
</conversation>

The goals:
<goals>
{% for goal in goals %}{{ forloop.index }}. {{ goal }}
{% endfor %}</goals>

The verdict on a goal is true where, at the end of the conversation, the user has what they wanted. It is false where it was reached in part only, was refused, put off, or forgotten, and where the assistant says that it is done while the conversation shows that it is not. That the user gives up politely does not make it reached.

${verdictForm}`,
  },
});

/** Does the user get what they came for? */
export const goalReached = defineJudge({
  name: 'goal_reached',
  title: 'Goal reached',
  description:
    'How many of the user’s goals are reached at the end of a conversation. Give the goal if it is the same for all items; otherwise it is found in the conversation.',
  definition: `Goals that are reached / all goals of the user. A model finds the goals in the conversation, unless the configuration gives them, then says of each whether it was reached. ${findingsDefinition} A conversation without goals is not applicable. ${conversationDefinition}`,
  source:
    'ConversationCompletenessMetric of DeepEval (deepeval.com/docs/metrics-conversation-completeness); the prompts are our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    ...judgeOptions(prompts),
    goals: z
      .array(z.string().min(1).max(2_000))
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'The goals, for all items; left out: what the user says' }),
  }),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: [{ role: 'user', content: 'Cancel my order and tell me when I get the money.' }],
      output: 'Your order is cancelled.',
      answers: [
        { found: ['The order is cancelled.', 'The user knows when the money comes.'] },
        {
          verdicts: [
            { number: 1, reasoning: 'It is.', verdict: true },
            { number: 2, reasoning: 'No date is given.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        goals: ['A table is booked.'],
      },
      input: 'A table for two, please.',
      output: 'Booked for eight o’clock.',
      answers: [{ verdicts: [{ number: 1, reasoning: 'It is.', verdict: true }] }],
      value: 1,
    },
  ],
  asks: ({ goals }) => (goals ? ['verdict'] : ['goals', 'verdict']),
  judge:
    ({ goals: given }) =>
    async (item, ask) => {
      const conversation = transcriptOf(conversationOf(item));
      const goals = given ?? foundIn(await ask('goals', { conversation }, findings));
      const share = await judgedShare(
        goals,
        (form) => ask('verdict', { conversation, goals }, form),
        { what: 'goals', are: 'are reached', telling: false },
      );
      return share ?? { notApplicable: 'the user has no goal' };
    },
});
