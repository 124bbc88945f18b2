import type { Json } from '#libs/contracts';
import { z } from 'zod';
import type { Opinion } from './votes.ts';

/** What one judging looks at, at most: a long text must not make an endless answer. */
export const FINDINGS_MAX = 40;
const TEXT_MAX = 500;

/** Belongs into every prompt that lists something. */
export const findingsAreFew = `Say nothing twice. List ${FINDINGS_MAX} at most; where there are more, those that matter most. Where there is nothing to list, the list is empty.`;

/** In the definitions of judges that list something. */
export const findingsDefinition = `At most ${FINDINGS_MAX} are looked at.`;

/** The answer to a prompt that lists something. */
export const findings = z.object({ found: z.array(z.string()) });

/** What was found, each on one line, without what is blank. */
export const foundIn = ({ found }: z.output<typeof findings>): string[] =>
  found
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
    .slice(0, FINDINGS_MAX);

/**
 * The answer to a prompt that judges several things, numbered from 1: one verdict for each, in their
 * order. An answer that leaves one out, or has another one, is none.
 */
export const verdictsOn = (count: number) =>
  z
    .object({
      verdicts: z
        .array(z.object({ number: z.int(), reasoning: z.string(), verdict: z.boolean() }))
        .length(count),
    })
    .refine(({ verdicts }) => verdicts.every(({ number }, place) => number === place + 1), {
      path: ['verdicts'],
      error: 'must be numbered from 1',
    });

/** The end of every prompt whose answer is `verdictsOn`. */
export const verdictForm =
  'Give one verdict for each, in their order: its number, your reasoning in a sentence or two, and then the verdict.';

export interface Finding {
  text: string;
  verdict: boolean;
  reasoning: string;
}

/** Puts together what was judged and the verdicts on it. */
export const findingsOf = (
  texts: readonly string[],
  { verdicts }: z.output<ReturnType<typeof verdictsOn>>,
): Finding[] =>
  verdicts.map(({ verdict, reasoning }, place) => ({
    text: texts[place] ?? '',
    verdict,
    reasoning,
  }));

export interface ShareWords {
  /** Such as `claims`. */
  what: string;
  /** What a true verdict says, such as `are supported by the context`. */
  are: string;
  /** The verdict that is worth a word in the reason. */
  telling: boolean;
}

/** The share of true verdicts. @param judged at least one */
export function shareOf(judged: readonly Finding[], { what, are, telling }: ShareWords) {
  const held = judged.filter(({ verdict }) => verdict);
  const told = judged.find(({ verdict }) => verdict === telling);
  const example = told && `“${shown(told.text, 150)}”: ${told.reasoning}`;
  return {
    value: held.length / judged.length,
    reason: `${held.length} of ${judged.length} ${what} ${are}.${example ? ` ${telling ? 'Such as' : 'Not'} ${example}` : ''}`,
    details: { [what]: judged.map(asDetail) },
  } satisfies Opinion;
}

/**
 * Has each of the texts judged, and takes the share of true verdicts.
 * @param ask asks for verdicts in the form that it is given
 * @returns undefined where there is no text, and nothing was asked
 */
export async function judgedShare(
  texts: readonly string[],
  ask: (form: ReturnType<typeof verdictsOn>) => Promise<z.output<ReturnType<typeof verdictsOn>>>,
  words: ShareWords,
): Promise<ReturnType<typeof shareOf> | undefined> {
  if (texts.length === 0) return undefined;
  return shareOf(findingsOf(texts, await ask(verdictsOn(texts.length))), words);
}

/** As it is kept in the details. */
export const asDetail = ({ text, verdict, reasoning }: Finding): Json => ({
  text: shown(text, TEXT_MAX),
  verdict,
  reasoning: shown(reasoning, TEXT_MAX),
});

const shown = (text: string, maximum: number): string =>
  text.length <= maximum ? text : `${text.slice(0, maximum - 1).toWellFormed()}…`;
