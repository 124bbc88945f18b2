import type { Judge } from '#libs/evaluation';
import { excerpt, sortOf } from '../values/text.ts';

/** No address or date that is meant as one is longer. */
const TEXT_MAX = 10_000;

/**
 * Judges whether an output, without white space at its ends, is a text of some form.
 * @param faultOf gives what is wrong with a text; undefined where nothing is
 */
export const formatJudge =
  (faultOf: (text: string) => string | undefined): Judge =>
  ({ output }) => {
    const wrong = (reason: string) => ({ outcome: 'scored', value: false, reason }) as const;
    if (typeof output !== 'string') return wrong(`it is ${sortOf(output)}, not a text`);
    const text = output.trim();
    if (text.length > TEXT_MAX) return wrong(`${excerpt(text)} is too long`);
    const fault = faultOf(text);
    return fault === undefined ? { outcome: 'scored', value: true } : wrong(fault);
  };
