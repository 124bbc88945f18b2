import { Columns, lcsPlaces, tooLong, wordsPerRow } from './lcs.ts';
import { rougeMetric, type RougeText } from './rouge-metric.ts';

/** Numbers that are written or read over all pairs of lines, and of one pair's table. */
const WORK_MAX = 2e8;
const TABLE_MAX = 2e7;
/** What comparing two lines takes, however short they are. */
const PAIR_WORK = 50;

/** Words that the lines of output and reference share in the same order. */
export const rougeLsum = rougeMetric({
  name: 'rouge_lsum',
  title: 'ROUGE-Lsum',
  what: 'How many words of the lines of the reference are found in the same order in lines of the output',
  definition:
    "Lines are what is between line feeds, one sentence each; nothing else divides sentences. Each line of the reference is compared with every line of the output: the words of it that are in the longest common subsequence with any of them are hits, but no word more often than in the whole output. Where there are several longest subsequences, that one which is read from the end, with a step back in the output's line only where one in the reference's would shorten it. Texts that are too long to compare so give an error.",
  examples: [
    {
      output: 'w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5',
      expected: 'w1 w2 w3 w4 w5',
      value: 8 / 15,
    },
    {
      config: { measure: 'recall' },
      output: 'the dog sat\nthe cat ran',
      expected: ['the cat ran\nthe dog sat', 'nothing'],
      value: 1,
    },
  ],
  byLine: true,
  compare: (output, references, distinct) => {
    requireBounded(output, references, distinct);
    return references.map((reference) => unionHits(output.lines, reference.lines, distinct));
  },
});

function unionHits(
  output: readonly Int32Array[],
  reference: readonly Int32Array[],
  distinct: number,
) {
  const size = (lines: readonly Int32Array[]) => lines.reduce((sum, { length }) => sum + length, 0);
  const [given, wanted] = [size(output), size(reference)];
  const totals = { output: given, reference: wanted };
  if (given === 0 || wanted === 0) return { hits: 0, ...totals };
  const left = new Int32Array(distinct);
  for (const line of output) {
    for (const word of line) left[word] = (left[word] ?? 0) + 1;
  }
  let hits = 0;
  for (const line of reference) {
    const columns = new Columns(line, distinct);
    const found = new Set<number>();
    for (const candidate of output) {
      for (const place of lcsPlaces(columns, candidate)) found.add(place);
    }
    // A place is a word of the reference by itself, so that only the output can run out of them.
    for (const place of found) {
      const word = line[place] ?? 0;
      const rest = left[word] ?? 0;
      if (rest === 0) continue;
      left[word] = rest - 1;
      hits += 1;
    }
  }
  return { hits, ...totals };
}

/** Comparing all lines with all takes time that grows with the product of the texts. */
function requireBounded(
  { lines }: RougeText,
  references: readonly RougeText[],
  distinct: number,
): void {
  const longest = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const total = lines.reduce((sum, { length }) => sum + length, 0);
  let work = 0;
  for (const reference of references) {
    work += total + distinct;
    for (const { length } of reference.lines) {
      const words = wordsPerRow(length);
      work += distinct + length + total * (words + 1) + lines.length * (length + PAIR_WORK);
      if (work > WORK_MAX || words * longest > TABLE_MAX) throw tooLong();
    }
  }
}
