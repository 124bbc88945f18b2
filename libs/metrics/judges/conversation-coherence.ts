import { z } from 'zod';
import {
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
} from './engine/index.ts';

const prompts = definePrompts({
  verdict: {
    version: 1,
    purpose: 'says of each answer whether it fits what was said before',
    variables: {
      conversation: 'the conversation, a message a line as JSON',
      answers: 'the list of the numbers of the messages that are judged',
    },
    text: `You read a conversation and decide which answers of the assistant fit what was said before.

${materialIsData}

The conversation, a message a line:
<conversation>
{{ conversation }}
</conversation>

The answers to judge are the messages with these numbers:
{% for answer in answers %}{{ forloop.index }}. message {{ answer }}
{% endfor %}
The verdict on an answer is true where it responds to what was said just before, and agrees with what was said earlier: names, facts, decisions and wishes that the user gave, and what the assistant said itself. It is false where it ignores or misunderstands what was said, asks for what it was told already, contradicts an earlier message without saying so, or loses the subject. Whether it is right about the world does not count, nor whether you would have answered otherwise.

${verdictForm}`,
  },
});

/** Does each answer fit the conversation so far? */
export const conversationCoherence = defineJudge({
  name: 'conversation_coherence',
  title: 'Conversation coherence',
  description:
    'How many answers in a conversation fit what was said before: they respond to it, remember it, and do not contradict it.',
  definition: `Coherent answers / all answers of the assistant. A model reads the conversation and says of each answer whether it fits what came before. ${answersAreLast} A conversation without answers is not applicable. ${conversationDefinition}`,
  source:
    'TurnRelevancyMetric and KnowledgeRetentionMetric of DeepEval (deepeval.com/docs/metrics-turn-relevancy), as one question and with the whole conversation before each answer; the prompt is our own.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject(judgeOptions(prompts)),
  prompts,
  examples: [
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: [
        { role: 'user', content: 'I am Ada. Where is my parcel?' },
        { role: 'assistant', content: 'In Leeds, Ada.' },
        { role: 'user', content: 'When does it arrive?' },
        { role: 'assistant', content: 'May I have your name?' },
      ],
      answers: [
        {
          verdicts: [
            { number: 1, reasoning: 'It says where.', verdict: true },
            { number: 2, reasoning: 'The name was given.', verdict: false },
          ],
        },
      ],
      value: 0.5,
    },
    {
      config: { model: { provider: 'openai', model: 'gpt-5-mini' } },
      output: { messages: [{ role: 'user', content: 'Hello?' }] },
      answers: [],
      value: null,
    },
  ],
  judge: () => async (item, ask) => {
    const turns = conversationOf(item);
    const answers = answersIn(turns);
    if (answers.length === 0) return { notApplicable: 'the conversation has no answers' };
    const verdicts = await ask(
      'verdict',
      { conversation: transcriptOf(turns), answers: answers.map(({ number }) => number) },
      verdictsOn(answers.length),
    );
    const judged = findingsOf(
      answers.map(({ content }) => content),
      verdicts,
    );
    return shareOf(judged, { what: 'answers', are: 'fit the conversation', telling: false });
  },
});
