import { Button, Checkbox, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, Copy, Play } from 'lucide-react';
import { useClipboard } from '@mantine/hooks';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import type { MetricDescription } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { faultsAt } from '../../components/schema-form/entries.ts';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import type { Field } from '../../components/schema-form/schema.ts';
import { client } from '../../queries/client.ts';
import { providersQuery } from '../../queries/providers.ts';
import { Result } from './result.tsx';
import {
  commonFields,
  noFaults,
  readSpec,
  readTrial,
  trialOf,
  usageFields,
  type Trial,
  type TrialFaults,
  type Typed,
} from './trial.ts';
import styles from './try-it.module.css';

export interface TryItProps {
  metric: MetricDescription;
  fields: readonly Field[];
  /** What the form is filled with at first. */
  example: MetricDescription['examples'][number] | undefined;
  /** Whether a person has just chosen the example: the form then comes into view. */
  chosen: boolean;
  mayTry: boolean;
}

/** Configures the metric and scores one case that is typed here; nothing is stored. */
export function TryIt({ metric, fields, example, chosen, mayTry }: TryItProps) {
  const [trial, setTrial] = useState(() => trialOf(fields, example));
  const [own, setOwn] = useState<TrialFaults>(noFaults);
  const attempt = useMutation({
    mutationFn: (body: Parameters<typeof client.tryMetric>[0]['body']) =>
      client.tryMetric({ body }),
  });
  const set = (change: Partial<Trial>): void => {
    setTrial((before) => ({ ...before, ...change }));
    setOwn(noFaults);
    // A result beside another form than the one that it came from would be a lie.
    if (!attempt.isIdle) attempt.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = readTrial(metric.name, fields, trial);
    if ('faults' in read) {
      attempt.reset();
      setOwn(read.faults);
    } else {
      setOwn(noFaults);
      attempt.mutate(read);
    }
  };
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (chosen) form.current?.querySelector('textarea')?.focus();
  }, [chosen]);

  const result = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    if (attempt.isSuccess) result.current?.scrollIntoView({ block: 'nearest' });
  }, [attempt.isSuccess]);

  const { faults, placed } = sorted(attempt.error, fields, own);
  const wantsUsage = metric.needs.includes('usage');
  // Some metrics look at them where they are there, and do not need them.
  const wantsTools = metric.needs.includes('tools') || isShown(metric, 'toolCalls');
  const wantsContext = metric.needs.includes('context') || isShown(metric, 'context');
  const asksModel = fields.some(({ fields }) => fields.some(({ name }) => name === 'provider'));
  const providers = useQuery({ ...providersQuery, enabled: asksModel });
  const choices = { 'model.provider': providers.data };
  const moreUsed = trial.metadata !== '';
  return (
    <section aria-labelledby="try-it" className={styles.box}>
      <h2 id="try-it">Try it</h2>
      {!mayTry && (
        <p className={styles.soft}>
          Your key only reads: trying a metric needs the key of an editor.
        </p>
      )}
      {mayTry && metric.family === 'judge' && (
        <p className={styles.soft}>
          Scoring asks the model that the configuration names, one of the project’s providers, at
          its price.
        </p>
      )}
      <form ref={form} onSubmit={submit} noValidate className={styles.form}>
        <TypedField
          label="Output"
          value={trial.output}
          fault={faults.item.output}
          onChange={(output) => set({ output })}
        />
        <TypedField
          label="Expected"
          value={trial.expected}
          fault={faults.item.expected}
          onChange={(expected) => set({ expected })}
        />
        <TypedField
          label="Input"
          value={trial.input}
          fault={faults.item.input}
          onChange={(input) => set({ input })}
        />
        {wantsContext && (
          <TypedField
            label="Context"
            value={trial.context}
            fault={faults.item.context}
            onChange={(context) => set({ context })}
          />
        )}
        {wantsUsage && (
          <fieldset className={styles.part}>
            <legend>Usage</legend>
            <SchemaForm
              fields={usageFields}
              entries={trial.usage}
              faults={faults.usage}
              onChange={(name, entry) => set({ usage: { ...trial.usage, [name]: entry } })}
            />
          </fieldset>
        )}
        {wantsTools && (
          <JsonField
            label="Tool calls"
            about="JSON: a list of objects with name and arguments"
            value={trial.toolCalls}
            fault={faults.item.toolCalls}
            onChange={(toolCalls) => set({ toolCalls })}
          />
        )}
        {fields.length > 0 && (
          <fieldset className={styles.part}>
            <legend>Configuration</legend>
            <SchemaForm
              fields={fields}
              entries={trial.config}
              faults={faults.config}
              choices={choices}
              onChange={(name, entry) => set({ config: { ...trial.config, [name]: entry } })}
            />
          </fieldset>
        )}
        <details className={styles.more} open={moreUsed || undefined}>
          <summary>What is scored, and when it passes</summary>
          <div className={styles.moreBody}>
            <SchemaForm
              fields={commonFields}
              entries={trial.common}
              faults={faults.common}
              onChange={(name, entry) => set({ common: { ...trial.common, [name]: entry } })}
            />
            <JsonField
              label="Metadata of the item"
              about="JSON: an object"
              value={trial.metadata}
              fault={faults.item.metadata}
              onChange={(metadata) => set({ metadata })}
            />
          </div>
        </details>
        <div className={styles.buttons}>
          <Button
            type="submit"
            size="xs"
            leftSection={<Play size={14} aria-hidden />}
            disabled={!mayTry || attempt.isPending}
          >
            {attempt.isPending ? 'Scoring…' : 'Score it'}
          </Button>
          <CopySpec metric={metric.name} fields={fields} trial={trial} onFaults={setOwn} />
        </div>
      </form>
      <output ref={result} className={styles.result} aria-live="polite">
        {attempt.data && <Result score={attempt.data} />}
        {countOf(faults) > 0 && placed && (
          <p className={styles.fault}>
            {countOf(faults) === 1 ? 'One field is' : `${countOf(faults)} fields are`} not right
            yet.
          </p>
        )}
      </output>
      {attempt.isError && !placed && <ProblemPanel error={attempt.error} doing="score this" />}
    </section>
  );
}

const isShown = ({ examples }: MetricDescription, name: 'toolCalls' | 'context'): boolean =>
  examples.some(({ item }) => item[name] !== undefined);

const countOf = (faults: TrialFaults): number =>
  Object.values(faults).reduce((sum, part) => sum + Object.keys(part).length, 0);

/** Faults that were found here, or that the server named; `placed`: whether every one has its field. */
function sorted(error: unknown, fields: readonly Field[], own: TrialFaults) {
  if (!(error instanceof ApiError)) return { faults: own, placed: error === null };
  const config = faultsAt('metric.config', fields, error.errors);
  const common = faultsAt('metric', commonFields, config.rest);
  const usage = faultsAt('item.usage', usageFields, common.rest);
  const item = faultsAt('item', itemFields, usage.rest);
  return {
    faults: {
      config: config.faults,
      common: common.faults,
      usage: usage.faults,
      item: item.faults,
    },
    placed: error.errors.length > 0 && item.rest.length === 0,
  };
}

const itemFields = ['input', 'output', 'expected', 'context', 'toolCalls', 'metadata'].map(
  (name): Field => ({
    name,
    kind: 'json',
    type: '',
    limits: '',
    description: undefined,
    required: false,
    fallback: undefined,
    options: [],
    fields: [],
    long: false,
    example: undefined,
  }),
);

function TypedField(props: {
  label: string;
  value: Typed;
  fault: string | undefined;
  onChange: (value: Typed) => void;
}) {
  const { label, value, fault, onChange } = props;
  return (
    <div className={styles.typed}>
      <Textarea
        size="xs"
        label={label}
        autosize
        minRows={1}
        maxRows={12}
        spellCheck={false}
        error={fault}
        classNames={{ input: value.json ? styles.code : '' }}
        value={value.text}
        onChange={({ currentTarget }) => onChange({ ...value, text: currentTarget.value })}
      />
      <Checkbox
        size="xs"
        className={styles.asJson}
        label="JSON"
        aria-label={`${label} is JSON`}
        checked={value.json}
        onChange={({ currentTarget }) => onChange({ ...value, json: currentTarget.checked })}
      />
    </div>
  );
}

function JsonField(props: {
  label: string;
  about: string;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
}) {
  return (
    <Textarea
      size="xs"
      label={props.label}
      description={props.about}
      autosize
      minRows={2}
      maxRows={12}
      spellCheck={false}
      error={props.fault}
      classNames={{ input: styles.code }}
      value={props.value}
      onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
    />
  );
}

/** The metric as it stands here, to be put among the metrics of a run. */
function CopySpec(props: {
  metric: string;
  fields: readonly Field[];
  trial: Trial;
  onFaults: (faults: TrialFaults) => void;
}) {
  const clipboard = useClipboard({ timeout: 1500 });
  const copy = (): void => {
    const spec = readSpec(props.metric, props.fields, props.trial);
    if ('faults' in spec) props.onFaults({ ...noFaults, ...spec.faults });
    else clipboard.copy(JSON.stringify(spec, null, 2));
  };
  const Icon = clipboard.copied ? Check : Copy;
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<Icon size={14} aria-hidden />}
      title="The metric with this configuration, for the metrics of a run"
      onClick={copy}
    >
      {clipboard.copied ? 'Copied' : 'Copy as JSON'}
    </Button>
  );
}
