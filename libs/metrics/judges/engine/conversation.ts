import type { Json } from '#libs/contracts';
import { parseJson, type MetricCase } from '#libs/evaluation';
import { textOf } from '../../values/text.ts';

/** Of a longer conversation the end counts. */
const TURNS_MAX = 100;
const TURN_TEXT_MAX = 20_000;

/** Answers that are judged one by one. */
const ANSWERS_MAX = 40;

/** One message of a conversation. */
export interface Turn {
  /** From 1, in the whole conversation. */
  number: number;
  role: string;
  content: string;
}

/** In the definitions of judges that look at conversations. */
export const conversationDefinition = `The conversation is the list of messages, objects with role and content, that the output is, or has as messages. Otherwise it is that of the input, or the input as a message of the user, with the output as the last answer of the assistant. Of more than ${TURNS_MAX} messages the last count.`;

/** The conversation of an item, in its order. */
export function conversationOf({ input, output }: MetricCase): Turn[] {
  const whole = messagesIn(output);
  const messages = whole ?? [
    ...(messagesIn(input) ?? (input === null ? [] : [{ role: 'user', content: input }])),
    { role: 'assistant', content: output },
  ];
  return messages
    .map(({ role, content }, place) => ({
      number: place + 1,
      role,
      content: contentText(content).slice(0, TURN_TEXT_MAX).toWellFormed(),
    }))
    .slice(-TURNS_MAX);
}

/** The conversation as prompts show it: a message a line, as JSON, so that none can pretend to be two. */
export const transcriptOf = (turns: readonly Turn[]): string =>
  turns.map((turn) => JSON.stringify(turn)).join('\n');

/** In the definitions of judges that judge answers one by one. */
export const answersAreLast = `At most ${ANSWERS_MAX} answers are judged, the last ones.`;

/** What the assistant said, without messages that only call tools. */
export const answersIn = (turns: readonly Turn[]): Turn[] =>
  turns
    .filter(({ role, content }) => role === 'assistant' && content.trim() !== '')
    .slice(-ANSWERS_MAX);

interface Message {
  role: string;
  content: Json;
}

/** Undefined where there is no list of messages. */
function messagesIn(value: Json): Message[] | undefined {
  const root =
    typeof value === 'string' && /^\s*[[{]/.test(value) ? (parseJson(value) ?? value) : value;
  const list = isObject(root) ? root['messages'] : root;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const messages = list.flatMap((message) => {
    if (!isObject(message) || typeof message['role'] !== 'string') return [];
    const { role, content, ...more } = message;
    // A message may do nothing but call tools.
    return [{ role, content: content ?? (Object.keys(more).length > 0 ? more : '') }];
  });
  return messages.length === list.length ? messages : undefined;
}

/** Contents may be lists of parts, of which the texts are what was said. */
function contentText(content: Json): string {
  if (!Array.isArray(content)) return content === null ? '' : textOf(content);
  return content
    .map((part) => {
      const text = isObject(part) ? part['text'] : part;
      return typeof text === 'string' ? text : textOf(part);
    })
    .join('\n');
}

const isObject = (value: Json): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
