import { z } from 'zod';
import { codePoints, trimmed, trimmedEnd, Vocabulary, wordsOf } from './words.ts';

export const tokenizers = ['13a', 'intl', 'zh', 'char', 'none'] as const;
export type Tokenizer = (typeof tokenizers)[number];

/** Options of metrics that compare words as sacreBLEU does. */
export const wordOptions = {
  tokenize: z.enum(tokenizers).default('13a').meta({
    description:
      'How a text is divided: 13a for most languages, intl by Unicode punctuation and symbols, zh for Chinese, char by characters, none at white space',
  }),
  lowercase: z.boolean().default(false).meta({ description: 'Upper and lower case are the same' }),
};

export interface WordOptions {
  tokenize: Tokenizer;
  lowercase: boolean;
}

/** In the definitions of metrics with these options. */
export const wordsDefinition =
  'Words are those of the tokenizers of sacreBLEU 2.6.0 by the same names: 13a that of mteval-v13a, intl that of mteval-v14 (Unicode punctuation and symbols), zh that for Chinese with every Chinese character a word, char every character that is no white space, none what is between white space. lowercase turns both sides to lower case first (Unicode, no locale).';

/** The words of an output and of its references, as numbers. */
export function readWords(
  output: string,
  references: readonly string[],
  { tokenize, lowercase }: WordOptions,
): { output: Int32Array; references: Int32Array[] } {
  const vocabulary = new Vocabulary();
  const read = (text: string): Int32Array => {
    const cased = lowercase ? text.toLowerCase() : text;
    return tokenize === 'char'
      ? codePoints(cased, { whitespace: false })
      : vocabulary.numbersOf(wordTokenizers[tokenize](cased));
  };
  return { output: read(output), references: references.map(read) };
}

/** The words of a text by a tokenizer of sacreBLEU. */
export const wordTokenizers: Readonly<
  Record<Exclude<Tokenizer, 'char'>, (text: string) => readonly string[]>
> = {
  '13a': (text) => {
    const lines = trimmedEnd(text).replaceAll('<skipped>', '').replaceAll('-\n', '');
    const line = lines.includes('&')
      ? lines
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
      : lines;
    return punctuated(` ${line} `);
  },
  intl: (text) =>
    wordsOf(
      trimmedEnd(text)
        .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
        .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
        .replace(/\p{S}/gu, ' $& '),
    ),
  zh: (text) => punctuated(trimmed(text).replace(chinese, ' $& ')),
  none: wordsOf,
};

/**
 * Makes words of ASCII punctuation. Periods and commas between digits stay within their word, and a dash
 * is a word only after a digit. The order of these steps decides runs such as `5..6`.
 */
function punctuated(text: string): readonly string[] {
  let line = text.replace(/[!-&(-+:-@/[-`{-~]/g, ' $& ');
  if (line.includes('.') || line.includes(',')) {
    line = line.replace(/([^0-9])([.,])/g, '$1 $2 ').replace(/([.,])([^0-9])/g, ' $1 $2');
  }
  if (line.includes('-')) line = line.replace(/([0-9])-/g, '$1 - ');
  return wordsOf(line);
}

/**
 * What sacreBLEU 2.6.0 takes for Chinese characters. U+2001 to U+2A6D and U+2F81 to U+2FA1 are what it
 * makes of the ranges of extension B and of the supplement, which it means to have instead.
 */
const chinese =
  /[\u2001-\u2a6d\u2e80-\u2fdf\u2ff0-\u303f\u3100-\u312f\u31a0-\u31ef\u3200-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef]/g;
