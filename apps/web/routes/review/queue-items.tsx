import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Check, CircleDashed, Eye, SkipForward, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReviewItem, ReviewQueue, ReviewState } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { client } from '../../queries/client.ts';
import { reviewItemsQuery, reviewKeys, type ReviewItemsFilter } from '../../queries/reviews.ts';
import type { ReviewSearch } from './search.ts';
import styles from './review.module.css';

const route = getRouteApi('/app/reviews/$queueId');

const filters: Record<NonNullable<ReviewSearch['show']>, ReviewItemsFilter> = {
  complete: { complete: true },
  open: { complete: false },
  done: { mine: 'done' },
  skipped: { mine: 'skipped' },
};

/** The items of the queue, in the order in which they are shown to people. */
export function QueueItems({ queue, mayEdit }: { queue: ReviewQueue; mayEdit: boolean }) {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = show === undefined ? {} : filters[show];
  const list = useInfiniteQuery(reviewItemsQuery(queue.id, filter));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const [removing, setRemoving] = useState<ReviewItem>();
  if (queue.items === 0) {
    return (
      <Empty title="No item yet">
        <p>
          Add outputs of a completed run: all of them, those that a metric failed, or a sample. They
          are shown to people in random order.
        </p>
        {mayEdit && (
          <Button size="xs" onClick={() => void navigate({ search: { add: true } })}>
            Add items
          </Button>
        )}
      </Empty>
    );
  }
  return (
    <>
      <div className={styles.filters}>
        <SegmentedControl
          size="xs"
          aria-label="Which items are listed"
          value={show ?? 'all'}
          data={[
            { value: 'all', label: 'All' },
            { value: 'open', label: 'Open' },
            { value: 'complete', label: 'Complete' },
            { value: 'done', label: 'Scored by you' },
            { value: 'skipped', label: 'Skipped by you' },
          ]}
          onChange={(value) =>
            void navigate({
              search: {
                show:
                  value === 'open' ||
                  value === 'complete' ||
                  value === 'done' ||
                  value === 'skipped'
                    ? value
                    : undefined,
              },
              replace: true,
              resetScroll: false,
            })
          }
        />
      </div>
      {list.isPending ? (
        <SkeletonRows rows={10} label="Loading the items" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the items"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <p className={styles.none}>No item is so.</p>
      ) : (
        <>
          <PlainTable
            label="Items of the queue, in their order"
            columns={columns(queue, mayEdit, setRemoving)}
            rows={rows}
            rowId={({ place }) => String(place)}
          />
          <MoreRows list={list} shown={rows.length} noun="items" />
        </>
      )}
      {removing && <TakeOut queue={queue} item={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

const states: Record<ReviewState, { label: string; icon: typeof Check }> = {
  done: { label: 'scored', icon: Check },
  skipped: { label: 'skipped', icon: SkipForward },
  held: { label: 'before you', icon: Eye },
};

const columns = (
  queue: ReviewQueue,
  mayEdit: boolean,
  onRemove: (item: ReviewItem) => void,
): PlainColumn<ReviewItem>[] => [
  {
    id: 'item',
    header: 'Item',
    names: true,
    cell: ({ runId, no, key, repeat, runDeleted }) => (
      <>
        <Link to="/runs/$runId" params={{ runId }} search={{ search: key, item: no }}>
          {key}
        </Link>
        {repeat > 0 && <span className={styles.soft}> repeat {repeat}</span>}
        {runDeleted && <span className={styles.soft}> (its run is deleted)</span>}
      </>
    ),
  },
  {
    id: 'place',
    header: 'Place',
    cell: ({ place }) => <span className="numeric">{place + 1}</span>,
  },
  {
    id: 'run',
    header: 'Run',
    cell: ({ runId, runName }) =>
      runName === null ? (
        <span className={styles.soft}>blind</span>
      ) : (
        <Link to="/runs/$runId" params={{ runId }}>
          {runName}
        </Link>
      ),
  },
  {
    id: 'people',
    header: 'Scored by',
    cell: ({ reviews, complete }) => (
      <span className={`numeric ${styles.state}`} data-complete={complete || undefined}>
        {complete ? <Check size={14} aria-hidden /> : <CircleDashed size={14} aria-hidden />}
        {reviews} of {queue.reviewersPerItem}
        {complete && <span className="visually-hidden">, complete</span>}
      </span>
    ),
  },
  {
    id: 'mine',
    header: 'You',
    cell: ({ mine, place }) => {
      if (mine === null) return <span className={styles.soft}>–</span>;
      const { label, icon: Icon } = states[mine];
      return (
        <span className={styles.state}>
          <Icon size={14} aria-hidden />
          {label}
          {mayEdit && (
            <Link
              to="/reviews/$queueId/score"
              params={{ queueId: queue.id }}
              search={{ place }}
              aria-label={`Look at item ${place + 1} again`}
            >
              {mine === 'done' ? 'change' : 'score'}
            </Link>
          )}
        </span>
      );
    },
  },
  ...(mayEdit
    ? [
        {
          id: 'actions',
          header: '',
          cell: (item: ReviewItem) => (
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              leftSection={<Trash2 size={12} aria-hidden />}
              aria-label={`Take item ${item.place + 1} out`}
              onClick={() => onRemove(item)}
            >
              Take out
            </Button>
          ),
        },
      ]
    : []),
];

function TakeOut(props: { queue: ReviewQueue; item: ReviewItem; onClose: () => void }) {
  const { queue, item, onClose } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const remove = useMutation({
    mutationFn: () => client.deleteReviewItem({ params: { id: queue.id, place: item.place } }),
    onSuccess: () => {
      announce(`${item.key} is taken out of the queue`);
      void queries.invalidateQueries({ queryKey: reviewKeys.one(queue.id) });
      onClose();
    },
  });
  return (
    <Confirm
      title={`Take ${item.key} out of the queue?`}
      confirm="Take it out"
      doing="take the item out"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        Nobody is asked about it any more, and agreement no longer counts it.
        {item.reviews > 0 && ' What people scored stays with the item of the run.'}
      </p>
    </Confirm>
  );
}
