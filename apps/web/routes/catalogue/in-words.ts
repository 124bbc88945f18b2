import type { MetricDescription } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';

const families: Record<string, string> = {
  text: 'Text',
  overlap: 'Overlap',
  structure: 'Structure',
  tools: 'Tools',
  usage: 'Cost and speed',
  embedding: 'Embeddings',
  judge: 'Judges',
  custom: 'Custom',
  composite: 'Composite',
};
/** A family as it is called on screen; one that is not known here by its own name. */
export const familyName = (family: string): string => families[family] ?? family;

const directions: Record<MetricDescription['direction'], string> = {
  higher: 'higher is better',
  lower: 'lower is better',
  none: 'neither is better',
};
export const directionInWords = ({ direction }: MetricDescription): string => directions[direction];

/** The values that a metric can give: "0 to 1", "true or false", "from 0". */
export function rangeInWords({ kind, range: { min, max } }: MetricDescription): string {
  if (kind === 'boolean') return 'true or false';
  if (kind === 'categorical') return 'a category';
  if (min !== null && max !== null) return `${bound(min)} to ${bound(max)}`;
  if (min !== null) return `from ${bound(min)}`;
  return max === null ? 'any number' : `up to ${bound(max)}`;
}

const bound = (value: number): string =>
  Number.isInteger(value) ? formatCount(value) : `${value}`;

const needs: Record<string, string> = {
  expected: 'expected',
  references: 'references',
  context: 'context',
  tools: 'tool calls',
  usage: 'usage',
};
/** What an item must have beside the output. */
export const needsInWords = (metric: MetricDescription): string =>
  metric.needs.map((need) => needs[need] ?? need).join(', ');

/**
 * The metrics in which every word of the text occurs: those first that are called so, then those of
 * which the catalogue says it elsewhere.
 */
export function findMetrics(
  metrics: readonly MetricDescription[],
  text: string,
): MetricDescription[] {
  const words = text.toLowerCase().split(/\s+/);
  const occurIn = (hay: string): boolean => words.every((word) => hay.toLowerCase().includes(word));
  const called = ({ name, title }: MetricDescription) => `${name} ${title}`;
  const found = metrics.filter((metric) => {
    const { description, family, kind } = metric;
    return occurIn(`${called(metric)} ${description} ${familyName(family)} ${kind}`);
  });
  return [
    ...found.filter((metric) => occurIn(called(metric))),
    ...found.filter((metric) => !occurIn(called(metric))),
  ];
}
