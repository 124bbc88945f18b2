import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { PenLine, Plus, Undo2 } from 'lucide-react';
import { useMemo } from 'react';
import type { ReviewQueue } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { DeletedFilter } from '../../components/deleted-filter.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { ReviewProgress } from '../../components/review-progress.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useConnection, useReviewLive } from '../../live/live.tsx';
import { client } from '../../queries/client.ts';
import { reviewKeys, reviewQueuesQuery } from '../../queries/reviews.ts';
import styles from './reviews.module.css';

const route = getRouteApi('/app/reviews');

/** The queues, newest first, with what is left for whoever looks. */
export function QueueList({ mayWrite }: { mayWrite: boolean }) {
  const { deleted = false } = route.useSearch();
  const navigate = route.useNavigate();
  const isLost = useConnection() === 'lost';
  const list = useInfiniteQuery({
    ...reviewQueuesQuery(deleted),
    // What is left for oneself changes also where others score, and no snapshot tells that.
    refetchInterval: isLost ? 5_000 : 15_000,
  });
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const add = mayWrite && (
    <Button
      size="xs"
      leftSection={<Plus size={14} aria-hidden />}
      onClick={() => void navigate({ search: { edit: 'new' } })}
    >
      Create a queue
    </Button>
  );
  const isFirst = !deleted && !list.isPending && !list.isError && rows.length === 0;
  return (
    <>
      <div className={styles.bar}>
        <DeletedFilter
          deleted={deleted}
          onChange={(value) => void navigate({ search: { deleted: value || undefined } })}
        />
        {!isFirst && <span className={styles.end}>{add}</span>}
      </div>
      {list.isPending ? (
        <SkeletonRows rows={5} label="Loading the queues" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the queues"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length > 0 ? (
        <>
          <PlainTable
            label={deleted ? 'Deleted queues' : 'Queues, newest first'}
            columns={deleted ? deletedColumns(mayWrite) : columns(mayWrite)}
            rows={rows}
            rowId={({ id }) => id}
          />
          <MoreRows list={list} shown={rows.length} noun="queues" />
        </>
      ) : deleted ? (
        <Empty title="No queue is deleted">
          <p>A deleted queue waits here, and can be restored with all its scores.</p>
        </Empty>
      ) : (
        <Empty title="No queue yet">
          <ol className={styles.steps}>
            <li>
              <strong>Say what to score.</strong> A human metric is pass or fail, a choice of
              categories, or a number.
            </li>
            <li>
              <strong>Add outputs of a run.</strong> Take those that a judge failed, or a sample of
              50.
            </li>
            <li>
              <strong>Score by keyboard.</strong> One key for a value, Enter for the next item. Two
              people on each item show whether the guidelines are clear.
            </li>
            <li>
              <strong>Read the agreement.</strong> Between people, and between people and a judge.
            </li>
          </ol>
          {add}
        </Empty>
      )}
    </>
  );
}

const name: PlainColumn<ReviewQueue> = {
  id: 'name',
  header: 'Queue',
  names: true,
  cell: ({ id, name }) => (
    <Link to="/reviews/$queueId" params={{ queueId: id }}>
      {name}
    </Link>
  ),
};
const created: PlainColumn<ReviewQueue> = {
  id: 'created',
  header: 'Created',
  cell: ({ createdAt, createdBy }) => (
    <span className={styles.soft}>
      <RelativeTime at={createdAt} />
      {createdBy && ` by ${createdBy.name}`}
    </span>
  ),
};

const columns = (mayWrite: boolean): PlainColumn<ReviewQueue>[] => [
  name,
  { id: 'progress', header: 'Progress', cell: (queue) => <Progress queue={queue} /> },
  {
    id: 'asked',
    header: 'Human metrics',
    cell: ({ humanMetrics }) => humanMetrics.map(({ name }) => name).join(', '),
  },
  {
    id: 'people',
    header: 'People per item',
    cell: ({ reviewersPerItem, blind }) => (
      <>
        {reviewersPerItem}
        <span className={styles.soft}>{blind ? ', blind' : ', not blind'}</span>
      </>
    ),
  },
  created,
  ...(mayWrite
    ? [{ id: 'mine', header: 'For you', cell: (queue: ReviewQueue) => <Mine queue={queue} /> }]
    : []),
];

function Progress({ queue }: { queue: ReviewQueue }) {
  return <ReviewProgress queue={useReviewLive(queue, 300)} />;
}

function Mine({ queue: { id, name, items, mine } }: { queue: ReviewQueue }) {
  if (mine.open === 0) {
    return (
      <span className={styles.soft}>
        {items === 0 ? 'add items first' : mine.done > 0 ? `all ${mine.done} done` : 'nothing left'}
      </span>
    );
  }
  return (
    <span className={styles.mine}>
      <ButtonLink
        to="/reviews/$queueId/score"
        params={{ queueId: id }}
        size="compact-sm"
        leftSection={<PenLine size={13} aria-hidden />}
        aria-label={`Score ${name}`}
      >
        Score
      </ButtonLink>
      <span className="numeric">
        {formatCount(mine.open)} left
        {mine.skipped > 0 && (
          <span className={styles.soft}>, {formatCount(mine.skipped)} skipped</span>
        )}
      </span>
    </span>
  );
}

const deletedColumns = (mayWrite: boolean): PlainColumn<ReviewQueue>[] => [
  name,
  {
    id: 'items',
    header: 'Items',
    cell: ({ items, complete }) => `${formatCount(complete)} of ${formatCount(items)} complete`,
  },
  {
    id: 'deleted',
    header: 'Deleted',
    cell: ({ deletedAt }) => deletedAt !== null && <RelativeTime at={deletedAt} />,
  },
  ...(mayWrite
    ? [{ id: 'restore', header: '', cell: (queue: ReviewQueue) => <Restore queue={queue} /> }]
    : []),
];

function Restore({ queue }: { queue: ReviewQueue }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const restore = useMutation({
    mutationFn: () => client.restoreReviewQueue({ params: { id: queue.id } }),
    onSuccess: () => {
      announce(`The queue ${queue.name} is restored`);
      void queries.invalidateQueries({ queryKey: reviewKeys.all });
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<Undo2 size={12} aria-hidden />}
        aria-label={`Restore ${queue.name}`}
        disabled={restore.isPending}
        onClick={() => restore.mutate()}
      >
        {restore.isPending ? 'Restoring…' : 'Restore'}
      </Button>
      {restore.isError && <ProblemPanel error={restore.error} doing="restore this queue" />}
    </>
  );
}
