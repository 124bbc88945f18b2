import type {
  Json,
  MetricSpec,
  PromptSource,
  Run,
  SubmitRun,
  Target,
  TemplateContent,
} from '#libs/contracts';
import { entriesOf } from '../../components/schema-form/entries.ts';
import type { Field } from '../../components/schema-form/schema.ts';
import {
  commonFields,
  emptyDraft,
  emptyPrompt,
  modelFields,
  pathFields,
  settingFields,
  type Draft,
  type MetricDraft,
  type PromptDraft,
} from './draft.ts';

type FieldsOfMetric = (metric: string) => readonly Field[] | undefined;

/** The draft that means this run: the opposite of `readDraft`. */
export function draftOf(request: SubmitRun, fieldsOfMetric: FieldsOfMetric): Draft {
  const { filter = {}, metadata, ...run } = request;
  return {
    name: run.name,
    dataset: {
      id: run.datasetId,
      ...(run.datasetVersion !== undefined && { version: run.datasetVersion }),
      splits: filter.splits ?? [],
      tags: filter.tags ?? [],
      keys: filter.keys ?? [],
    },
    target: targetDraft(run.target),
    metrics: metricDrafts(run.metrics, fieldsOfMetric),
    settings: entriesOf(settingFields, withoutDefaults(toJson(run))),
    tags: run.tags,
    metadata: Object.keys(metadata).length === 0 ? '' : JSON.stringify(metadata, null, 2),
  };
}

/**
 * The draft of a run like an earlier one; its metadata says which.
 * @param keepsPrompt whether the prompt that the run names is still there; else its text is used
 */
export function draftOfRun(run: Run, keepsPrompt: boolean, fieldsOfMetric: FieldsOfMetric): Draft {
  const { target, filter, maxCostUsd, maxDurationMs } = run;
  const { promptId, version, content } =
    target.kind === 'model' ? target.prompt : { content: { text: '' } };
  const prompt: PromptSource =
    keepsPrompt && promptId !== undefined
      ? { promptId, ...(version !== undefined && { version }) }
      : content;
  return draftOf(
    {
      ...run,
      filter: filter ?? undefined,
      target: target.kind === 'model' ? { ...target, prompt } : target,
      maxCostUsd: maxCostUsd ?? undefined,
      maxDurationMs: maxDurationMs ?? undefined,
      metadata: { ...run.metadata, clonedFrom: run.id },
    },
    fieldsOfMetric,
  );
}

/** A draft with what a template holds in place of its own; the dataset and the model stay. */
export function withTemplate(
  draft: Draft,
  content: TemplateContent,
  fieldsOfMetric: FieldsOfMetric,
): Draft {
  const { prompt, parameters, responseSchema, tools, metrics, repeats, concurrency } = content;
  const { model } = draft.target;
  return {
    ...draft,
    name: draft.name === '' ? content.title : draft.name,
    target: {
      ...draft.target,
      // Outputs that exist, or come from elsewhere, are scored by its metrics all the same.
      model: {
        ...model,
        prompt: promptDraftOf(prompt),
        more: entriesOf(
          modelFields,
          toJson({
            ...(Object.keys(parameters).length > 0 && { parameters }),
            ...(responseSchema && { responseSchema }),
            ...(tools && { tools }),
          }),
        ),
      },
    },
    metrics: metricDrafts(metrics, fieldsOfMetric),
    settings: {
      ...draft.settings,
      ...entriesOf(settingFields, withoutDefaults({ repeats, concurrency })),
    },
  };
}

function targetDraft(target: Target): Draft['target'] {
  const none = emptyDraft.target;
  switch (target.kind) {
    case 'model': {
      const { kind, provider, model, prompt, ...more } = target;
      return {
        ...none,
        kind,
        model: {
          provider,
          model,
          prompt: promptDraftOf(prompt),
          more: entriesOf(modelFields, toJson(more)),
        },
      };
    }
    case 'http': {
      const { kind, url, method, headers = {}, body, ...paths } = target;
      const bodyIsText = typeof body === 'string';
      return {
        ...none,
        kind,
        http: {
          url,
          method,
          headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
          body:
            typeof body === 'string'
              ? body
              : body === undefined
                ? ''
                : JSON.stringify(body, null, 2),
          bodyIsText,
          paths: entriesOf(pathFields, toJson(paths)),
        },
      };
    }
    case 'recorded': {
      const { kind, recordingId = '', runId = '' } = target;
      const from = runId === '' ? 'recording' : 'run';
      return { ...none, kind, recorded: { from, recordingId, runId } };
    }
    case 'client':
    default:
      return { ...none, kind: target.kind };
  }
}

export function promptDraftOf(prompt: PromptSource): PromptDraft {
  if ('text' in prompt) return { ...emptyPrompt, source: 'text', text: prompt.text };
  if ('messages' in prompt) {
    return { ...emptyPrompt, source: 'messages', messages: prompt.messages };
  }
  const { promptId, version } = prompt;
  return {
    ...emptyPrompt,
    source: 'saved',
    promptId,
    ...(version !== undefined && { version }),
  };
}

/** Metrics as their forms hold them. */
export const metricDrafts = (
  specs: readonly MetricSpec[],
  fieldsOfMetric: FieldsOfMetric,
): MetricDraft[] =>
  specs.map((spec, index) => ({
    id: index + 1,
    metric: spec.metric,
    config: entriesOf(fieldsOfMetric(spec.metric) ?? [], spec.config ?? {}),
    common: entriesOf(commonFields, toJson({ ...spec, ...ownName(spec) })),
  }));

/** A metric that bears its own name has not been given one. */
const ownName = ({ metric, name }: MetricSpec) => (name === metric ? { name: undefined } : {});

const toJson = (value: object): Record<string, Json> => JSON.parse(JSON.stringify(value));

/** What a run has anyway does not have to stand in the form. */
const withoutDefaults = (value: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(
    settingFields.flatMap(({ name, fallback }) => {
      const given = value[name];
      return given === undefined || given === fallback ? [] : [[name, given]];
    }),
  );
