import { faultsOf, submitRun, type Json, type SubmitRun } from '#libs/contracts';
import { readEntries, readJson, type Entries } from '../../components/schema-form/entries.ts';
import type { Field } from '../../components/schema-form/schema.ts';
import {
  commonFields,
  modelFields,
  pathFields,
  settingFields,
  type Draft,
  type MetricDraft,
  type PromptDraft,
} from './draft.ts';

/** What is wrong with a part of a run, at the path that the server would name. */
export interface PlacedFault {
  field: string;
  message: string;
  /** Nothing stands there yet, which is no mistake while the form is being filled in. */
  missing: boolean;
}

export type JsonObject = Record<string, Json>;

/** The body of a run as far as the draft has it, and what is wrong with it or missing. */
export interface ReadDraft {
  /** As `POST /runs` takes it, with nothing in it that was left to its default. */
  body: JsonObject;
  /** The same, checked; undefined while it cannot be sent. */
  request: SubmitRun | undefined;
  faults: PlacedFault[];
}

/**
 * The run that a draft means.
 * @param fieldsOfMetric the parameters of a metric of the catalogue; undefined where there is none
 */
export function readDraft(
  draft: Draft,
  fieldsOfMetric: (metric: string) => readonly Field[] | undefined,
): ReadDraft {
  const faults = new Map<string, string>();
  /** Something stands there, though the body has nothing of it. */
  const unreadable = new Set<string>();
  const note = (field: string, message: string): void => {
    if (faults.has(field)) return;
    faults.set(field, message);
    if (message !== 'is needed') unreadable.add(field);
  };
  const metadata = draft.metadata.trim() === '' ? undefined : readJson(draft.metadata);
  if (metadata && 'fault' in metadata) note('metadata', metadata.fault);
  const body: JsonObject = {
    name: draft.name.trim(),
    ...datasetOf(draft.dataset),
    target: targetOf(draft.target, note),
    metrics: draft.metrics.map((metric, index) =>
      metricOf(metric, fieldsOfMetric(metric.metric), `metrics.${index}`, note),
    ),
    ...readInto(settingFields, draft.settings, '', note),
    ...(draft.tags.length > 0 && { tags: draft.tags }),
    ...(metadata && 'value' in metadata && { metadata: metadata.value }),
  };
  const parsed = submitRun.safeParse(body);
  for (const { path, message } of parsed.success ? [] : faultsOf(parsed.error)) {
    const field = path.join('.');
    if (!faults.has(field)) faults.set(field, message);
  }
  return {
    body,
    request: parsed.success && faults.size === 0 ? parsed.data : undefined,
    faults: [...faults].map(([field, message]) => {
      const missing = isEmptyAt(body, field) && !unreadable.has(field);
      return {
        field,
        message: missing && !message.startsWith('give') ? 'is needed' : message,
        missing,
      };
    }),
  };
}

type Note = (field: string, message: string) => void;

export function datasetOf({ id, version, splits, tags, keys }: Draft['dataset']): JsonObject {
  const filter = {
    ...(splits.length > 0 && { splits }),
    ...(tags.length > 0 && { tags }),
    ...(keys.length > 0 && { keys }),
  };
  return {
    ...(id !== '' && { datasetId: id }),
    ...(version !== undefined && { datasetVersion: version }),
    ...(Object.keys(filter).length > 0 && { filter }),
  };
}

export function targetOf(target: Draft['target'], note: Note = () => {}): JsonObject {
  const { kind, model, http, recorded } = target;
  switch (kind) {
    case 'model':
      return {
        kind,
        provider: model.provider,
        model: model.model.trim(),
        prompt: promptOf(model.prompt),
        ...readInto(modelFields, model.more, 'target.', note),
      };
    case 'http':
      return httpOf(http, note);
    case 'recorded': {
      const { from, recordingId, runId } = recorded;
      if (from === 'run') return { kind, ...(runId !== '' && { runId: runId.trim() }) };
      return { kind, ...(recordingId !== '' && { recordingId }) };
    }
    case 'client':
    default:
      return { kind };
  }
}

/** The prompt as a run, or the store of prompts, takes it. */
export function promptOf({ source, text, messages, promptId, version }: PromptDraft): JsonObject {
  if (source === 'text') return { text };
  if (source === 'messages') return { messages };
  return {
    ...(promptId !== '' && { promptId }),
    ...(version !== undefined && { version }),
  };
}

function httpOf(http: Draft['target']['http'], note: Note): JsonObject {
  const { url, method, headers, body, bodyIsText, paths } = http;
  const named = headers.filter(({ name, value }) => name !== '' || value !== '');
  for (const { name } of named) if (name === '') note('target.headers', 'a header has no name');
  const names = named.map(({ name }) => name.trim());
  if (new Set(names).size < names.length) note('target.headers', 'a header is given twice');
  const read = body.trim() === '' ? undefined : bodyIsText ? { value: body } : readJson(body);
  if (read && 'fault' in read) note('target.body', read.fault);
  return {
    kind: 'http',
    url: url.trim(),
    ...(method !== 'POST' && { method }),
    ...(named.length > 0 && {
      headers: Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])),
    }),
    ...(read && 'value' in read && { body: read.value }),
    ...readInto(pathFields, paths, 'target.', note),
  };
}

function metricOf(
  { metric, config, common }: MetricDraft,
  fields: readonly Field[] | undefined,
  path: string,
  note: Note,
): JsonObject {
  const given = fields ? readInto(fields, config, `${path}.config.`, note) : {};
  return {
    metric,
    ...(Object.keys(given).length > 0 && { config: given }),
    ...readInto(commonFields, common, `${path}.`, note),
  };
}

/** What a form holds; what cannot be read is noted under the path of the form's own value. */
function readInto(
  fields: readonly Field[],
  entries: Entries,
  prefix: string,
  note: Note,
): JsonObject {
  const value: JsonObject = {};
  for (const field of fields) {
    const read = readEntries([field], entries);
    if ('value' in read) Object.assign(value, read.value);
    else {
      for (const [name, fault] of Object.entries(read.faults)) {
        if (fault !== undefined) note(`${prefix}${name}`, fault);
      }
    }
  }
  return value;
}

/** Whether nothing stands at a path, such as `target.prompt.text`. */
function isEmptyAt(body: JsonObject, path: string): boolean {
  let value: Json | undefined = body;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return true;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
