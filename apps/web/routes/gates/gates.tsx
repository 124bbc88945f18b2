import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { Gate, GateResult } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { GateOutcomeLabel } from '../../components/gate-outcome.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { datasetNamesQuery, allGatesQuery, newestResultsQuery } from '../../queries/gates.ts';
import { useMay } from '../../queries/session.ts';
import { Baselines } from './baselines.tsx';
import { GateForm } from './gate-form.tsx';
import { ruleInWords } from './rule-in-words.ts';
import styles from './gates.module.css';

const route = getRouteApi('/app/gates');

/** What runs have to meet, and the baselines that they are held against. */
export function Gates() {
  const { view = 'gates', edit } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  return (
    <>
      <ScreenHead
        title="Gates"
        about="A gate holds a run against the baseline of its dataset, rule by rule. Runs of a dataset with a pinned baseline are checked by themselves as they complete."
      />
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: { view: value === 'baselines' ? value : undefined },
            replace: true,
          })
        }
      >
        <Tabs.List aria-label="Gates and baselines">
          <Tabs.Tab value="gates">Gates</Tabs.Tab>
          <Tabs.Tab value="baselines">Baselines</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="gates" className={styles.panel}>
          <GateList mayWrite={mayWrite} onAdd={() => void navigate({ search: { edit: 'new' } })} />
        </Tabs.Panel>
        <Tabs.Panel value="baselines" className={styles.panel}>
          <Baselines mayWrite={mayWrite} />
        </Tabs.Panel>
      </Tabs>
      {mayWrite && edit === 'new' && (
        <GateForm gate={undefined} onClose={() => void navigate({ search: {} })} />
      )}
    </>
  );
}

function GateList({ mayWrite, onAdd }: { mayWrite: boolean; onAdd: () => void }) {
  const gates = useQuery(allGatesQuery);
  const results = useQuery({ ...newestResultsQuery, refetchInterval: 10_000 });
  const datasets = useQuery(datasetNamesQuery);
  const add = mayWrite && (
    <Button size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={onAdd}>
      Create a gate
    </Button>
  );
  if (gates.isPending) return <SkeletonRows rows={5} label="Loading the gates" />;
  if (gates.isError) {
    return (
      <ProblemPanel
        error={gates.error}
        doing="load the gates"
        onRetry={() => void gates.refetch()}
      />
    );
  }
  if (gates.data.length === 0) {
    return (
      <Empty title="No gate yet">
        <p>
          Such as: accuracy is at most one point worse than the baseline’s, and the cost at most 10
          % higher. A pull request that breaks it is seen before it is merged.
        </p>
        {add}
      </Empty>
    );
  }
  const nameOf = (id: string): string => datasets.data?.find((one) => one.id === id)?.name ?? id;
  return (
    <>
      <div className={styles.bar}>{add}</div>
      <PlainTable
        label="Gates, newest first"
        columns={columns(nameOf, (gateId) =>
          results.data?.find((result) => result.gateId === gateId),
        )}
        rows={gates.data}
        rowId={({ id }) => id}
      />
      {results.isError && (
        <ProblemPanel
          error={results.error}
          doing="load the last results"
          onRetry={() => void results.refetch()}
        />
      )}
    </>
  );
}

const columns = (
  nameOf: (datasetId: string) => string,
  lastOf: (gateId: string) => GateResult | undefined,
): PlainColumn<Gate>[] => [
  {
    id: 'name',
    header: 'Gate',
    names: true,
    cell: ({ id, name }) => (
      <Link to="/gates/$gateId" params={{ gateId: id }}>
        {name}
      </Link>
    ),
  },
  {
    id: 'dataset',
    header: 'For runs of',
    cell: ({ datasetId }) => (datasetId === null ? 'any dataset' : nameOf(datasetId)),
  },
  {
    id: 'rules',
    header: 'Rules',
    cell: ({ rules }) => {
      const [first] = rules;
      if (!first) return '–';
      return (
        <>
          {ruleInWords(first)}
          {rules.length > 1 && <span className={styles.soft}> and {rules.length - 1} more</span>}
        </>
      );
    },
  },
  {
    id: 'last',
    header: 'Last result',
    cell: ({ id }) => {
      const last = lastOf(id);
      if (!last) return <span className={styles.soft}>none among the newest</span>;
      return (
        <span className={styles.last}>
          <GateOutcomeLabel outcome={last.outcome} />
          <Link to="/runs/$runId" params={{ runId: last.runId }}>
            its run
          </Link>
          <span className={styles.soft}>
            <RelativeTime at={last.createdAt} />
          </span>
        </span>
      );
    },
  },
];
