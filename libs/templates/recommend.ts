import type { TemplateContent } from '#libs/contracts';
import { traitsOf, type DatasetTraits, type SampledItem } from './dataset-traits.ts';

/** A template that may fit. */
export interface Candidate {
  id: string;
  name: string;
  content: TemplateContent;
}

export interface Recommendation {
  id: string;
  name: string;
  title: string;
  /** How well it fits, from 0 to 1. */
  score: number;
  /** What speaks for it, in words. */
  reasons: string[];
  /** What the dataset lacks for it, in words. */
  problems: string[];
}

/**
 * Which templates fit, best first. A preset is held against what the items are like; a template of the
 * project against the fields that its inputs must have. The description counts by its words. These are
 * rules of thumb: a score orders templates and is no probability.
 * @param given.items a sample, as from the beginning of a dataset
 */
export function recommendTemplates(
  candidates: readonly Candidate[],
  given: { items?: readonly SampledItem[] | undefined; description?: string | undefined },
): Recommendation[] {
  const traits = given.items && given.items.length > 0 ? traitsOf(given.items) : undefined;
  const stems = given.description === undefined ? undefined : stemsOf(given.description);
  return candidates
    .map(({ id, name, content }) => {
      const signs = traits && (signsOf[id]?.(traits) ?? signsOfFields(content, traits));
      const words = stems && matching(stems, keywords[id] ?? ownKeywords(name, content));
      const bySigns = signs && clamp(signs.reduce((sum, { weight }) => sum + weight, 0));
      const byWords = words && clamp(words.length / 2);
      const reasons = (signs ?? []).filter(({ weight }) => weight > 0).map(({ says }) => says);
      if (words && words.length > 0) {
        reasons.push(`The description says ${words.map((word) => `“${word}”`).join(', ')}.`);
      }
      return {
        id,
        name,
        title: content.title,
        score: round(together(bySigns, byWords)),
        reasons,
        problems: (signs ?? []).filter(({ weight }) => weight < 0).map(({ says }) => says),
      };
    })
    .toSorted((a, b) => b.score - a.score);
}

/** Items say more than words, and words can settle what items leave open. */
function together(bySigns: number | undefined, byWords: number | undefined): number {
  if (bySigns === undefined) return byWords ?? 0;
  return byWords === undefined ? bySigns : clamp(0.75 * bySigns + 0.4 * byWords);
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const round = (value: number): number => Math.round(value * 100) / 100;

/** Something about a dataset that speaks for a template, or against it. */
interface Sign {
  weight: number;
  says: string;
}

const sign = (holds: boolean, weight: number, says: string): Sign[] =>
  holds ? [{ weight, says }] : [];
const most = (share: number): boolean => share >= 0.6;
const few = (share: number): boolean => share < 0.2;

const noExpected = (t: DatasetTraits) =>
  sign(
    t.expectedText + t.expectedNumber + t.expectedObject + t.expectedCalls < 0.2,
    -0.3,
    'Most items have no expected value to compare with.',
  );

const signsOf: Record<string, (traits: DatasetTraits) => Sign[]> = {
  question_answering: (t) => [
    ...sign(most(t.questions), 0.5, 'Most inputs are questions.'),
    ...sign(
      most(t.expectedNumber),
      0.25,
      'Expected values are numbers: answers that are right or wrong.',
    ),
    ...sign(
      most(t.expectedText) && t.expectedWords <= 12,
      0.2,
      'Expected values are short answers.',
    ),
    ...sign(
      most(t.expectedText) && t.expectedWords > 12 && !most(t.code),
      0.15,
      'Expected values are answers as texts.',
    ),
    ...sign(
      most(t.hasContext),
      -0.35,
      'The items have context, which this template does not look at.',
    ),
    ...sign(
      t.fewExpected && !most(t.expectedNumber),
      -0.15,
      'Few expected values come again and again, like labels.',
    ),
    ...sign(most(t.hasMessages), -0.3, 'The inputs are conversations.'),
    ...sign(most(t.expectedCalls), -0.5, 'Expected values are tool calls.'),
    ...noExpected(t),
  ],
  summarisation: (t) => [
    ...sign(t.inputWords >= 30, 0.4, 'The inputs are long texts.'),
    ...sign(
      most(t.expectedText) &&
        t.inputWords >= 30 &&
        t.expectedWords >= 5 &&
        t.expectedWords * 2 <= t.inputWords,
      0.3,
      'Expected values are texts much shorter than the inputs.',
    ),
    ...sign(
      t.overlap >= 0.4 && t.expectedWords >= 5,
      0.15,
      'Expected values use the words of the inputs.',
    ),
    ...sign(t.inputWords < 20, -0.3, 'The inputs are too short to be summarised.'),
    ...sign(most(t.questions), -0.2, 'The inputs ask questions.'),
    ...sign(most(t.hasContext), -0.2, 'The items have context for questions.'),
  ],
  classification: (t) => [
    ...sign(
      t.fewExpected && !most(t.expectedNumber),
      0.6,
      'Few short expected values come again and again: labels.',
    ),
    ...sign(
      t.fewExpected && most(t.expectedNumber),
      0.3,
      'Few numbers come again and again, perhaps classes.',
    ),
    ...sign(most(t.hasLabels), 0.3, 'The items name labels or choices.'),
    ...sign(
      !t.fewExpected,
      -0.3,
      'Expected values differ from item to item; labels would come again.',
    ),
    ...noExpected(t),
  ],
  rag: (t) => [
    ...sign(most(t.hasContext), 0.65, 'The items have context: passages or documents.'),
    ...sign(most(t.hasContext) && most(t.questions), 0.25, 'The context belongs to questions.'),
    ...sign(
      most(t.hasContext) && most(t.expectedText),
      0.1,
      'There are expected answers, which context recall needs.',
    ),
    ...sign(
      few(t.hasContext),
      -0.5,
      'The items have no context; give each its passages, or let the target report them.',
    ),
  ],
  code_generation: (t) => [
    ...sign(most(t.code), 0.75, 'Expected values or fields are code or tests of it.'),
    ...sign(few(t.code), -0.3, 'Nothing in the items looks like code.'),
  ],
  extraction: (t) => [
    ...sign(most(t.expectedObject), 0.7, 'Expected values are JSON objects.'),
    ...sign(most(t.expectedObject) && t.inputWords >= 5, 0.15, 'The inputs are texts.'),
    ...sign(few(t.expectedObject), -0.3, 'Expected values are no JSON objects.'),
    ...sign(most(t.expectedCalls), -0.5, 'Expected values are tool calls.'),
  ],
  chat_safety: (t) => [
    ...sign(most(t.hasMessages), 0.7, 'The inputs are conversations.'),
    ...sign(
      few(t.hasMessages),
      -0.2,
      'The inputs are no conversations; put each into input.messages.',
    ),
  ],
  translation: (t) => [
    ...sign(most(t.hasLanguages), 0.55, 'The items name languages.'),
    ...sign(
      most(t.expectedText) &&
        t.expectedWords >= 3 &&
        t.overlap <= 0.2 &&
        alike(t.inputWords, t.expectedWords) &&
        !most(t.questions) &&
        !most(t.code),
      0.3,
      'Expected values are as long as the inputs and share hardly a word with them.',
    ),
    ...sign(few(t.hasLanguages), -0.2, 'The items do not say from which language into which.'),
    ...noExpected(t),
  ],
  tool_use: (t) => [
    ...sign(most(t.expectedCalls), 0.8, 'Expected values are tool calls.'),
    ...sign(most(t.hasTools), 0.2, 'The items name tools.'),
    ...sign(few(t.expectedCalls), -0.4, 'Expected values are no tool calls.'),
  ],
  general: (t) => [
    { weight: 0.25, says: 'It asks nothing of a dataset.' },
    ...sign(
      t.expectedText + t.expectedNumber + t.expectedObject + t.expectedCalls < 0.2,
      0.15,
      'It needs no expected values.',
    ),
  ],
};

const alike = (a: number, b: number): boolean => a <= 2 * b + 2 && b <= 2 * a + 2;

/** Of a template of the project: do inputs have the fields that it requires? */
function signsOfFields({ inputSchema }: TemplateContent, traits: DatasetTraits): Sign[] {
  const { required } = inputSchema;
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  if (names.length === 0) return [{ weight: 0.2, says: 'It asks for no field by name.' }];
  const missing = names.filter((name) => !most(traits.fields.get(name) ?? 0));
  if (missing.length === 0) {
    return [{ weight: 0.7, says: `The inputs have what it asks for: ${names.join(', ')}.` }];
  }
  return [{ weight: -0.3, says: `The inputs lack ${missing.join(', ')}.` }];
}

/** Beginnings of words. */
const keywords: Record<string, readonly string[]> = {
  question_answering: [
    'question',
    'answer',
    'qa',
    'quiz',
    'trivia',
    'math',
    'exam',
    'fact',
    'reason',
    'arithmetic',
  ],
  summarisation: ['summar', 'condens', 'shorten', 'abstract', 'digest', 'tldr', 'brief'],
  classification: [
    'classif',
    'label',
    'categor',
    'sentiment',
    'intent',
    'topic',
    'spam',
    'detect',
    'triage',
  ],
  rag: [
    'rag',
    'retriev',
    'context',
    'document',
    'passage',
    'knowledge',
    'ground',
    'citation',
    'wiki',
  ],
  code_generation: [
    'code',
    'coding',
    'program',
    'function',
    'python',
    'javascript',
    'sql',
    'unit',
    'bug',
    'develop',
  ],
  extraction: ['extract', 'json', 'field', 'entit', 'structur', 'invoice', 'form', 'parse', 'ner'],
  chat_safety: [
    'chat',
    'safe',
    'toxic',
    'harm',
    'jailbreak',
    'conversation',
    'assistant',
    'moderat',
    'bias',
    'abus',
  ],
  translation: ['translat', 'language', 'multilingual', 'german', 'french', 'spanish', 'locali'],
  tool_use: ['tool', 'agent', 'function', 'api', 'call', 'action'],
  general: ['general', 'instruction', 'open', 'writ', 'creativ', 'advice', 'brainstorm'],
};

const stemsOf = (description: string): string[] =>
  description.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** The words of a description that begin with a keyword, each once. */
const matching = (words: readonly string[], starts: readonly string[]): string[] => [
  ...new Set(words.filter((word) => starts.some((start) => word.startsWith(start)))),
];

/** Of a template of the project: the longer words of its name, title and description. */
const ownKeywords = (name: string, { title, description }: TemplateContent): string[] =>
  stemsOf(`${name} ${title} ${description}`).filter((word) => word.length >= 5);
