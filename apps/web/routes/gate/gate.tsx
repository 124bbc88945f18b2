import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { PencilLine, Play, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Gate } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { client } from '../../queries/client.ts';
import { datasetNamesQuery, gateKeys, gateQuery, resultsOfGateQuery } from '../../queries/gates.ts';
import { useMay } from '../../queries/session.ts';
import { GateForm } from '../gates/gate-form.tsx';
import { ruleInWords } from '../gates/rule-in-words.ts';
import { CheckNow } from './check-now.tsx';
import { Result } from './result.tsx';
import styles from './gate.module.css';

const route = getRouteApi('/app/gates/$gateId');

/** One gate: its rules, and what they said of each run. */
export function GatePage() {
  const { gateId } = route.useParams();
  const gate = useQuery(gateQuery(gateId));
  return (
    <>
      <BackLink to="/gates">All gates</BackLink>
      {gate.data ? (
        <Shown key={gateId} gate={gate.data} />
      ) : gate.isError ? (
        <>
          <ScreenHead title="Gate" />
          <ProblemPanel
            error={gate.error}
            doing="load this gate"
            onRetry={() => void gate.refetch()}
          />
        </>
      ) : (
        <SkeletonRows rows={6} label="Loading the gate" />
      )}
    </>
  );
}

function Shown({ gate }: { gate: Gate }) {
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  const datasets = useQuery(datasetNamesQuery);
  const [removing, setRemoving] = useState(false);
  const show = (open: 'edit' | 'check' | undefined): void => void navigate({ search: { open } });
  const close = (): void => show(undefined);
  const found = datasets.data?.find(({ id }) => id === gate.datasetId)?.name;
  const dataset = found ?? (datasets.isPending ? '…' : gate.datasetId);
  return (
    <>
      <ScreenHead
        title={gate.name}
        about={gate.datasetId === null ? 'For runs of any dataset' : `For runs of ${dataset}`}
      >
        {mayWrite && (
          <>
            <Button
              size="xs"
              leftSection={<Play size={14} aria-hidden />}
              onClick={() => show('check')}
            >
              Check a run
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<PencilLine size={14} aria-hidden />}
              onClick={() => show('edit')}
            >
              Change
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<Trash2 size={14} aria-hidden />}
              onClick={() => setRemoving(true)}
            >
              Delete
            </Button>
          </>
        )}
      </ScreenHead>
      <section className={styles.rules} aria-labelledby="rules">
        <h2 id="rules">Rules</h2>
        <ol>
          {gate.rules.map((rule) => (
            <li key={JSON.stringify(rule)}>{ruleInWords(rule)}</li>
          ))}
        </ol>
      </section>
      <section aria-labelledby="results" className={styles.results}>
        <h2 id="results">Results</h2>
        <Results gate={gate} />
      </section>
      {mayWrite && open === 'edit' && <GateForm gate={gate} onClose={close} />}
      {mayWrite && open === 'check' && <CheckNow gate={gate} onClose={close} />}
      {removing && <RemoveGate gate={gate} onClose={() => setRemoving(false)} />}
    </>
  );
}

function Results({ gate }: { gate: Gate }) {
  const list = useInfiniteQuery({ ...resultsOfGateQuery(gate.id), refetchInterval: 10_000 });
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  if (list.isPending) return <SkeletonRows rows={4} label="Loading the results" />;
  if (list.isError && rows.length === 0) {
    return (
      <ProblemPanel
        error={list.error}
        doing="load the results"
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (rows.length === 0) {
    return (
      <Empty title="No run was checked yet">
        <p>
          Runs of a dataset with a pinned baseline are checked as they complete. To check one that
          has completed already, use “Check a run”.
        </p>
      </Empty>
    );
  }
  return (
    <>
      {rows.map((result) => (
        <Result key={result.id} result={result} />
      ))}
      <MoreRows list={list} shown={rows.length} noun="results" />
    </>
  );
}

function RemoveGate({ gate, onClose }: { gate: Gate; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => client.deleteGate({ params: { id: gate.id } }),
    onSuccess: async () => {
      announce(`The gate ${gate.name} is deleted`);
      await navigate({ to: '/gates' });
      void queries.invalidateQueries({ queryKey: gateKeys.all });
    },
  });
  return (
    <Confirm
      title={`Delete ${gate.name}?`}
      confirm="Delete it for good"
      doing="delete the gate"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>It goes with all its results. Runs, baselines and comparisons stay.</p>
    </Confirm>
  );
}
