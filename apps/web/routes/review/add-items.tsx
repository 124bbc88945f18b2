import { Button, Group, NativeSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { AddReviewItems, ReviewQueue, Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatExact } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import { reviewableRunsQuery, reviewKeys } from '../../queries/reviews.ts';
import { SliceSelect } from '../run/slices/slice-select.tsx';
import { Added } from './added.tsx';
import { readSample, SampleField, type SampleDraft } from './sample-field.tsx';
import styles from './add-items.module.css';

type Filter = NonNullable<AddReviewItems['filter']>;

/** Adds completed items of a run to the queue: all, those that filters take, or a sample of them. */
export function AddItems({ queue, onClose }: { queue: ReviewQueue; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [run, setRun] = useState<Run>();
  const [filter, setFilter] = useState<Filter>({});
  const [sample, setSample] = useState<SampleDraft>({ isOn: true, count: '50' });
  const count = readSample(sample);
  const add = useMutation({
    mutationFn: (runId: string) =>
      client.addReviewItems({
        params: { id: queue.id },
        body: { runId, filter, ...(count !== 'all' && count !== undefined && { sample: count }) },
      }),
    onSuccess: ({ added }) => {
      void queries.invalidateQueries({ queryKey: reviewKeys.one(queue.id) });
      void queries.invalidateQueries({ queryKey: reviewKeys.lists });
      announce(`${formatCount(added)} items are added`);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (run && count !== undefined && !add.isPending) add.mutate(run.id);
  };
  return (
    <Dialog title={`Add items to ${queue.name}`} size="36rem" onClose={onClose}>
      {add.isSuccess ? (
        <Added answer={add.data} onMore={() => add.reset()} onClose={onClose} />
      ) : (
        <form className={styles.form} onSubmit={submit} noValidate>
          <RunChoice
            run={run}
            onChange={(chosen) => {
              setRun(chosen);
              setFilter({});
            }}
          />
          {run && <Filters run={run} filter={filter} onChange={setFilter} />}
          <SampleField draft={sample} onChange={setSample} />
          <p className={styles.note}>
            Only completed items are added, since a failed one has no output to score. They are
            shown in random order. What is in the queue already stays where it is.
          </p>
          {add.isError && <ProblemPanel error={add.error} doing="add the items" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!run || count === undefined || add.isPending}>
              {add.isPending ? 'Adding…' : 'Add them'}
            </Button>
          </Group>
        </form>
      )}
    </Dialog>
  );
}

function RunChoice(props: { run: Run | undefined; onChange: (run: Run | undefined) => void }) {
  const { run, onChange } = props;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const label = ({ name, datasetName, createdAt }: Run): string =>
    `${name}, ${datasetName}, ${formatExact(createdAt)}`;
  const runs = useQuery(reviewableRunsQuery(run && search === label(run) ? '' : search));
  const found = runs.data ?? [];
  if (runs.isError) return <ProblemPanel error={runs.error} doing="load the runs" />;
  const listed = run && !found.some(({ id }) => id === run.id) ? [run, ...found] : found;
  return (
    <Select
      label="Run"
      placeholder="Type a part of its name"
      required
      searchable
      data-autofocus
      openOnFocus={false}
      data={listed.map((one) => ({ value: one.id, label: label(one) }))}
      // What was found is shown as it is: the server has looked already.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={runs.isPending ? 'Looking…' : 'No run has this in its name'}
      value={run?.id ?? null}
      onChange={(id) => onChange(listed.find((one) => one.id === id))}
    />
  );
}

function Filters(props: { run: Run; filter: Filter; onChange: (filter: Filter) => void }) {
  const { run, filter, onChange } = props;
  const change = (part: Filter): void => onChange({ ...filter, ...part });
  return (
    <fieldset className={styles.filters}>
      <legend>Which of its {formatCount(run.done - run.failed)} completed items</legend>
      <TextInput
        size="xs"
        type="search"
        label="With this text"
        placeholder="In key, input, expected or output"
        maxLength={200}
        value={filter.search ?? ''}
        onChange={({ currentTarget }) => {
          const text = currentTarget.value;
          change({ search: text.trim() === '' ? undefined : text });
        }}
      />
      <div className={styles.two}>
        <NativeSelect
          size="xs"
          label="Metric"
          value={filter.metric ?? ''}
          data={[
            { value: '', label: 'any' },
            ...run.metrics.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            change({ metric: value === '' ? undefined : value, passed: undefined })
          }
        />
        <NativeSelect
          size="xs"
          label="Its verdict"
          disabled={filter.metric === undefined}
          value={filter.passed === undefined ? '' : filter.passed ? 'passed' : 'not'}
          data={[
            { value: '', label: 'passed or not' },
            { value: 'passed', label: 'passed' },
            { value: 'not', label: 'not passed' },
          ]}
          onChange={({ currentTarget: { value } }) =>
            change({ passed: value === '' ? undefined : value === 'passed' })
          }
        />
      </div>
      <SliceSelect
        run={run}
        by={filter.sliceBy}
        value={filter.sliceValue}
        onChange={(sliceBy, sliceValue) => change({ sliceBy, sliceValue })}
      />
    </fieldset>
  );
}
