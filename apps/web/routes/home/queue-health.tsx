import { useQuery } from '@tanstack/react-query';
import { client } from '../../queries/client.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';
import { Panel } from './panel.tsx';
import styles from './queue-health.module.css';

const LOOK_EVERY_MS = 5_000;

/** What waits in the queues and for how long, and whether anybody works: for admins of the instance. */
export function QueueHealth() {
  const queues = useQuery({
    queryKey: ['admin', 'queues'],
    queryFn: ({ signal }) => client.listQueues({ signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  const workers = useQuery({
    queryKey: ['admin', 'workers'],
    queryFn: ({ signal }) => client.listWorkers({ signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  const alive = workers.data?.items.filter(({ state }) => state === 'alive').length;
  return (
    <Panel title="Queues" more={<a href="/admin/queues">Jobs in Bull Board</a>}>
      {queues.isPending && <SkeletonRows rows={4} label="Loading the queues" />}
      {queues.error && !queues.data && (
        <ProblemPanel
          error={queues.error}
          doing="load the queues"
          onRetry={() => void queues.refetch()}
        />
      )}
      {queues.data && (
        <table className={`numeric ${styles.queues}`}>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">At work</th>
              <th scope="col">Waiting</th>
              <th scope="col">Oldest</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {queues.data.items.map((queue) => (
              <tr key={queue.name}>
                <th scope="row">
                  {queue.name}
                  {queue.paused && ' (paused)'}
                </th>
                <td>{formatCount(queue.active)}</td>
                <td>{formatCount(queue.waiting + queue.delayed)}</td>
                <td>
                  {queue.oldestWaitSeconds === null
                    ? '–'
                    : formatDuration(queue.oldestWaitSeconds * 1000)}
                </td>
                <td>{formatCount(queue.failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {alive !== undefined && (
        <p className={styles.workers} data-none={alive === 0 || undefined}>
          {alive === 0
            ? 'No worker is alive: what is submitted waits until one is started.'
            : `${formatCount(alive)} ${alive === 1 ? 'worker is' : 'workers are'} alive.`}
        </p>
      )}
    </Panel>
  );
}
