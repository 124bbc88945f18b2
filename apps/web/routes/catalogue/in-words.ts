import type { MetricDescription } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';

const families: Record<string, string> = {
  text: 'Text',
  overlap: 'Overlap',
  structure: 'Structure',
  tools: 'Tools',
  usage: 'Cost and speed',
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

/** Whether every word of the text occurs somewhere in what the catalogue says of the metric. */
export function matches(metric: MetricDescription, text: string): boolean {
  const { name, title, description, family, kind } = metric;
  const hay = `${name} ${title} ${description} ${familyName(family)} ${kind}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
