import { Button, Group, NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pin, PinOff } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import type { PinnedBaseline } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { GateOutcomeLabel } from '../../components/gate-outcome.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatExact } from '../../format/time.ts';
import { client } from '../../queries/client.ts';
import {
  baselinesQuery,
  completedRunsQuery,
  datasetNamesQuery,
  gateKeys,
} from '../../queries/gates.ts';
import styles from './gates.module.css';

/** The pinned run of each dataset, and the newest runs that were held against it. */
export function Baselines({ mayWrite }: { mayWrite: boolean }) {
  const list = useInfiniteQuery({ ...baselinesQuery, refetchInterval: 10_000 });
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  /** Undefined: nothing is pinned now; else the dataset that it begins with, if any. */
  const [pinning, setPinning] = useState<{ datasetId: string }>();
  const [unpinning, setUnpinning] = useState<PinnedBaseline>();
  const add = mayWrite && (
    <Button
      size="xs"
      leftSection={<Pin size={14} aria-hidden />}
      onClick={() => setPinning({ datasetId: '' })}
    >
      Pin a baseline
    </Button>
  );
  return (
    <>
      {list.isPending ? (
        <SkeletonRows rows={4} label="Loading the baselines" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the baselines"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="No baseline is pinned">
          <p>
            Pin a completed run of a dataset: every run of it that completes afterwards is compared
            with it, and its gates are checked, by themselves.
          </p>
          {add}
        </Empty>
      ) : (
        <>
          <div className={styles.bar}>{add}</div>
          <PlainTable
            label="Pinned baselines by dataset"
            columns={columns({
              mayWrite,
              repin: (datasetId) => setPinning({ datasetId }),
              unpin: setUnpinning,
            })}
            rows={rows}
            rowId={({ datasetId }) => datasetId}
          />
          <MoreRows list={list} shown={rows.length} noun="baselines" />
        </>
      )}
      {pinning && (
        <PinBaseline datasetId={pinning.datasetId} onClose={() => setPinning(undefined)} />
      )}
      {unpinning && <Unpin baseline={unpinning} onClose={() => setUnpinning(undefined)} />}
    </>
  );
}

const columns = (given: {
  mayWrite: boolean;
  repin: (datasetId: string) => void;
  unpin: (baseline: PinnedBaseline) => void;
}): PlainColumn<PinnedBaseline>[] => [
  { id: 'dataset', header: 'Dataset', names: true, cell: ({ datasetName }) => datasetName },
  {
    id: 'run',
    header: 'Pinned run',
    cell: ({ runId, runName, datasetVersion, pinnedAt }) => (
      <>
        <Link to="/runs/$runId" params={{ runId }}>
          {runName}
        </Link>{' '}
        <span className={styles.soft}>
          of version {datasetVersion}, since <RelativeTime at={pinnedAt} />
        </span>
      </>
    ),
  },
  { id: 'held', header: 'Held against it lately', cell: (row) => <Held baseline={row} /> },
  {
    id: 'actions',
    header: '',
    cell: (baseline) =>
      given.mayWrite && (
        <div className={styles.actions}>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<Pin size={12} aria-hidden />}
            aria-label={`Pin another run of ${baseline.datasetName}`}
            onClick={() => given.repin(baseline.datasetId)}
          >
            Pin another
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<PinOff size={12} aria-hidden />}
            aria-label={`Unpin the baseline of ${baseline.datasetName}`}
            onClick={() => given.unpin(baseline)}
          >
            Unpin
          </Button>
        </div>
      ),
  },
];

function Held({ baseline: { runId, held } }: { baseline: PinnedBaseline }) {
  if (held.length === 0) return <span className={styles.soft}>no run yet</span>;
  return (
    <ul className={styles.held}>
      {held.map((run) => (
        <li key={run.runId}>
          <Link to="/runs/$runId" params={{ runId: run.runId }}>
            {run.runName}
          </Link>
          {run.gates.map(({ gateId, gateName, outcome }) => (
            <Link key={gateId} to="/gates/$gateId" params={{ gateId }} title={gateName}>
              <GateOutcomeLabel outcome={outcome} />
              <span className="visually-hidden"> by the gate {gateName}</span>
            </Link>
          ))}
          <Link to="/compare" search={{ runs: `${runId},${run.runId}` }}>
            compare
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Chooses a completed run of a dataset as its baseline. */
function PinBaseline({ datasetId: given, onClose }: { datasetId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const datasets = useQuery(datasetNamesQuery);
  const [datasetId, setDatasetId] = useState(given);
  const runs = useQuery({
    ...completedRunsQuery(datasetId),
    enabled: datasetId !== '',
  });
  const [chosen, setChosen] = useState('');
  const [first] = runs.data ?? [];
  const runId = runs.data?.some(({ id }) => id === chosen) === true ? chosen : (first?.id ?? '');
  const pin = useMutation({
    mutationFn: () => client.pinBaseline({ params: { id: datasetId }, body: { runId } }),
    onSuccess: (pinned) => {
      void queries.invalidateQueries({ queryKey: gateKeys.baselines });
      announce(`${pinned.runName} is pinned`);
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (runId !== '') pin.mutate();
  };
  return (
    <Dialog title="Pin a baseline" size="30rem" onClose={onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <NativeSelect
          label="Dataset"
          data-autofocus
          value={datasetId}
          data={[
            { value: '', label: 'Choose one' },
            ...(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={({ currentTarget }) => setDatasetId(currentTarget.value)}
        />
        <NativeSelect
          label="Completed run"
          description="The newest hundred, in place of the one that is pinned now"
          disabled={runs.data === undefined || runs.data.length === 0}
          value={runId}
          data={(runs.data ?? []).map(({ id, name, createdAt }) => ({
            value: id,
            label: `${name}, ${formatExact(createdAt)}`,
          }))}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        />
        {runs.data?.length === 0 && <p>No run of this dataset has completed yet.</p>}
        {runs.isError && <ProblemPanel error={runs.error} doing="load the runs" />}
        {pin.isError && <ProblemPanel error={pin.error} doing="pin the run" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={pin.isPending || runId === ''}>
            {pin.isPending ? 'Pinning…' : 'Pin it'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

function Unpin({ baseline, onClose }: { baseline: PinnedBaseline; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const unpin = useMutation({
    mutationFn: () => client.unpinBaseline({ params: { id: baseline.datasetId } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: gateKeys.baselines });
      announce(`The baseline of ${baseline.datasetName} is unpinned`);
      onClose();
    },
  });
  return (
    <Confirm
      title={`Unpin the baseline of ${baseline.datasetName}?`}
      confirm="Unpin it"
      doing="unpin the baseline"
      keep="Keep it pinned"
      pending={unpin.isPending}
      error={unpin.error}
      onConfirm={() => unpin.mutate()}
      onClose={onClose}
    >
      <p>
        Runs of this dataset are no longer compared, and their gates no longer checked, by
        themselves. The run “{baseline.runName}” stays, with every result, and can be pinned again.
      </p>
    </Confirm>
  );
}
