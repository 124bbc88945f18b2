import { comparisonOptions, type ComparisonOptions } from '#libs/contracts';
import type { CompareSearch } from './search.ts';

/** The options as they stand in the form: everything is there, and numbers are as they were typed. */
export interface Draft {
  metrics: string[];
  usage: boolean;
  splits: string[];
  tags: string[];
  /** Lines such as `source=web`: a path of the metadata and a value. */
  metadata: string[];
  confidence: string;
  margins: Record<string, string>;
  differences: Record<string, string>;
  sliceBy: string[];
  clusterBy: string;
  resample: boolean;
  resampleSlices: boolean;
  seed: string;
}

const texts = (numbers: Record<string, number> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(numbers ?? {}).map(([name, value]) => [name, String(value)]));

export function draftOf(search: CompareSearch): Draft {
  const { filter } = search;
  return {
    metrics: search.metrics ?? [],
    usage: search.usage ?? true,
    splits: filter?.splits ?? [],
    tags: filter?.tags ?? [],
    metadata: Object.entries(filter?.metadata ?? {}).flatMap(([path, values]) =>
      values.map((value) => `${path}=${value}`),
    ),
    confidence: String(search.confidence ?? 0.95),
    margins: texts(search.margins),
    differences: texts(search.differences),
    sliceBy: search.sliceBy ?? [],
    clusterBy: search.clusterBy ?? '',
    resample: search.resample ?? true,
    resampleSlices: search.resampleSlices ?? false,
    seed: String(search.seed ?? 1),
  };
}

type Applied = Pick<
  CompareSearch,
  Exclude<keyof ComparisonOptions & keyof CompareSearch, 'filter'> | 'filter'
>;

/** What of the options an address says, the defaults left out; or what is wrong, field by field. */
export function readDraft(draft: Draft): { search: Applied } | { faults: Record<string, string> } {
  const metadata = readMetadata(draft.metadata);
  const filter = {
    ...(draft.splits.length > 0 && { splits: draft.splits }),
    ...(draft.tags.length > 0 && { tags: draft.tags }),
    ...(Object.keys(metadata.value).length > 0 && { metadata: metadata.value }),
  };
  const parsed = comparisonOptions.safeParse({
    ...(draft.metrics.length > 0 && { metrics: draft.metrics }),
    usage: draft.usage,
    ...(Object.keys(filter).length > 0 && { filter }),
    confidence: numberOf(draft.confidence),
    margins: numbersOf(draft.margins),
    differences: numbersOf(draft.differences),
    sliceBy: draft.sliceBy,
    ...(draft.clusterBy.trim() !== '' && { clusterBy: draft.clusterBy.trim() }),
    resample: draft.resample,
    resampleSlices: draft.resampleSlices,
    seed: numberOf(draft.seed),
  });
  const faults: Record<string, string> = { ...metadata.faults };
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [field = '', name] = path.map(String);
    const isByMetric = field === 'margins' || field === 'differences';
    faults[isByMetric && name !== undefined ? `${field}.${name}` : field] ??= message;
  }
  if (!parsed.success || Object.keys(faults).length > 0) return { faults };
  const { data } = parsed;
  return {
    search: {
      metrics: data.metrics,
      usage: data.usage ? undefined : false,
      filter: data.filter,
      confidence: data.confidence === 0.95 ? undefined : data.confidence,
      margins: Object.keys(data.margins).length > 0 ? data.margins : undefined,
      differences: Object.keys(data.differences).length > 0 ? data.differences : undefined,
      sliceBy: data.sliceBy.length > 0 ? data.sliceBy : undefined,
      clusterBy: data.clusterBy,
      resample: data.resample ? undefined : false,
      resampleSlices: data.resampleSlices ? true : undefined,
      seed: data.seed === 1 ? undefined : data.seed,
    },
  };
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** What nothing is typed for is left out. */
const numbersOf = (texts: Record<string, string>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([, text]) => text.trim() !== '')
      .map(([name, text]) => [name, Number(text)]),
  );

function readMetadata(lines: readonly string[]) {
  const value: Record<string, (string | number | boolean)[]> = {};
  const faults: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf('=');
    const path = line
      .slice(0, Math.max(0, at))
      .trim()
      .replace(/^metadata\./, '');
    if (path === '') {
      faults.metadata = `"${line}" must be a path and a value, such as source=web`;
      continue;
    }
    (value[path] ??= []).push(valueOf(line.slice(at + 1).trim()));
  }
  return { value, faults };
}

/** A number, yes or no as such; "1" in quotes as text. */
function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  return text.replace(/^"(.*)"$/, '$1');
}

/** How many options are not as they are where nothing is said. */
export const countSet = (search: CompareSearch): number => {
  const read = readDraft(draftOf(search));
  return 'search' in read
    ? Object.values(read.search).filter((value) => value !== undefined).length
    : 0;
};
