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
  /** Of all items, those whose expected value is … */
  expectedText: number;
  expectedNumber: number;
  expectedObject: number;
  expectedCalls: number;
  /** Few values that come again and again. */
  fewExpected: boolean;
  /** Words, in the middle of the sample. */
  inputWords: number;
  expectedWords: number;
  /** Of pairs of texts, how much of the expected one stands in the input, by words. */
  overlap: number;
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
const questionStart =
  /^(what|who|whom|whose|when|where|why|which|how|is|are|was|were|do|does|did|can|could|wer|was|wann|wo|warum|wie|qui|que|quand|pourquoi|comment|qu[eé]|cu[aá]ndo|c[oó]mo)\b/i;
const codeText =
  /```|(^|\n)\s*(def \w+\(|class \w+[:({]|function \w+\(|const \w+ =|import \w+|#include|public (static )?\w+|SELECT .+ FROM )/;

/** What items are like, by their shapes and their texts. */
export function traitsOf(items: readonly SampledItem[]): DatasetTraits {
  const share = (test: (item: SampledItem) => boolean) =>
    items.length === 0 ? 0 : items.filter(test).length / items.length;
  const counts = new Map<string, number>();
  for (const item of items) {
    for (const name of fieldsOf(item)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const has = (names: RegExp) => share((item) => fieldsOf(item).some((name) => names.test(name)));
  const expected = items.flatMap(({ expected }) => (isThere(expected) ? [expected] : []));
  const texts = items.flatMap((item) =>
    typeof item.expected === 'string' ? [{ from: textOf(item.input), to: item.expected }] : [],
  );
  const distinct = new Set(expected.map((value) => JSON.stringify(value).toLowerCase())).size;
  return {
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
        codeText.test(typeof item.expected === 'string' ? item.expected : ''),
    ),
    expectedText: share(({ expected }) => typeof expected === 'string'),
    expectedNumber: share(
      ({ expected }) =>
        typeof expected === 'number' ||
        (typeof expected === 'string' && /^[\s$€£]*-?[\d.,]+\s*%?$/.test(expected)),
    ),
    expectedObject: share(({ expected }) => isRecord(expected) && !isCall(expected)),
    expectedCalls: share(({ expected }) => isCalls(expected)),
    fewExpected:
      expected.length >= 4 &&
      distinct >= 2 &&
      distinct <= Math.max(2, expected.length / 2) &&
      middle(expected.map((value) => wordsIn(textOf(value)).length)) <= 4,
    inputWords: middle(items.map(({ input }) => wordsIn(textOf(input)).length)),
    expectedWords: middle(expected.map((value) => wordsIn(textOf(value)).length)),
    overlap: middle(texts.map(({ from, to }) => overlapOf(from, to))),
  };
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
  text.trimEnd().endsWith('?') || (questionStart.test(text.trim()) && text.length < 500);

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

function overlapOf(from: string, to: string): number {
  const known = new Set(wordsIn(from));
  const words = wordsIn(to);
  return words.length === 0 ? 0 : words.filter((word) => known.has(word)).length / words.length;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
