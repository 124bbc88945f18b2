import type { Judge, ParseFault } from '#libs/evaluation';
import { sortOf } from '../values/text.ts';
import { textWithin, type Fence } from './fence.ts';

/**
 * Judges whether an output is a text in some language.
 * @param parse gives what is wrong with a text that is not blank
 */
export const grammarJudge =
  (
    fence: Fence,
    languages: readonly string[],
    parse: (text: string) => Promise<ParseFault>,
  ): Judge =>
  async ({ output }) => {
    const wrong = (reason: string) => ({ outcome: 'scored', value: false, reason }) as const;
    if (typeof output !== 'string') return wrong(`it is ${sortOf(output)}, not a text`);
    const text = textWithin(output, fence, languages);
    if (text.trim() === '') return wrong('it is empty');
    const fault = await parse(text);
    if (!fault) return { outcome: 'scored', value: true };
    const { message, line, column } = fault;
    return {
      ...wrong(line === undefined ? message : `line ${line}: ${message}`),
      details: {
        message,
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      },
    };
  };
