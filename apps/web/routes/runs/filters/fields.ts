import {
  parseMeanRange,
  runStates,
  targetKinds,
  type RunFacets,
  type TargetKind,
} from '#libs/contracts';
import { stateNames } from '../../../components/run-state.tsx';
import { formatDay } from '../../../format/time.ts';
import type { RunsSearch } from '../search.ts';

/** What the list can be filtered by, beside the name. */
export const filterFields = [
  'state',
  'dataset',
  'target',
  'model',
  'tag',
  'mean',
  'created',
  'by',
] as const;
export type FilterField = (typeof filterFields)[number];

export const fieldNames: Record<FilterField, string> = {
  state: 'State',
  dataset: 'Dataset',
  target: 'Target',
  model: 'Model',
  tag: 'Tag',
  mean: 'Mean of a metric',
  created: 'Created',
  by: 'Made by',
};

export const targetNames: Record<TargetKind, string> = {
  recorded: 'recorded outputs',
  model: 'a model',
  http: 'an endpoint',
  client: 'own code',
};

export const periodNames = {
  '1d': 'the last 24 hours',
  '7d': 'the last 7 days',
  '30d': 'the last 30 days',
  '90d': 'the last 90 days',
} as const;

/** Fields of which any of some values is chosen. */
export type ListField = Exclude<FilterField, 'mean' | 'created'>;

export interface Option {
  value: string;
  label: string;
}

const same = (value: string): Option => ({ value, label: value });

/** What there is to choose from. */
export function optionsOf(field: ListField, facets: RunFacets | undefined): Option[] {
  switch (field) {
    case 'state':
      return runStates.map((value) => ({ value, label: stateNames[value] }));
    case 'target':
      return targetKinds.map((value) => ({ value, label: targetNames[value] }));
    case 'dataset':
      return facets?.datasets.map(({ id, name }) => ({ value: id, label: name })) ?? [];
    case 'by':
      return facets?.createdBy.map(({ keyId, name }) => ({ value: keyId, label: name })) ?? [];
    case 'model':
      return facets?.models.map(same) ?? [];
    case 'tag':
      return facets?.tags.map(same) ?? [];
    default:
      return [];
  }
}

const anyOf = (labels: readonly string[]): string =>
  labels.length > 3
    ? `${labels.slice(0, 2).join(', ')} or ${labels.length - 2} others`
    : labels.join(' or ');

/** What a filter says, behind its name; undefined where it says nothing. */
export function inWords(
  field: FilterField,
  search: RunsSearch,
  facets: RunFacets | undefined,
): string | undefined {
  if (field === 'mean') return search.mean?.map(meanInWords).join(', ');
  if (field === 'created') return createdInWords(search);
  const options = new Map(optionsOf(field, facets).map(({ value, label }) => [value, label]));
  const chosen = search[field];
  return chosen && anyOf(chosen.map((value) => options.get(value) ?? value));
}

export function meanInWords(given: string): string {
  const range = parseMeanRange(given);
  if (!range) return given;
  const { metric, min, max } = range;
  if (min !== undefined && max !== undefined) return `${metric} from ${min} to ${max}`;
  return min === undefined ? `${metric} at most ${max}` : `${metric} at least ${min}`;
}

function createdInWords({ last, from, to }: RunsSearch): string | undefined {
  if (from !== undefined && to !== undefined) return `${formatDay(from)} to ${formatDay(to)}`;
  if (from !== undefined) return `since ${formatDay(from)}`;
  if (to !== undefined) return `until ${formatDay(to)}`;
  return last && periodNames[last];
}

/** The search without a filter. */
export function without(field: FilterField, search: RunsSearch): RunsSearch {
  if (field === 'created') return { ...search, last: undefined, from: undefined, to: undefined };
  return { ...search, [field]: undefined };
}
