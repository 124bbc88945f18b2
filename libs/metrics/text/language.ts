import type { Json } from '#libs/contracts';
import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt, sortOf, textOf } from '../values/text.ts';

/** What the detector can tell apart, as ISO 639-1. */
const known: ReadonlySet<string> = new Set(
  'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh'.split(
    ' ',
  ),
);
/** Languages that the detector knows by another name. */
const sameAs: Readonly<Record<string, string>> = { nb: 'no', nn: 'no', fil: 'tl' };

/** ISO 639-2 for a language that could not be told. */
const UNDETERMINED = 'und';

/** In which language the output is. */
export const language = defineMetric({
  name: 'language',
  title: 'Language',
  family: 'text',
  description:
    'In which language the output is written or, where one is wanted, whether it is that one. Needs a sentence or so.',
  definition:
    "The ISO 639-1 code of the most likely of 60 languages, by the n-grams of the beginning of the output: of its first 1,000 characters, without addresses and numbers, about 350 bytes are read. Where the detector does not call its guess reliable (too few n-grams, or a score far under that of right guesses), as for one word, or where the text has no letters: und, undetermined. With expected, or with useExpected, which takes it from the item, it is a boolean instead: true when the language is the wanted one, without its region and script (en-GB is en; nb and nn are no; fil is tl), and not applicable where the guess is not reliable, since a short answer is no wrong one. Not applicable where the item's expected is no such language. An output that is not a text is read as compact JSON.",
  source:
    'Efficient Language Detector (Nito-ELD), database medium, https://github.com/nitotm/efficient-language-detector-js; n-grams as in Cavnar and Trenkle, "N-Gram-Based Text Categorization", SDAIR 1994. Codes of ISO 639.',
  kind: 'categorical',
  range: { min: null, max: null },
  direction: 'none',
  needs: [],
  config: z
    .strictObject({
      expected: z
        .string()
        .max(35)
        .refine(
          (tag) => languageIn(tag) !== undefined,
          'must be a language that can be told: en, de, zh',
        )
        .optional()
        .meta({ description: 'The language that is wanted, such as en' }),
      useExpected: z
        .boolean()
        .default(false)
        .meta({ description: "The language that is wanted is the item's expected" }),
    })
    .refine(({ expected, useExpected }) => expected === undefined || !useExpected, {
      path: ['useExpected'],
      message: 'leave it out where the configuration says what is expected',
    }),
  examples: [
    { output: 'Die Hauptstadt von Frankreich ist Paris.', value: 'de' },
    { output: 'OK', value: 'und' },
    { config: { expected: 'en' }, output: 'The capital of France is Paris.', value: true },
    {
      config: { useExpected: true },
      output: 'The capital of France is Paris.',
      expected: 'fr-CA',
      value: false,
    },
    { config: { expected: 'en' }, output: 'OK', value: null },
  ],
  shape: ({ expected, useExpected }) =>
    expected !== undefined || useExpected
      ? { kind: 'boolean', range: { min: 0, max: 1 }, direction: 'higher' }
      : { kind: 'categorical', range: { min: null, max: null }, direction: 'none' },
  prepare({ expected: configured, useExpected }) {
    let detect: Detect | undefined;
    const fixed = configured === undefined ? undefined : languageIn(configured);
    return async ({ output, expected }) => {
      const wanted = useExpected ? languageOf(expected) : fixed;
      if (useExpected && wanted === undefined) {
        const given = typeof expected === 'string' ? excerpt(expected) : sortOf(expected ?? null);
        return {
          outcome: 'not_applicable',
          reason: `expected is ${given}, not a language that can be told`,
        };
      }
      detect ??= await loadDetector();
      const { guess, reliable, score } = detect(textOf(output));
      const details = { guess, reliable, score };
      if (guess === null || !reliable) {
        const reason =
          guess === null
            ? 'the output has no text whose language could be told'
            : `the output is too short or too mixed to tell its language; the best guess is ${guess}`;
        return wanted === undefined
          ? { outcome: 'scored', value: UNDETERMINED, reason, details }
          : { outcome: 'not_applicable', reason };
      }
      if (wanted === undefined) return { outcome: 'scored', value: guess, details };
      const value = guess === wanted;
      return value
        ? { outcome: 'scored', value, details }
        : { outcome: 'scored', value, reason: `is in ${guess}, not in ${wanted}`, details };
    };
  },
});

type Detect = (text: string) => { guess: string | null; reliable: boolean; score: number | null };

/** The database has megabytes, so only a run that tells languages loads it, and only once. */
async function loadDetector(): Promise<Detect> {
  const { eld } = await import('eld/medium');
  const detector = eld.newInstance();
  detector.enableTextCleanup(true);
  return (text) => {
    const result = detector.detect(text);
    const guess = result.language === '' ? null : result.language;
    const score = guess === null ? undefined : result.getScores()[guess];
    return { guess, reliable: guess !== null && result.isReliable(), score: score ?? null };
  };
}

const languageOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? languageIn(value.trim()) : undefined;

/** The language of a tag such as en-GB, as the detector calls it; undefined where it knows none. */
function languageIn(tag: string): string | undefined {
  try {
    const { language } = new Intl.Locale(tag);
    const name = sameAs[language] ?? language;
    return known.has(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
