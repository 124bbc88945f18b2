import type { Json } from '#libs/contracts';

/** An item as a recommendation looks at it. */
export interface SampledItem {
  input: Json;
  expected?: Json | undefined;
  metadata?: Readonly<Record<string, Json>> | undefined;
}

/** What a sample of items is like. Shares are from 0 to 1. */
export interface DatasetTraits {
  items: number;
  /** Names of fields of inputs and metadata, each with the share of items that have it. */
  fields: ReadonlyMap<string, number>;
  hasContext: number;
  hasLabels: number;
  hasMessages: number;
  hasTools: number;
  hasLanguages: number;
  questions: number;
  code: number;
  /** Of all items, those that have an expected value … */
  expected: number;
  /** … which is a text, or a list of texts that are all right. */
  expectedText: number;
  expectedNumber: number;
  /** … which is an object or a list of objects, or such JSON as a text. */
  expectedObject: number;
  expectedJsonText: number;
  expectedCalls: number;
  /** Few values that come again and again. */
  fewExpected: boolean;
  /** Words, in the middle of the sample. */
  inputWords: number;
  expectedWords: number;
  /** Of pairs of texts, how much of the expected one stands in the input, by words. */
  overlap: number;
  /** The languages of most inputs and expected values, where those differ and can be told. */
  languages: { from: string; to: string } | undefined;
}

const contextFields =
  /^(contexts?|passages?|documents?|docs|retrieved_?contexts?|chunks|sources|evidence|paragraphs?)$/i;
const labelFields = /^(labels?|classes|categories|choices|options)$/i;
const messageFields = /^(messages|conversation|history|dialogu?e?|chat|turns)$/i;
const toolFields = /^(tools?|functions?|available_?tools)$/i;
const languageFields =
  /^(from|to|(source|target|src|tgt)(_?lang(uage)?)?|lang(uage)?|translation)$/i;
const questionFields = /^(questions?|query|problem)$/i;
const codeFields =
  /^(canonical_?solution|entry_?point|tests?|starter_?code|function_?signature|code)$/i;
const questionEnd = /[?？؟]["”»)\s]*$/;
const questionStart =
  /^[¿"“«\s]*(what|who|whom|whose|when|where|why|which|how|is|are|was|were|do|does|did|can|could|wer|was|wann|wo|warum|wie|welche[rsnm]?|qui|quel(le)?s?|combien|que|quand|pourquoi|comment|qu[eé]|cu[aá]ndo|c[oó]mo)\b/i;
const codeText =
  /```|(^|\n)\s*(def \w+\(|class \w+[:({]|function \w+\(|const \w+ =|import \w+|#include|public (static )?\w+|SELECT .+ FROM |return [\w([{"'])/;

/** What items are like, by their shapes and their texts. */
export async function traitsOf(items: readonly SampledItem[]): Promise<DatasetTraits> {
  const share = (test: (item: SampledItem) => boolean) =>
    items.length === 0 ? 0 : items.filter(test).length / items.length;
  const counts = new Map<string, number>();
  for (const item of items) {
    for (const name of fieldsOf(item)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const has = (names: RegExp) => share((item) => fieldsOf(item).some((name) => names.test(name)));
  const expected = items.flatMap(({ expected }) => (isThere(expected) ? [expected] : []));
  const texts = items.flatMap((item) => {
    const to = referenceOf(item.expected);
    return to === undefined ? [] : [{ from: textOf(item.input), to }];
  });
  const distinct = new Set(expected.map((value) => JSON.stringify(value).toLowerCase())).size;
  const traits = {
    items: items.length,
    fields: new Map([...counts].map(([name, count]) => [name, count / items.length])),
    hasContext: has(contextFields),
    hasLabels: has(labelFields),
    hasMessages: share(
      ({ input }) =>
        isListOfMessages(input) || fieldsOf({ input }).some((n) => messageFields.test(n)),
    ),
    hasTools: has(toolFields),
    hasLanguages: has(languageFields),
    questions: share(
      (item) =>
        fieldsOf(item).some((name) => questionFields.test(name)) || isQuestion(textOf(item.input)),
    ),
    code: share(
      (item) =>
        fieldsOf(item).some((name) => codeFields.test(name)) ||
        codeText.test(referenceOf(item.expected) ?? ''),
    ),
    expected: expected.length / Math.max(1, items.length),
    expectedText: share(({ expected }) => referenceOf(expected) !== undefined),
    expectedNumber: share(
      ({ expected }) =>
        typeof expected === 'number' ||
        (typeof expected === 'string' && /^[\s$€£]*-?[\d.,]+\s*%?$/.test(expected)),
    ),
    expectedObject: share(({ expected }) => isObjects(expected) || isJsonText(expected)),
    expectedJsonText: share(({ expected }) => isJsonText(expected)),
    expectedCalls: share(({ expected }) => isCalls(expected)),
    fewExpected:
      expected.length >= 4 &&
      distinct >= 2 &&
      distinct <= Math.max(2, expected.length / 2) &&
      middle(expected.map((value) => wordsIn(textOf(value)).length)) <= 4,
    inputWords: middle(items.map(({ input }) => wordsIn(textOf(input)).length)),
    expectedWords: middle(expected.map((value) => wordsIn(textOf(value)).length)),
    overlap: middle(texts.map(({ from, to }) => overlapOf(from, to))),
    languages: undefined,
  };
  // Telling languages takes a database of many megabytes: only where it can make a difference.
  const mayBeTranslated =
    texts.length >= items.length / 2 &&
    traits.expectedWords >= 3 &&
    traits.overlap <= 0.2 &&
    !traits.fewExpected;
  return mayBeTranslated ? { ...traits, languages: await languagesOf(texts) } : traits;
}

async function languagesOf(
  texts: readonly { from: string; to: string }[],
): Promise<DatasetTraits['languages']> {
  const { eld } = await import('eld/extrasmall');
  const detector = eld.newInstance();
  const languageOf = (text: string) => {
    const found = detector.detect(text.slice(0, LONGEST_TO_TELL));
    return found.isReliable() ? found.language : '';
  };
  const pairs = texts
    .map(({ from, to }) => ({ from: languageOf(from), to: languageOf(to) }))
    .filter(({ from, to }) => from !== '' && to !== '' && from !== to);
  if (pairs.length < texts.length * 0.6) return undefined;
  return {
    from: commonest(pairs.map((pair) => pair.from)),
    to: commonest(pairs.map((pair) => pair.to)),
  };
}

const LONGEST_TO_TELL = 500;

function commonest(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

const isThere = (value: Json | undefined): value is Json => value !== undefined && value !== null;
const isRecord = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsOf = ({ input, metadata }: SampledItem): string[] => [
  ...(isRecord(input) ? Object.keys(input) : []),
  ...Object.keys(metadata ?? {}),
];

const isCall = (value: Json | undefined): boolean =>
  isRecord(value) &&
  ((typeof value.name === 'string' && ('arguments' in value || 'input' in value)) ||
    'tool_calls' in value ||
    'toolCalls' in value ||
    'function' in value);
const isCalls = (value: Json | undefined): boolean =>
  isCall(value) || (Array.isArray(value) && value.length > 0 && value.every(isCall));

const isObjects = (value: Json | undefined): boolean =>
  !isCalls(value) &&
  (isRecord(value) || (Array.isArray(value) && value.length > 0 && value.every(isRecord)));

function isJsonText(value: Json | undefined): boolean {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return false;
  try {
    return isObjects(JSON.parse(value));
  } catch {
    return false;
  }
}

/** The text to compare with: an expected value, or the first of several that are all right. */
function referenceOf(value: Json | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}

const isListOfMessages = (value: Json): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => isRecord(one) && 'role' in one && 'content' in one);

/** All texts of a value, one after the other. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return value === null ? '' : `${value}`;
  return Object.values(value).map(textOf).join('\n');
}

const isQuestion = (text: string): boolean =>
  questionEnd.test(text) || (questionStart.test(text.trim()) && text.length < 500);

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
/** The middle of a sample is known long before the ends of its longest texts. */
const LONGEST_TO_COUNT = 10_000;

/** The words of a text, also in languages that put nothing between them. */
export const wordsIn = (text: string): string[] =>
  [...segmenter.segment(text.slice(0, LONGEST_TO_COUNT).toLowerCase())].flatMap(
    ({ segment, isWordLike }) => (isWordLike === true ? [segment] : []),
  );

function overlapOf(from: string, to: string): number {
  const known = new Set(wordsIn(from));
  const words = wordsIn(to);
  return words.length === 0 ? 0 : words.filter((word) => known.has(word)).length / words.length;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
