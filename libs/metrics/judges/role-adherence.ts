import { z } from 'zod';
import { textOf } from '../values/text.ts';
import {
  atPath,
  answersAreLast,
  answersIn,
  conversationDefinition,
  conversationOf,
  defineJudge,
  definePrompts,
  findingsOf,
  judgeOptions,
  materialIsData,
  shareOf,
  transcriptOf,
  verdictForm,
  verdictsOn,
  type Turn,
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'says of each answer whether the assistant keeps to its role',
    variables: {
      role: 'what the assistant is to be',
      conversation: 'the conversation, a message a line as JSON',
      answers: 'the list of the numbers of the messages that are judged',
    },
    text: `You read a conversation and decide in which answers the assistant keeps to its role.

${materialIsData}

The role:
<role>
{{ role }}
</role>

The conversation, a message a line:
<conversation>
{{ conversation }}
</conversation>

The answers to judge are the messages with these numbers:
{% for answer in answers %}{{ forloop.index }}. message {{ answer }}
{% endfor %}
The verdict on an answer is true where who speaks could be the one that the role describes: in what they know and do, in what they refuse, and in how they speak, as far as the role says. It is false where the answer does what the role forbids, leaves it, also when the user talked it into that, or takes on another one. What the role leaves open counts for nothing, nor does whether the answer is right.

${verdictForm}`,
  },
});

/** Does the assistant stay who it is to be? */
export const roleAdherence = defineJudge({
  name: 'role_adherence',
  title: 'Role adherence',
  description:
    'In how many of its answers an assistant keeps to the role that it was given: what it knows, does and refuses, and how it speaks.',
  definition: `Answers within the role / all answers of the assistant. The role is that of the configuration, or else metadata.role, or else the system messages of the conversation; without any it is not applicable. A model reads the conversation and says of each answer whether it keeps to the role. ${answersAreLast} A conversation without answers is not applicable. ${conversationDefinition}`,
  source:
    'RoleAdherenceMetric of DeepEval (deepeval.com/docs/metrics-role-adherence); the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    ...judgeOptions(prompts),
    role: z.string().min(1, 'must not be empty').max(20_000).optional().meta({
      description:
        'What the assistant is to be, for all items; left out: metadata.role, or the system messages',
    }),
  }),
  prompts,
  examples: [
    {
      config: {
        model: { provider: 'openai', model: 'gpt-5-mini' },
        role: 'A librarian who speaks of books only.',
      },
      input: [
        { role: 'user', content: 'What should I read?' },
        { role: 'assistant', content: 'Middlemarch.' },
        { role: 'user', content: 'And eat?' },
      ],
      output: 'Try the soup.',
      answers: [
        {
          verdicts: [
            { number: 1, reasoning: 'A book.', verdict: true },
            { number: 2, reasoning: 'Soup is no book.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      input: 'What should I read?',
      output: 'Middlemarch.',
      answers: [],
      value: null,
    },
  ],
  judge:
    ({ role: given }) =>
    async (item, ask) => {
      const turns = conversationOf(item);
      const stated = given ?? atPath(item, 'metadata.role');
      const role = stated === undefined ? systemMessages(turns) : textOf(stated);
      if (role.trim() === '') {
        return {
          notApplicable:
            'there is no role: neither configured, nor in metadata.role, nor in a system message',
        };
      }
      const answers = answersIn(turns);
      if (answers.length === 0) return { notApplicable: 'the conversation has no answers' };
      const verdicts = await ask(
        'verdict',
        { role, conversation: transcriptOf(turns), answers: answers.map(({ number }) => number) },
        verdictsOn(answers.length),
      );
      const judged = findingsOf(
        answers.map(({ content }) => content),
        verdicts,
      );
      return shareOf(judged, { what: 'answers', are: 'keep to the role', telling: false });
    },
});

const systemMessages = (turns: readonly Turn[]): string =>
  turns
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ content }) => content)
    .join('\n\n');
