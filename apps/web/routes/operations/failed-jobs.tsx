import { Button, Checkbox } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { FailedJob } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount } from '../../format/numbers.ts';
import { failedJobsQuery, type QueueName } from '../../queries/operations.ts';
import { FailureFilters } from './failure-filters.tsx';
import { RetryDialog } from './retry-dialog.tsx';
import styles from './operations.module.css';

const route = getRouteApi('/app/operations');

export function FailedJobs() {
  const { queue = 'batches', runId, from, to } = route.useSearch();
  const which = { runId, from, to };
  return (
    <>
      <FailureFilters with={['queue', 'run', 'time']} />
      <JobList key={JSON.stringify([queue, which])} queue={queue} which={which} />
    </>
  );
}

/** Failed jobs that a queue still keeps: one, or those that are ticked, can be tried again. */
function JobList({
  queue,
  which,
}: {
  queue: QueueName;
  which: Parameters<typeof failedJobsQuery>[1];
}) {
  const list = useInfiniteQuery(failedJobsQuery(queue, which));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<string[]>();
  const here = rows.filter(({ id }) => ticked.has(id)).map(({ id }) => id);
  const tick = (id: string, on: boolean): void => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  if (list.isPending) return <SkeletonRows rows={8} label="Loading the failed jobs" />;
  if (list.isError && rows.length === 0) {
    return (
      <ProblemPanel
        error={list.error}
        doing="load the failed jobs"
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (rows.length === 0) {
    return (
      <Empty title={`No job of ${queue} failed`}>
        <p>A queue keeps its last thousand failed jobs until they are tried again.</p>
      </Empty>
    );
  }
  return (
    <>
      <div className={styles.selection}>
        <Checkbox
          size="xs"
          label="All that are shown"
          checked={here.length === rows.length}
          indeterminate={here.length > 0 && here.length < rows.length}
          onChange={({ currentTarget: { checked } }) =>
            setTicked(new Set(checked ? rows.map(({ id }) => id) : []))
          }
        />
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<RotateCcw size={13} aria-hidden />}
          disabled={here.length === 0 || here.length > MOST}
          onClick={() => setAsked(here)}
        >
          {here.length === 0 ? 'Retry the ticked' : `Retry ${formatCount(here.length)} ticked`}
        </Button>
        {here.length > MOST && (
          <span className={styles.soft}>At most {formatCount(MOST)} in one go.</span>
        )}
      </div>
      <PlainTable
        label={`Failed jobs of ${queue}, newest first`}
        columns={columns({ ticked, tick, ask: (id) => setAsked([id]) })}
        rows={rows}
        rowId={({ id }) => id}
      />
      <MoreRows list={list} shown={rows.length} noun="jobs" />
      {asked && (
        <RetryDialog
          title={asked.length === 1 ? 'Retry this job' : `Retry ${formatCount(asked.length)} jobs`}
          request={{ jobs: { queue, ids: asked } }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

/** As many as one call takes. */
const MOST = 1_000;

const columns = (given: {
  ticked: ReadonlySet<string>;
  tick: (id: string, on: boolean) => void;
  ask: (id: string) => void;
}): PlainColumn<FailedJob>[] => [
  {
    id: 'job',
    header: 'Job',
    names: true,
    cell: ({ id }) => (
      <Checkbox
        size="xs"
        label={<code>{id}</code>}
        className={styles.job}
        checked={given.ticked.has(id)}
        onChange={({ currentTarget: { checked } }) => given.tick(id, checked)}
      />
    ),
  },
  {
    id: 'of',
    header: 'Of',
    cell: ({ runId, batch, comparisonId }) =>
      runId === null ? (
        comparisonId === null ? (
          '–'
        ) : (
          <>comparison {comparisonId}</>
        )
      ) : (
        <>
          <Link to="/runs/$runId" params={{ runId }}>
            its run
          </Link>
          {batch !== null && `, batch ${batch}`}
        </>
      ),
  },
  { id: 'reason', header: 'Reason', cell: ({ reason }) => reason },
  {
    id: 'attempts',
    header: 'Attempts',
    numeric: true,
    cell: ({ attempts }) => formatCount(attempts),
  },
  { id: 'failed', header: 'Failed', cell: ({ failedAt }) => <RelativeTime at={failedAt} /> },
  {
    id: 'retry',
    header: '',
    cell: ({ id }) => (
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<RotateCcw size={12} aria-hidden />}
        aria-label={`Retry the job ${id}`}
        onClick={() => given.ask(id)}
      >
        Retry
      </Button>
    ),
  },
];
