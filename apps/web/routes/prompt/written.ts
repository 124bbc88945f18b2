import { z } from 'zod';
import { promptMessage, type PromptContent } from '#libs/contracts';
import type { WrittenPrompt } from '../../components/prompt-editor/prompt-editor.tsx';

const written = z.object({
  source: z.enum(['text', 'messages']),
  text: z.string(),
  messages: z.array(promptMessage).min(1),
});

export const nothingWritten: WrittenPrompt = {
  source: 'messages',
  text: '',
  messages: [
    { role: 'system', content: '' },
    { role: 'user', content: '' },
  ],
};

/** A version, to be changed in the editor. */
export const writtenOf = (content: PromptContent): WrittenPrompt =>
  'text' in content
    ? { ...nothingWritten, source: 'text', text: content.text }
    : { ...nothingWritten, source: 'messages', messages: content.messages };

export const contentOf = ({ source, text, messages }: WrittenPrompt): PromptContent =>
  source === 'text' ? { text } : { messages };

/** A prompt as one text, for what differs between two. */
export const asOneText = (content: PromptContent): string =>
  'text' in content
    ? content.text
    : content.messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n\n');

/** What was written and not saved, from session storage; undefined where that is not it. */
export function readWritten(text: string | undefined): WrittenPrompt | undefined {
  try {
    return written.parse(JSON.parse(text ?? 'null'));
  } catch {
    return undefined;
  }
}
