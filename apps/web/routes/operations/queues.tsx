import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatClock } from '../../format/time.ts';
import { useQueueCounts } from '../../live/live.tsx';
import { queuesQuery, scalingQuery } from '../../queries/operations.ts';
import { QueueCard } from './queue-card.tsx';
import { targets } from './search.ts';
import styles from './queues.module.css';

const route = getRouteApi('/app/operations');

const targetNames: Record<(typeof targets)[number], string> = {
  60: 'one minute',
  300: '5 minutes',
  900: '15 minutes',
  3600: 'one hour',
};

/** The queues with their live counts, and how many workers would do what there is to do. */
export function Queues() {
  const { target = 60 } = route.useSearch();
  const navigate = route.useNavigate();
  const queues = useQuery({ ...queuesQuery, refetchInterval: 3_000 });
  const scaling = useQuery({ ...scalingQuery(target), refetchInterval: 5_000 });
  const live = useQueueCounts();
  if (queues.isPending) return <SkeletonRows rows={8} label="Loading the queues" />;
  if (queues.isError && queues.data === undefined) {
    return (
      <ProblemPanel
        error={queues.error}
        doing="load the queues"
        onRetry={() => void queues.refetch()}
      />
    );
  }
  return (
    <>
      <div className={styles.scaling}>
        <p>
          <strong className="numeric">{scaling.data?.workers.wanted ?? '–'}</strong> workers are
          wanted to have everything done within
        </p>
        <NativeSelect
          size="xs"
          aria-label="Time in which everything should be done"
          value={String(target)}
          data={targets.map((seconds) => ({ value: String(seconds), label: targetNames[seconds] }))}
          onChange={({ currentTarget: { value } }) =>
            void navigate({
              search: (before) => ({
                ...before,
                target: targets.find((one) => one !== 60 && String(one) === value),
              }),
              replace: true,
            })
          }
        />
        {scaling.data && (
          <p>
            <span className="numeric">{scaling.data.workers.alive}</span> alive now
            {scaling.data.workers.lost > 0 && (
              <>
                , <span className="numeric">{scaling.data.workers.lost}</span> lost
              </>
            )}
          </p>
        )}
      </div>
      {scaling.isError && (
        <ProblemPanel
          error={scaling.error}
          doing="tell how many workers are wanted"
          onRetry={() => void scaling.refetch()}
        />
      )}
      {queues.isError && (
        <ProblemPanel
          error={queues.error}
          doing="look for news of the queues"
          onRetry={() => void queues.refetch()}
        />
      )}
      <div className={styles.cards}>
        {queues.data.map((queue) => (
          <QueueCard
            key={queue.name}
            queue={{
              ...queue,
              ...live?.queues.find(({ name }) => name === queue.name),
              name: queue.name,
            }}
            scaling={scaling.data?.queues.find(({ name }) => name === queue.name)}
            stale={queues.isError}
          />
        ))}
      </div>
      {queues.isError && (
        <p className={styles.news}>No news arrives; as of {formatClock(queues.dataUpdatedAt)}.</p>
      )}
    </>
  );
}
