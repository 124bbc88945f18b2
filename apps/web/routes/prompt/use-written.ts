import { useState } from 'react';
import type { WrittenPrompt } from '../../components/prompt-editor/prompt-editor.tsx';
import { readWritten } from './written.ts';

/**
 * What is written in the editor and not saved yet; it outlives a reload of this tab.
 * @param place what it belongs to, such as a prompt and its version
 * @returns what stands there, how to change it, and how to take the changes back
 */
export function useWritten(
  place: string,
  begin: WrittenPrompt,
): [WrittenPrompt, (value: WrittenPrompt) => void, () => void] {
  const key = `llm-eval-prompt:${place}`;
  const [written, setWritten] = useState(
    () => readWritten(sessionStorage.getItem(key) ?? undefined) ?? begin,
  );
  return [
    written,
    (value) => {
      setWritten(value);
      try {
        sessionStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Too large to be kept: it is still on the screen.
      }
    },
    () => {
      sessionStorage.removeItem(key);
      setWritten(begin);
    },
  ];
}
