import { defineMetric, type MetricExample } from '#libs/evaluation';
import { stemmer } from 'stemmer';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { byReferences, referencesDefinition } from './references.ts';
import { Vocabulary } from './words.ts';

const config = z.strictObject({
  measure: z.enum(['f1', 'precision', 'recall']).default('f1').meta({
    description:
      'What the value is: precision, of what is in the output; recall, of what is in the reference; f1, their harmonic mean',
  }),
  stemmer: z
    .boolean()
    .default(false)
    .meta({ description: 'Words of the same English stem are the same' }),
});

/** Of words of which no more is left than of the longest in a dictionary. */
const STEMMED_MAX = 100;

/** What a text has in common with another: so many of its parts, of those of either side. */
export interface Hits {
  hits: number;
  /** Parts of the output, 0 where it has none. */
  output: number;
  reference: number;
}

/** The texts of a case, to be read as words by their numbers. */
export interface RougeText {
  words: Int32Array;
  /** The words of each line that is not empty, where lines are asked for. */
  lines: readonly Int32Array[];
}

interface Rouge {
  name: string;
  title: string;
  /** What is counted, in a sentence. */
  what: string;
  definition: string;
  examples: readonly MetricExample[];
  /** Whether lines are wanted; left out: words. */
  byLine?: boolean;
  /** @param distinct the output's words are numbers from 0 to below this; others are not in it */
  compare: (
    output: RougeText,
    references: readonly RougeText[],
    distinct: number,
  ) => readonly Hits[];
}

/** What all ROUGE metrics have in common. */
export const rougeMetric = ({
  name,
  title,
  what,
  definition,
  examples,
  byLine = false,
  compare,
}: Rouge) =>
  defineMetric({
    name,
    title,
    family: 'overlap',
    description: `${what}, from 0 to 1. For summaries in English: only the letters a to z and digits make words, so texts in other scripts give 0.`,
    definition: `${definition} Precision is the share of the output, recall that of the reference, f1 = 2PR / (P + R); each is 0 where it divides by 0, so also where neither side has a word. Words are runs of a to z and 0 to 9 in the text in lower case (Unicode, no locale). stemmer reduces words of more than 3 and up to ${STEMMED_MAX} letters to their stem by Porter's algorithm as its author amended it (bli and logi in step 2); rouge_score uses NLTK's, which has further amendments and a list of exceptions, so that about one word in a hundred, such as "dying", has another stem there, mostly without effect, as both sides are stemmed alike. Of several references that with the highest f1 counts, of equal ones the first, whatever measure is. The details hold precision, recall and f1. ${referencesDefinition}`,
    source:
      'C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", Text Summarization Branches Out, ACL 2004; as rouge_score of Google Research (RougeScorer.score and score_multi); M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980), 130–137.',
    kind: 'numeric',
    range: { min: 0, max: 1 },
    direction: 'higher',
    needs: ['references'],
    config,
    examples,
    prepare(options) {
      return ({ output, expected }) =>
        byReferences(expected, (references) => {
          const vocabulary = new Vocabulary();
          const stems = new Map<string, string>();
          const read = (text: string): RougeText => {
            const numbers = (part: string) =>
              vocabulary.numbersOf(wordsOf(part, options.stemmer ? stems : undefined));
            if (!byLine) return { words: numbers(text), lines: [] };
            const lines = text.split('\n').filter((line) => line !== '');
            return { words: new Int32Array(), lines: lines.map(numbers) };
          };
          const given = read(textOf(output));
          const distinct = vocabulary.size;
          const wanted = references.map(read);
          let best = { precision: 0, recall: 0, f1: -1 };
          for (const hits of compare(given, wanted, distinct)) {
            const measures = measuresOf(hits);
            if (measures.f1 > best.f1) best = measures;
          }
          return { outcome: 'scored', value: best[options.measure], details: best };
        });
    },
  });

function measuresOf({ hits, output, reference }: Hits) {
  const precision = output === 0 ? 0 : hits / output;
  const recall = reference === 0 ? 0 : hits / reference;
  const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

/** @param stems of the words that were met, so that each is stemmed once; undefined: none are */
function wordsOf(text: string, stems: Map<string, string> | undefined): readonly string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  if (!stems) return words;
  return words.map((word) => {
    if (word.length <= 3 || word.length > STEMMED_MAX) return word;
    let stem = stems.get(word);
    if (stem === undefined) {
      stem = stemmer(word);
      stems.set(word, stem);
    }
    return stem;
  });
}
