import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { textOf } from '../values/text.ts';
import { count } from './count.ts';

/**
 * The time of merging grows with the square of a piece's length, and a piece is a word in most texts.
 * This many squared bytes, over all pieces, take about a second.
 */
const WORK_MAX = 1e9;

const encodings = ['o200k_base', 'cl100k_base'] as const;
type Encoding = (typeof encodings)[number];
type Counter = (text: string) => number;

/** How many tokens a model of OpenAI would see in the output. */
export const tokenCount = defineMetric({
  ...count,
  name: 'token_count',
  title: 'Number of tokens',
  description:
    'How many tokens the output has in an encoding of OpenAI. A threshold with min, max or both says how many are right. What the provider itself counted is output_tokens.',
  definition:
    'The number of tokens into which byte pair encoding divides the output. o200k_base is the encoding of GPT-4o and later, cl100k_base that of GPT-4 and GPT-3.5. Names of special tokens, such as <|endoftext|>, are ordinary text. An output that is not a text is counted as compact JSON. Half of a surrogate pair counts as U+FFFD. A text whose words are so long that merging takes more than about a second gives an error: a single word may have some 30,000 bytes.',
  source:
    'Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units", ACL 2016, arXiv:1508.07909; encodings of tiktoken, computed by gpt-tokenizer.',
  config: z.strictObject({
    encoding: z
      .enum(encodings)
      .default('o200k_base')
      .meta({ description: 'Which models count like this' }),
  }),
  examples: [
    { output: 'tiktoken is great!', value: 6 },
    { output: 'お誕生日おめでとう', value: 8 },
    { config: { encoding: 'cl100k_base' }, output: 'お誕生日おめでとう', value: 9 },
  ],
  prepare({ encoding }) {
    let counter: Counter | undefined;
    return async ({ output }) => {
      counter ??= await loadCounter(encoding);
      return { outcome: 'scored', value: counter(textOf(output)) };
    };
  },
});

/** The tables have megabytes, so only a run that counts tokens loads them, and only once. */
async function loadCounter(encoding: Encoding): Promise<Counter> {
  const [{ countTokens, clearMergeCache }, split] = await Promise.all([
    encoding === 'o200k_base'
      ? import('gpt-tokenizer/encoding/o200k_base')
      : import('gpt-tokenizer/encoding/cl100k_base'),
    import('gpt-tokenizer/encodingParams/constants'),
  ]);
  const pieces =
    encoding === 'o200k_base' ? split.O200K_TOKEN_SPLIT_REGEX : split.CL100K_TOKEN_SPLIT_REGEX;
  return (text) => {
    let work = 0;
    for (const [piece] of text.matchAll(pieces)) {
      work += Buffer.byteLength(piece) ** 2;
      if (work > WORK_MAX) {
        throw new MetricError('the text has words that are too long to be divided into tokens');
      }
    }
    try {
      return countTokens(text, { disallowedSpecial: new Set() });
    } finally {
      // What the cache remembers are parts of this text, which would keep all of it in memory.
      clearMergeCache();
    }
  };
}
