import {
  Autocomplete,
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { SlidersHorizontal } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import type { Comparison } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { dimensionsQuery } from '../../queries/comparisons.ts';
import { runQuery } from '../../queries/runs.ts';
import { useSetSearch } from './compared.ts';
import { countSet, draftOf, readDraft, type Draft } from './options-draft.ts';
import { runIdsOf } from './request.ts';
import styles from './options.module.css';

const route = getRouteApi('/app/compare');

/** How the runs are compared; all of it stands in the address. */
export function Options({ comparison }: { comparison: Comparison | undefined }) {
  const [open, setOpen] = useState(false);
  const set = countSet(route.useSearch());
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-haspopup="dialog"
        leftSection={<SlidersHorizontal size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Options{set > 0 ? ` (${set})` : ''}
      </Button>
      {open && (
        <Dialog title="How the runs are compared" size="46rem" fills onClose={() => setOpen(false)}>
          <Form comparison={comparison} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

const confidences = ['0.9', '0.95', '0.99'];

function Form({
  comparison,
  onClose,
}: {
  comparison: Comparison | undefined;
  onClose: () => void;
}) {
  const search = route.useSearch();
  const set = useSetSearch();
  const [draft, setDraft] = useState(() => draftOf(search));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const names = useMetricNames();
  const [baseline] = comparison?.runs ?? [];
  const found = useQuery({
    ...dimensionsQuery(baseline?.datasetId ?? '', baseline?.datasetVersion ?? 1),
    enabled: baseline !== undefined,
  });
  const dimensions = found.data ?? [];
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    const read = readDraft(draft);
    if ('faults' in read) {
      setFaults(read.faults);
      return;
    }
    set({ ...read.search, item: undefined, repeat: undefined }, { push: true });
    onClose();
  };
  const usage = ['latency_ms', 'input_tokens', 'output_tokens', 'cost_usd'];
  const compared = draft.metrics.length > 0 ? draft.metrics : names;
  const byMetric = [...compared, ...(draft.usage ? usage : [])];
  return (
    <form className={styles.form} noValidate onSubmit={apply}>
      <MultiSelect
        label="Metrics"
        description="None: all that the runs have in common"
        data={[...new Set([...names, ...draft.metrics])]}
        value={draft.metrics}
        error={faults.metrics}
        data-autofocus
        onChange={(metrics) => change({ metrics })}
      />
      <Switch
        label="Compare latency, tokens and cost too"
        checked={draft.usage}
        onChange={({ currentTarget: { checked } }) => change({ usage: checked })}
      />
      <fieldset>
        <legend>Which items</legend>
        <div className={styles.columns}>
          <TagsInput
            label="Splits"
            description="Any of them"
            value={draft.splits}
            error={faults.filter}
            onChange={(splits) => change({ splits })}
          />
          <TagsInput
            label="Tags"
            description="Any of them"
            value={draft.tags}
            onChange={(tags) => change({ tags })}
          />
          <TagsInput
            label="Metadata"
            description="Such as source=web; of one path any value"
            value={draft.metadata}
            error={faults.metadata}
            onChange={(metadata) => change({ metadata })}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>What counts as a difference</legend>
        <div className={styles.columns}>
          <NativeSelect
            label="Confidence"
            description="Of intervals; tests at the rest"
            data={[...new Set([...confidences, draft.confidence])].map((value) => ({
              value,
              label: `${Number((100 * Number(value)).toFixed(6))} %`,
            }))}
            value={draft.confidence}
            error={faults.confidence}
            onChange={({ currentTarget: { value } }) => change({ confidence: value })}
          />
          <Autocomplete
            label="Items that depend on each other"
            description="A path, such as metadata.document"
            data={dimensions.filter((by) => by.startsWith('metadata.'))}
            value={draft.clusterBy}
            error={faults.clusterBy}
            onChange={(clusterBy) => change({ clusterBy })}
          />
        </div>
        {byMetric.length > 0 && (
          <table className={styles.byMetric}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">Margin: a difference within it does not matter</th>
                <th scope="col">Difference that is to be seen</th>
              </tr>
            </thead>
            <tbody>
              {byMetric.map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {(['margins', 'differences'] as const).map((field) => (
                    <td key={field}>
                      <TextInput
                        size="xs"
                        inputMode="decimal"
                        aria-label={`${field === 'margins' ? 'Margin' : 'Difference to be seen'} of ${name}`}
                        placeholder={usage.includes(name) ? 'in its unit' : 'such as 0.02'}
                        value={draft[field][name] ?? ''}
                        error={faults[`${field}.${name}`]}
                        onChange={({ currentTarget: { value } }) =>
                          change({ [field]: { ...draft[field], [name]: value } })
                        }
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </fieldset>
      <fieldset>
        <legend>Slices and resampling</legend>
        <div className={styles.columns}>
          <TagsInput
            label="Slice by"
            description="tags, split, or a path such as metadata.topic; up to five"
            maxTags={5}
            data={dimensions}
            value={draft.sliceBy}
            error={faults.sliceBy}
            onChange={(sliceBy) => change({ sliceBy })}
          />
          <TextInput
            label="Seed"
            description="The same seed gives the same digits"
            inputMode="numeric"
            value={draft.seed}
            error={faults.seed}
            onChange={({ currentTarget: { value } }) => change({ seed: value })}
          />
        </div>
        <Switch
          label="Resample: bootstrap and permutations"
          checked={draft.resample}
          onChange={({ currentTarget: { checked } }) => change({ resample: checked })}
        />
        <Switch
          label="Resample slices too, which takes longer"
          checked={draft.resampleSlices}
          disabled={!draft.resample}
          onChange={({ currentTarget: { checked } }) => change({ resampleSlices: checked })}
        />
      </fieldset>
      <Group justify="flex-end" gap="xs" className={styles.actions}>
        <Button variant="default" onClick={() => setDraft(draftOf({}))}>
          Back to the defaults
        </Button>
        <Button type="submit">Compare</Button>
      </Group>
    </form>
  );
}

/** Names of the metrics of the baseline: those that all runs have are among them. */
function useMetricNames(): string[] {
  const [baselineId] = runIdsOf(route.useSearch().runs);
  const { data } = useQuery({ ...runQuery(baselineId ?? ''), enabled: baselineId !== undefined });
  return data?.metrics.map(({ name }) => name) ?? [];
}
