import { defineMetric, type MetricShape } from '#libs/evaluation';
import { syllable } from 'syllable';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { textOf } from '../values/text.ts';
import { Segments } from './segments.ts';

/** Counting syllables takes the square of a word's length; no English word comes near this. */
const WORD_MAX = 100;
const POLYSYLLABLE = 3;

interface Counts {
  words: number;
  sentences: number;
  /** Letters and digits. */
  characters: number;
  letters: number;
}

interface SyllableCounts extends Counts {
  syllables: number;
  /** Words of three syllables or more. */
  polysyllables: number;
  /** The same, where -ed, -es or -ing make no syllable of their own. */
  complexWords: number;
}

interface Measure {
  direction: 'higher' | 'lower';
  /** What no text can go beyond: a word has a letter or a digit and a syllable, a sentence has a word. */
  range: MetricShape['range'];
}

const grade = (min: number): Measure => ({ direction: 'lower', range: { min, max: null } });

const measures = {
  flesch_reading_ease: { direction: 'higher', range: { min: null, max: 121.22 } },
  flesch_kincaid_grade: grade(-3.4),
  gunning_fog: grade(0.4),
  smog: grade(3.1291),
  coleman_liau: grade(-45.4),
  automated_readability: grade(-16.22),
} as const satisfies Record<string, Measure>;
type MeasureName = keyof typeof measures;

/** How easy an English text is to read. */
export const readability = defineMetric({
  name: 'readability',
  title: 'Readability',
  family: 'text',
  description:
    'How easy the output is to read, for English: the Flesch reading ease, where more is easier, or the years of school that a reader needs, where less is easier.',
  definition:
    "With W words, S sentences, Y syllables, L letters, C letters and digits, P words of three or more syllables, and X words of three or more syllables not counting the endings -ed, -es, -ing: flesch_reading_ease 206.835 − 1.015 W/S − 84.6 Y/W; flesch_kincaid_grade 0.39 W/S + 11.8 Y/W − 15.59; gunning_fog 0.4 (W/S + 100 X/W); smog 1.0430 √(30 P/S) + 3.1291; coleman_liau 0.0588 · 100 L/W − 0.296 · 100 S/W − 15.8; automated_readability 4.71 C/W + 0.5 W/S − 21.43. Words and sentences are those of word_count and sentence_count for English. Syllables are estimated by rules and exceptions, at least one a word. Gunning's exceptions for proper names and compounds are not made, and smog takes any number of sentences though it is meant for 30. An output that is not a text is read as compact JSON. Without a word: not applicable. A word of more than 100 letters gives an error where syllables count.",
  source:
    'R. Flesch, "A New Readability Yardstick", J. Applied Psychology 32 (1948), 221–233; J. P. Kincaid et al., Research Branch Report 8-75, Naval Technical Training Command (1975); E. A. Smith and R. J. Senter, "Automated Readability Index", AMRL-TR-66-220 (1967); R. Gunning, The Technique of Clear Writing (1952); G. H. McLaughlin, "SMOG Grading", J. of Reading 12 (1969), 639–646; M. Coleman and T. L. Liau, J. Applied Psychology 60 (1975), 283–284. Syllables by the package syllable.',
  kind: 'numeric',
  range: { min: null, max: 121.22 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    measure: z
      .enum([
        'flesch_reading_ease',
        'flesch_kincaid_grade',
        'gunning_fog',
        'smog',
        'coleman_liau',
        'automated_readability',
      ])
      .default('flesch_reading_ease')
      .meta({ description: 'Which formula; all but flesch_reading_ease give years of school' }),
  }),
  examples: [
    { output: 'The cat sat on the mat.', value: 116.145 },
    {
      config: { measure: 'flesch_kincaid_grade' },
      output: 'The cat sat on the mat.',
      value: 0.39 * 6 + 11.8 - 15.59,
    },
    {
      config: { measure: 'automated_readability' },
      output: 'The cat sat on the mat.',
      value: (4.71 * 17) / 6 + 0.5 * 6 - 21.43,
    },
    { output: '…', value: null },
  ],
  shape: ({ measure }) => ({ kind: 'numeric', ...measures[measure] }),
  prepare({ measure }) {
    const segments = new Segments('en');
    const { min, max } = measures[measure].range;
    return ({ output }) => {
      const text = textOf(output);
      const words = Array.from(segments.words(text));
      if (words.length === 0)
        return { outcome: 'not_applicable', reason: 'the output has no words' };
      const counts = countsOf(words, Math.max(1, segments.sentenceCount(text)));
      const { value, details } = compute(measure, counts, words);
      // Rounding may take a value at its limit beyond it by the last digit.
      const limited = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value));
      return { outcome: 'scored', value: limited, details: { ...details } };
    };
  },
});

function compute(
  measure: MeasureName,
  counts: Counts,
  words: readonly string[],
): { value: number; details: Counts } {
  const { words: W, sentences: S, letters: L, characters: C } = counts;
  if (measure === 'coleman_liau') {
    return { value: (5.88 * L) / W - (29.6 * S) / W - 15.8, details: counts };
  }
  if (measure === 'automated_readability') {
    return { value: (4.71 * C) / W + (0.5 * W) / S - 21.43, details: counts };
  }
  const details = { ...counts, ...syllablesOf(words) };
  return { value: bySyllables(measure, details), details };
}

function bySyllables(
  measure: Exclude<MeasureName, 'coleman_liau' | 'automated_readability'>,
  { words: W, sentences: S, syllables: Y, polysyllables: P, complexWords: X }: SyllableCounts,
): number {
  if (measure === 'flesch_reading_ease') return 206.835 - (1.015 * W) / S - (84.6 * Y) / W;
  if (measure === 'flesch_kincaid_grade') return (0.39 * W) / S + (11.8 * Y) / W - 15.59;
  if (measure === 'gunning_fog') return 0.4 * (W / S + (100 * X) / W);
  return 1.043 * Math.sqrt((30 * P) / S) + 3.1291;
}

function countsOf(words: readonly string[], sentences: number): Counts {
  let letters = 0;
  let characters = 0;
  for (const word of words) {
    for (const character of word) {
      if (/\p{L}/u.test(character)) letters += 1;
      if (/[\p{L}\p{N}]/u.test(character)) characters += 1;
    }
  }
  return { words: words.length, sentences, letters, characters };
}

function syllablesOf(words: readonly string[]): Omit<SyllableCounts, keyof Counts> {
  const known = new Map<string, { syllables: number; complex: boolean }>();
  const sum = { syllables: 0, polysyllables: 0, complexWords: 0 };
  for (const word of words) {
    let sound = known.get(word);
    if (!sound) {
      if (word.length > WORD_MAX) {
        throw new MetricError(
          `a word of ${word.length} characters is too long for its syllables to be counted`,
        );
      }
      sound = { syllables: syllablesIn(word), complex: isComplex(word) };
      known.set(word, sound);
    }
    sum.syllables += sound.syllables;
    if (sound.syllables >= POLYSYLLABLE) sum.polysyllables += 1;
    if (sound.complex) sum.complexWords += 1;
  }
  return sum;
}

const syllablesIn = (word: string): number => Math.max(1, syllable(word));

const isComplex = (word: string): boolean =>
  syllablesIn(word) >= POLYSYLLABLE &&
  syllablesIn(word.replace(/(?:ed|es|ing)$/i, '')) >= POLYSYLLABLE;
