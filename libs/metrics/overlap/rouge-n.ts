import { matchNgrams, ngramCount } from './ngrams.ts';
import type { Hits, RougeText } from './rouge-metric.ts';

/** Compares texts by their n-grams of one order. */
export const compareNgrams =
  (order: number) =>
  ({ words }: RougeText, references: readonly RougeText[]): Hits[] => {
    const lists = references.map((reference) => reference.words);
    const { each } = matchNgrams(words, lists, order);
    return lists.map(({ length }, index) => ({
      hits: each[index]?.[order - 1] ?? 0,
      output: ngramCount(words.length, order),
      reference: ngramCount(length, order),
    }));
  };
