import { z } from 'zod';

/** A language whose rules divide a text, in a metric's configuration. */
export const localeOption = z
  .string()
  .min(2)
  .max(35)
  .refine(isLocale, 'must be a language tag such as en or de-CH')
  .default('en')
  .meta({ description: 'The language of the text, as BCP 47: en, de, ja' });

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** Divides texts of one language, by Unicode's rules (UAX 29) as ICU has them for it. */
export class Segments {
  readonly #words: Intl.Segmenter;
  readonly #sentences: Intl.Segmenter;

  constructor(locale: string) {
    this.#words = new Intl.Segmenter(locale, { granularity: 'word' });
    this.#sentences = new Intl.Segmenter(locale, { granularity: 'sentence' });
  }

  /** The words, without the marks and the white space between them. */
  *words(text: string): Generator<string> {
    for (const { segment, isWordLike } of this.#words.segment(text)) {
      if (isWordLike === true) yield segment;
    }
  }

  wordCount(text: string): number {
    let count = 0;
    for (const { isWordLike } of this.#words.segment(text)) if (isWordLike === true) count += 1;
    return count;
  }

  /** Counts the sentences that have a letter or a digit. */
  sentenceCount(text: string): number {
    let count = 0;
    for (const { segment } of this.#sentences.segment(text)) {
      if (/[\p{L}\p{N}]/u.test(segment)) count += 1;
    }
    return count;
  }
}
