import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { describeErrorClass } from '#libs/evaluation';
import type { FailureCount, RetryFailures } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount } from '../../format/numbers.ts';
import { projectNamesQuery } from '../../queries/access.ts';
import { failuresQuery } from '../../queries/operations.ts';
import { FailureFilters } from './failure-filters.tsx';
import { RetryDialog } from './retry-dialog.tsx';
import { useOtherProject } from './use-other-project.ts';
import styles from './operations.module.css';

const route = getRouteApi('/app/operations');

type Asked = { title: string; request: Omit<RetryFailures, 'dryRun'> };

/** Failed items as they are counted with their runs: of a run and class, a whole run, or a class of a project. */
export function FailedRuns() {
  const { errorClass, runId } = route.useSearch();
  const list = useInfiniteQuery(failuresQuery({ errorClass, runId }));
  const projects = useQuery(projectNamesQuery);
  const [asked, setAsked] = useState<Asked>();
  const follow = useOtherProject();
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const nameOf = (projectId: string): string =>
    projects.data?.find(({ id }) => id === projectId)?.name ?? projectId;
  const classed = [...new Set(rows.map(({ projectId }) => projectId))];
  return (
    <>
      <FailureFilters with={['class', 'run']} />
      {errorClass !== undefined && classed.length > 0 && (
        <div className={styles.selection}>
          <span className={styles.soft}>{describeErrorClass(errorClass).remedy}</span>
          {classed.map((projectId) => (
            <Button
              key={projectId}
              variant="default"
              size="compact-sm"
              leftSection={<RotateCcw size={13} aria-hidden />}
              onClick={() =>
                setAsked({
                  title: `Retry ${errorClass} in all runs of ${nameOf(projectId)}`,
                  request: { projectId, errorClasses: [errorClass] },
                })
              }
            >
              Retry this class in {nameOf(projectId)}
            </Button>
          ))}
        </div>
      )}
      {list.isPending ? (
        <SkeletonRows rows={8} label="Loading what failed" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load what failed"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="Nothing failed">
          <p>
            {errorClass === undefined && runId === undefined
              ? 'Items that fail are counted here by run and class of error, and can be tried again.'
              : 'No item of what is chosen above has failed.'}
          </p>
        </Empty>
      ) : (
        <>
          <PlainTable
            label="Failed items by run and class of error"
            columns={columns({ nameOf, follow, ask: setAsked })}
            rows={rows}
            rowId={(row) => `${row.runId}/${row.errorClass}`}
          />
          <MoreRows list={list} shown={rows.length} noun="failures" />
        </>
      )}
      {asked && (
        <RetryDialog
          title={asked.title}
          request={asked.request}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

const columns = ({
  nameOf,
  follow,
  ask,
}: {
  nameOf: (projectId: string) => string;
  follow: ReturnType<typeof useOtherProject>;
  ask: (asked: Asked) => void;
}): PlainColumn<FailureCount>[] => [
  {
    id: 'run',
    header: 'Run',
    names: true,
    cell: ({ runId, runName, projectId }) => (
      <Link to="/runs/$runId" params={{ runId }} onClick={follow(projectId)}>
        {runName}
      </Link>
    ),
  },
  { id: 'project', header: 'Project', cell: ({ projectId }) => nameOf(projectId) },
  {
    id: 'class',
    header: 'Class of error',
    cell: ({ errorClass }) => (
      <>
        {describeErrorClass(errorClass).title} <code>{errorClass}</code>
      </>
    ),
  },
  {
    id: 'items',
    header: 'Failed items',
    numeric: true,
    cell: ({ runId, errorClass, items, runName }) => (
      <Link
        to="/operations"
        search={{ view: 'failures', list: 'items', runId, errorClass }}
        aria-label={`${items} items of ${runName} that failed with ${errorClass}`}
      >
        {formatCount(items)}
      </Link>
    ),
  },
  {
    id: 'retry',
    header: '',
    cell: ({ runId, runName, errorClass }) => (
      <div className={styles.selection}>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<RotateCcw size={12} aria-hidden />}
          aria-label={`Retry ${errorClass} of ${runName}`}
          onClick={() =>
            ask({
              title: `Retry ${errorClass} of “${runName}”`,
              request: { runId, errorClasses: [errorClass] },
            })
          }
        >
          Retry these
        </Button>
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`Retry all that failed of ${runName}`}
          onClick={() =>
            ask({ title: `Retry all that failed of “${runName}”`, request: { runId } })
          }
        >
          Whole run
        </Button>
      </div>
    ),
  },
];
