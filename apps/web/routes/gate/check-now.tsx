import { Button, Group, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Gate } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatExact } from '../../format/time.ts';
import { checkGate, completedRunsQuery, gateKeys } from '../../queries/gates.ts';
import { Result } from './result.tsx';
import styles from './gate.module.css';

/** Checks a completed run now, against the pinned baseline or another run. */
export function CheckNow({ gate, onClose }: { gate: Gate; onClose: () => void }) {
  const queries = useQueryClient();
  const runs = useQuery(completedRunsQuery(gate.datasetId ?? undefined));
  const [chosen, setChosen] = useState('');
  const [baselineRunId, setBaselineRunId] = useState('');
  const [waiting] = useState(() => new AbortController());
  const runId = chosen === '' ? (runs.data?.[0]?.id ?? '') : chosen;
  const checking = useMutation({
    mutationFn: () =>
      checkGate(gate.id, { runId, ...(baselineRunId !== '' && { baselineRunId }) }, waiting.signal),
    onSuccess: () => queries.invalidateQueries({ queryKey: gateKeys.anyResults }),
  });
  const close = (): void => {
    waiting.abort();
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (runId !== '') checking.mutate();
  };
  const dataset = runs.data?.find(({ id }) => id === runId)?.datasetId;
  const choices = (runs.data ?? []).map(({ id, name, datasetName, createdAt, datasetId }) => ({
    value: id,
    label: `${name}${gate.datasetId === null ? ` (${datasetName})` : ''}, ${formatExact(createdAt)}`,
    datasetId,
  }));
  const set = (change: () => void): void => {
    change();
    if (!checking.isIdle) checking.reset();
  };
  return (
    <Dialog title={`Check a run by ${gate.name}`} size="42rem" onClose={close}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <NativeSelect
          label="Completed run"
          description="The newest hundred"
          data-autofocus
          disabled={choices.length === 0}
          value={runId}
          data={choices.map(({ value, label }) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => set(() => setChosen(value))}
        />
        <NativeSelect
          label="Against"
          value={baselineRunId}
          data={[
            { value: '', label: 'the pinned baseline of its dataset' },
            ...choices
              .filter(({ value, datasetId }) => value !== runId && datasetId === dataset)
              .map(({ value, label }) => ({ value, label })),
          ]}
          onChange={({ currentTarget: { value } }) => set(() => setBaselineRunId(value))}
        />
        {runs.data?.length === 0 && <p>No run that this gate is for has completed yet.</p>}
        {runs.isError && <ProblemPanel error={runs.error} doing="load the runs" />}
        {checking.isError && <ProblemPanel error={checking.error} doing="check the run" />}
        <output aria-live="polite">
          {checking.isPending && <p aria-busy="true">Comparing the runs…</p>}
          {checking.data && <Result result={checking.data} />}
        </output>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Close
          </Button>
          <Button type="submit" disabled={checking.isPending || runId === ''}>
            {checking.isPending ? 'Checking…' : 'Check it'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
