import { z } from 'zod';
import { httpTarget, metricSpec, modelTarget, promptMessage, submitRun } from '#libs/contracts';
import type { Entry } from '../../components/schema-form/entries.ts';
import { fieldsOf } from '../../components/schema-form/schema.ts';

/** What stands in a form of a schema, as session storage gives it back. */
const entry: z.ZodType<Entry> = z.lazy(() =>
  z.union([z.string(), z.boolean(), z.array(z.string()), entries]),
);
const entries: z.ZodType<Record<string, Entry | undefined>> = z.record(
  z.string(),
  entry.optional(),
);

/** A prompt as it is being written; what stands in one form stays while another is looked at. */
const promptDraft = z.object({
  source: z.enum(['text', 'messages', 'saved']),
  text: z.string(),
  messages: z.array(promptMessage),
  promptId: z.string(),
  /** Undefined: the latest. */
  version: z.number().optional(),
});
export type PromptDraft = z.infer<typeof promptDraft>;

const metricDraft = z.object({
  /** Tells metrics of the draft apart, also while two have the same name. */
  id: z.number(),
  metric: z.string(),
  config: entries,
  /** What every metric can be given beside its configuration. */
  common: entries,
});
export type MetricDraft = z.infer<typeof metricDraft>;

const header = z.object({ name: z.string(), value: z.string() });
export type HeaderDraft = z.infer<typeof header>;

export const targetKinds = ['model', 'http', 'recorded', 'client'] as const;
export type TargetKind = (typeof targetKinds)[number];

/**
 * A run as it is being put together: everything that a person has entered, also what cannot be
 * submitted yet, and what belongs to kinds of targets that are not chosen now.
 */
export const draft = z.object({
  name: z.string(),
  dataset: z.object({
    id: z.string(),
    /** Undefined: the latest, whichever it is when the run is submitted. */
    version: z.number().optional(),
    splits: z.array(z.string()),
    tags: z.array(z.string()),
    keys: z.array(z.string()),
  }),
  target: z.object({
    kind: z.enum(targetKinds),
    model: z.object({
      provider: z.string(),
      model: z.string(),
      prompt: promptDraft,
      more: entries,
    }),
    http: z.object({
      url: z.string(),
      method: httpTarget.shape.method.unwrap(),
      headers: z.array(header),
      body: z.string(),
      /** Whether the body is a text as it stands, and not JSON whose texts are templates. */
      bodyIsText: z.boolean(),
      paths: entries,
    }),
    recorded: z.object({
      from: z.enum(['recording', 'run']),
      recordingId: z.string(),
      runId: z.string(),
    }),
  }),
  metrics: z.array(metricDraft),
  settings: entries,
  tags: z.array(z.string()),
  /** JSON; empty: none. */
  metadata: z.string(),
});
export type Draft = z.infer<typeof draft>;

export const emptyPrompt: PromptDraft = {
  source: 'text',
  text: '',
  messages: [
    { role: 'system', content: '' },
    { role: 'user', content: '' },
  ],
  promptId: '',
};

export const emptyDraft: Draft = {
  name: '',
  dataset: { id: '', splits: [], tags: [], keys: [] },
  target: {
    kind: 'model',
    model: { provider: '', model: '', prompt: emptyPrompt, more: {} },
    http: { url: '', method: 'POST', headers: [], body: '', bodyIsText: false, paths: {} },
    recorded: { from: 'recording', recordingId: '', runId: '' },
  },
  metrics: [],
  settings: {},
  tags: [],
  metadata: '',
};

/** The forms that come straight from the contract. */
export const modelFields = fieldsOf(
  z.toJSONSchema(
    modelTarget.pick({
      parameters: true,
      responseSchema: true,
      tools: true,
      toolChoice: true,
      prices: true,
    }),
    { io: 'input' },
  ),
);
export const pathFields = fieldsOf(
  z.toJSONSchema(
    httpTarget.pick({
      outputPath: true,
      contextPath: true,
      toolCallsPath: true,
      inputTokensPath: true,
      outputTokensPath: true,
      costUsdPath: true,
      traceIdPath: true,
    }),
    { io: 'input' },
  ),
);
export const settingFields = fieldsOf(
  z.toJSONSchema(
    submitRun.pick({
      repeats: true,
      concurrency: true,
      maxCostUsd: true,
      maxDurationMs: true,
      timeoutMs: true,
      maxRetries: true,
      cache: true,
    }),
    { io: 'input' },
  ),
);
export const commonFields = fieldsOf(
  z.toJSONSchema(
    metricSpec.pick({
      name: true,
      threshold: true,
      output: true,
      expected: true,
      extract: true,
      reducer: true,
    }),
    { io: 'input' },
  ),
);

/** A number that no metric of the draft has. */
export const nextMetricId = (metrics: readonly MetricDraft[]): number =>
  Math.max(0, ...metrics.map(({ id }) => id)) + 1;
