import { z } from 'zod';
import {
  json,
  metricCase,
  metricSpec,
  type Json,
  type MetricDescription,
  type MetricSpec,
} from '#libs/contracts';
import {
  entriesOf,
  readEntries,
  readJson,
  type Entries,
  type Faults,
} from '../../components/schema-form/entries.ts';
import { fieldsOf, type Field } from '../../components/schema-form/schema.ts';

/** A value that a person types, as it stands or as JSON. */
export interface Typed {
  text: string;
  json: boolean;
}

/** Everything that stands in the form. */
export interface Trial {
  config: Entries;
  /** What every metric can be given beside its configuration. */
  common: Entries;
  input: Typed;
  output: Typed;
  expected: Typed;
  context: Typed;
  usage: Entries;
  toolCalls: string;
  metadata: string;
}

const common = metricSpec.pick({ extract: true, output: true, expected: true, threshold: true });
export const commonFields = fieldsOf(z.toJSONSchema(common, { io: 'input' }));
export const usageFields = fieldsOf(
  z.toJSONSchema(metricCase.shape.usage.unwrap(), { io: 'input' }),
);

const nothing: Typed = { text: '', json: false };
const typed = (value: Json | undefined): Typed => {
  if (value === undefined) return nothing;
  if (typeof value === 'string') return { text: value, json: false };
  return { text: JSON.stringify(value, null, 2), json: true };
};
const record = z.record(z.string(), json).catch({});

/** The form as an example fills it. */
export function trialOf(
  fields: readonly Field[],
  example: MetricDescription['examples'][number] | undefined,
): Trial {
  const item = example?.item ?? {};
  const { toolCalls, metadata } = item;
  return {
    config: entriesOf(fields, example?.config ?? {}),
    common: {},
    input: typed(item.input ?? undefined),
    output: typed(item.output),
    expected: typed(item.expected),
    context: typed(item.context),
    usage: entriesOf(usageFields, record.parse(item.usage)),
    toolCalls: toolCalls === undefined ? '' : JSON.stringify(toolCalls, null, 2),
    metadata: metadata === undefined ? '' : JSON.stringify(metadata, null, 2),
  };
}

/** What is wrong in the form, part by part. */
export interface TrialFaults {
  config: Faults;
  common: Faults;
  usage: Faults;
  item: Faults;
}
export const noFaults: TrialFaults = { config: {}, common: {}, usage: {}, item: {} };

interface Request {
  metric: MetricSpec;
  item: z.input<typeof metricCase>;
}

/** The call that the form makes, or what in it cannot be read. */
export function readTrial(
  name: string,
  fields: readonly Field[],
  trial: Trial,
): Request | { faults: TrialFaults } {
  const spec = readSpec(name, fields, trial);
  const usage = readEntries(usageFields, trial.usage);
  const item: Record<string, Json> = {};
  const itemFaults: Record<string, string> = {};
  for (const name of ['input', 'output', 'expected', 'context'] as const) {
    const { text, json } = trial[name];
    // An output always is there, if an empty one; the others are left out where nothing stands.
    if (text === '' && name !== 'output') continue;
    const read = json ? readJson(text) : { value: text };
    if ('fault' in read) itemFaults[name] = read.fault;
    else item[name] = read.value;
  }
  for (const name of ['toolCalls', 'metadata'] as const) {
    if (trial[name].trim() === '') continue;
    const read = readJson(trial[name]);
    if ('fault' in read) itemFaults[name] = read.fault;
    else item[name] = read.value;
  }
  if ('value' in usage && Object.keys(usage.value).length > 0) item.usage = usage.value;
  const parsed = metricCase.safeParse(item);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const [name, ...deeper] = path.map(String);
      const where = deeper.length > 0 ? `${deeper.join('.')}: ` : '';
      itemFaults[name ?? 'output'] ??= `${where}${message}`;
    }
  }
  const usageFaults = 'faults' in usage ? usage.faults : {};
  if ('faults' in spec || 'faults' in usage || Object.keys(itemFaults).length > 0) {
    const specFaults = 'faults' in spec ? spec.faults : { config: {}, common: {} };
    return { faults: { ...specFaults, usage: usageFaults, item: itemFaults } };
  }
  return { metric: spec, item: parsed.success ? parsed.data : { output: '' } };
}

/** The metric as a run takes it. */
export function readSpec(
  name: string,
  fields: readonly Field[],
  trial: Pick<Trial, 'config' | 'common'>,
): MetricSpec | { faults: Pick<TrialFaults, 'config' | 'common'> } {
  const config = readEntries(fields, trial.config);
  const shared = readEntries(commonFields, trial.common);
  if ('faults' in config || 'faults' in shared) {
    return {
      faults: {
        config: 'faults' in config ? config.faults : {},
        common: 'faults' in shared ? shared.faults : {},
      },
    };
  }
  const parsed = metricSpec.safeParse({
    metric: name,
    ...(Object.keys(config.value).length > 0 && { config: config.value }),
    ...shared.value,
  });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [
    path.map(String).join('.'),
    message,
  ]);
  return { faults: { config: {}, common: Object.fromEntries(faults) } };
}
