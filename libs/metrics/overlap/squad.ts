import type { Json } from '#libs/contracts';
import { referencesIn } from './references.ts';
import { wordsOf } from './words.ts';

/** In the definitions of both metrics. */
export const squadDefinition =
  'Both sides are normalised: lower case (Unicode, no locale), without the punctuation of ASCII, each of the words a, an, the replaced by a space, words divided by white space. Expected is one answer, a text, or a list of them; anything else makes the metric not applicable. Answers of which nothing is left are passed over where another is left; where none is left, or the list is empty, the question has no answer, and an output of which nothing is left is right. An output that is not a text is compared as compact JSON.';

/** The words of an answer by the normalisation of the evaluation script of SQuAD. */
export const normalizedWords = (text: string): readonly string[] =>
  wordsOf(text.toLowerCase().replace(punctuation, '').replace(article, ' '));

/** `string.punctuation` of Python. */
const punctuation = /[!-/:-@[-`{-~]+/g;
/** A word of letters and digits of any script: what Python's `\b` is a border of, without `_`. */
const article = /(?<![\p{L}\p{N}])(?:an?|the)(?![\p{L}\p{N}])/gu;

/** The words of each answer, at least one, by the rules above; or why there are none. */
export function answersIn(expected: Json | undefined): (readonly string[])[] | string {
  const references = referencesIn(expected);
  if (typeof references === 'string') return references;
  const answers = references.map(normalizedWords).filter(({ length }) => length > 0);
  return answers.length > 0 ? answers : [[]];
}
