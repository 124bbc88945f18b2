import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { MetricDescription, Template } from '#libs/contracts';
import { groupOf } from '../../components/schema-form/entries.ts';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import type { Field } from '../../components/schema-form/schema.ts';
import { providersQuery } from '../../queries/providers.ts';
import { recommendationQuery, templatesQuery } from '../../queries/templates.ts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { directionInWords, familyName, needsInWords, rangeInWords } from '../catalogue/in-words.ts';
import { commonFields, nextMetricId, type Draft, type MetricDraft } from './draft.ts';
import { metricDrafts } from './from-request.ts';
import { MetricPicker } from './metric-picker.tsx';
import { useNewRun } from './new-run-context.ts';
import styles from './new-run.module.css';

/** How outputs are scored: metrics with their configuration, and the models that judges ask. */
export function MetricFields() {
  const { draft, update, metrics, faultAt } = useNewRun();
  const [picking, setPicking] = useState(false);
  const recommended = useRecommended();
  const add = (specs: Parameters<typeof metricDrafts>[0]): void =>
    update((before) => ({ ...before, metrics: [...before.metrics, ...added(before, specs)] }));
  const { fieldsOfMetric } = useNewRun();
  const added = (before: Draft, specs: Parameters<typeof metricDrafts>[0]): MetricDraft[] => {
    const first = nextMetricId(before.metrics);
    return metricDrafts(specs, fieldsOfMetric).map((one, index) => ({ ...one, id: first + index }));
  };
  const open = recommended.filter(
    ({ spec }) => !draft.metrics.some(({ metric }) => metric === spec.metric),
  );
  const fault = faultAt('metrics');
  return (
    <div className={styles.fields}>
      {open.length > 0 && (
        <fieldset className={styles.chips}>
          <legend>Recommended for this dataset</legend>
          {open.map(({ spec, title, why }) => (
            <Button
              key={spec.metric}
              variant="default"
              size="compact-xs"
              title={why}
              leftSection={<Plus size={13} aria-hidden />}
              onClick={() => add([spec])}
            >
              {title}
            </Button>
          ))}
        </fieldset>
      )}
      <JudgeModel />
      {draft.metrics.length > 0 && (
        <ol className={styles.metrics} aria-label="Metrics of this run">
          {draft.metrics.map((metric, index) => (
            <MetricForm
              key={metric.id}
              metric={metric}
              index={index}
              description={metrics.find(({ name }) => name === metric.metric)}
            />
          ))}
        </ol>
      )}
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
      <Button
        size="xs"
        variant={draft.metrics.length === 0 ? 'filled' : 'default'}
        className={styles.add}
        leftSection={<Plus size={14} aria-hidden />}
        onClick={() => setPicking(true)}
      >
        Add metrics
      </Button>
      {picking && (
        <MetricPicker
          recommended={recommended.map(({ spec, why }) => ({ metric: spec.metric, why }))}
          onAdd={(metric) => add([{ metric }])}
          onClose={() => setPicking(false)}
        />
      )}
    </div>
  );
}

interface Recommended {
  spec: Template['content']['metrics'][number];
  title: string;
  why: string;
}

/** Templates looked at; the first fits best. */
const templatesAsked = 2;

/** The metrics of the templates that fit the dataset best. */
function useRecommended(): Recommended[] {
  const { draft, metrics } = useNewRun();
  const datasetId = draft.dataset.id;
  const fitting = useQuery({ ...recommendationQuery(datasetId), enabled: datasetId !== '' });
  const templates = useInfiniteQuery(templatesQuery(false));
  const known = templates.data?.pages.flatMap(({ items }) => items) ?? [];
  const found = new Map<string, Recommended>();
  for (const { id } of fitting.data?.filter(({ score }) => score > 0).slice(0, templatesAsked) ??
    []) {
    const template = known.find((one) => one.id === id);
    for (const spec of template?.content.metrics ?? []) {
      const title = metrics.find(({ name }) => name === spec.metric)?.title ?? spec.metric;
      const why = `The template “${template?.content.title}” uses it`;
      if (!found.has(spec.metric)) found.set(spec.metric, { spec: byItself(spec), title, why });
    }
  }
  return [...found.values()];
}

/**
 * A metric of a template without the template: what it extracts is what the template's own prompt asks
 * the model to write, and other outputs would all be wrong.
 */
function byItself(ofTemplate: Template['content']['metrics'][number]): Recommended['spec'] {
  const { extract: _, name: __, ...spec } = ofTemplate;
  return spec;
}

const asksModel = (fields: readonly Field[] | undefined): boolean =>
  fields?.some(({ name, fields }) => name === 'model' && fields.length > 0) ?? false;

/** Which model judges ask, for all that have none of their own. */
function JudgeModel() {
  const { draft, update, fieldsOfMetric } = useNewRun();
  const { data: providers = [] } = useQuery(providersQuery);
  const [model, setModel] = useState({ provider: '', model: '' });
  const asking = draft.metrics.filter(({ metric }) => asksModel(fieldsOfMetric(metric)));
  const open = asking.filter(({ config }) => {
    const { provider, model } = groupOf(config.model);
    return provider === undefined || model === undefined;
  });
  if (open.length === 0) return null;
  const fill = (): void =>
    update((before) => ({
      ...before,
      metrics: before.metrics.map((one) =>
        open.some(({ id }) => id === one.id)
          ? {
              ...one,
              config: { ...one.config, model: { ...groupOf(one.config.model), ...model } },
            }
          : one,
      ),
    }));
  return (
    <fieldset className={styles.part}>
      <legend>
        {open.length === 1
          ? 'One metric asks a model, and has none yet'
          : `${open.length} metrics ask a model, and have none yet`}
      </legend>
      <div className={styles.judge}>
        <NativeSelect
          size="xs"
          label="Provider of the judge"
          value={model.provider}
          data={[{ value: '', label: 'choose one' }, ...providers]}
          onChange={({ currentTarget }) => setModel({ ...model, provider: currentTarget.value })}
        />
        <TextInput
          size="xs"
          label="Model of the judge"
          spellCheck={false}
          value={model.model}
          onChange={({ currentTarget }) => setModel({ ...model, model: currentTarget.value })}
        />
        <Button
          size="xs"
          variant="default"
          disabled={model.provider === '' || model.model.trim() === ''}
          onClick={fill}
        >
          {open.length === 1 ? 'Use it' : 'Use it for all'}
        </Button>
      </div>
    </fieldset>
  );
}

function MetricForm(props: {
  metric: MetricDraft;
  index: number;
  description: MetricDescription | undefined;
}) {
  const { metric, index, description } = props;
  const { update, items, fieldsOfMetric, faultsIn, faultAt } = useNewRun();
  const { data: providers } = useQuery(providersQuery);
  const fields = fieldsOfMetric(metric.metric) ?? [];
  const path = `metrics.${index}`;
  const config = faultsIn(`${path}.config`, fields);
  const common = faultsIn(path, commonFields);
  const isFaulty = [config, common].some((faults) => Object.keys(faults).length > 0);
  const [unfolded, setUnfolded] = useState(false);
  const set = (change: Partial<MetricDraft>): void =>
    update((before) => ({
      ...before,
      metrics: before.metrics.map((one) => (one.id === metric.id ? { ...one, ...change } : one)),
    }));
  const title = description?.title ?? metric.metric;
  const whole = faultAt(`${path}.metric`) ?? faultAt(`${path}.config`);
  const lacking =
    description?.needs.includes('expected') === true &&
    items !== undefined &&
    items.length > 0 &&
    items.every(({ expected }) => expected === null);
  return (
    <li className={styles.metric}>
      <div className={styles.metricHead}>
        <div>
          <h3>
            {title} <code>{metric.metric}</code>
          </h3>
          {description && (
            <p className={styles.soft}>
              {[
                familyName(description.family),
                rangeInWords(description),
                directionInWords(description),
                needsInWords(description) && `needs ${needsInWords(description)}`,
              ]
                .filter(Boolean)
                .join(' · ')}{' '}
              ·{' '}
              <Link to="/catalogue/$name" params={{ name: metric.metric }} target="_blank">
                Definition
              </Link>
            </p>
          )}
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${title}`}
          title="Remove"
          onClick={() =>
            update((before) => ({
              ...before,
              metrics: before.metrics.filter(({ id }) => id !== metric.id),
            }))
          }
        >
          <X size={15} aria-hidden />
        </ActionIcon>
      </div>
      {lacking && (
        <p className={styles.lacks}>
          It needs an expected value, and the first items of the dataset have none: they would be
          not applicable.
        </p>
      )}
      {whole !== undefined && <p className={styles.fault}>{whole}</p>}
      <details
        className={styles.more}
        open={unfolded || isFaulty || undefined}
        onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}
      >
        <summary>
          {fields.length > 0 ? 'Configuration, name, threshold' : 'Name, threshold, what is scored'}
        </summary>
        <div className={styles.metricForms}>
          {fields.length > 0 && (
            <SchemaForm
              fields={fields}
              entries={metric.config}
              faults={config}
              choices={{ 'model.provider': providers }}
              onChange={(name, entry) => set({ config: { ...metric.config, [name]: entry } })}
            />
          )}
          <SchemaForm
            fields={commonFields}
            entries={metric.common}
            faults={common}
            onChange={(name, entry) => set({ common: { ...metric.common, [name]: entry } })}
          />
        </div>
      </details>
    </li>
  );
}
