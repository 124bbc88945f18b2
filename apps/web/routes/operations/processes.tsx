import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiReplica, Worker } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { PlainTable, type PlainColumn } from '../../components/plain-table.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useNow } from '../../components/use-now.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';
import { replicasQuery, workersQuery } from '../../queries/operations.ts';
import styles from './operations.module.css';
import own from './processes.module.css';

const REFRESH_MS = 3_000;

/** The worker processes and the replicas of the API, as they tell of themselves every few seconds. */
export function Processes() {
  const workers = useQuery({ ...workersQuery, refetchInterval: REFRESH_MS });
  const replicas = useQuery({ ...replicasQuery, refetchInterval: REFRESH_MS });
  return (
    <>
      <section className={styles.section} aria-labelledby="workers">
        <h2 id="workers">Workers</h2>
        <Shown query={workers} noun="workers">
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No worker runs">
                <p>
                  Runs wait until one does: start any number of them with{' '}
                  <code>npm run worker</code> in the environment of the API.
                </p>
              </Empty>
            ) : (
              <PlainTable
                label="Workers"
                columns={workerColumns(newestOf(rows))}
                rows={rows}
                rowId={({ id }) => id}
              />
            )
          }
        </Shown>
      </section>
      <section className={styles.section} aria-labelledby="replicas">
        <h2 id="replicas">API replicas</h2>
        <Shown query={replicas} noun="replicas">
          {(rows) => (
            <PlainTable
              label="API replicas"
              columns={replicaColumns(newestOf(rows))}
              rows={rows}
              rowId={({ id }) => id}
            />
          )}
        </Shown>
        <p className={styles.soft}>
          How often sockets were refused or ended, and by which bound, is among the metrics of each
          replica for Prometheus, at <code>/metrics</code>.
        </p>
      </section>
    </>
  );
}

function Shown<Row>(props: {
  query: {
    data: Row[] | undefined;
    isError: boolean;
    error: unknown;
    refetch: () => unknown;
  };
  noun: string;
  children: (rows: Row[]) => ReactNode;
}) {
  const { query, noun } = props;
  const retry = (): void => void query.refetch();
  if (query.data === undefined) {
    if (!query.isError) return <SkeletonRows rows={3} label={`Loading the ${noun}`} />;
    return <ProblemPanel error={query.error} doing={`load the ${noun}`} onRetry={retry} />;
  }
  return (
    <>
      {query.isError && (
        <ProblemPanel
          error={query.error}
          doing={`look for news of the ${noun}; what follows is of before`}
          onRetry={retry}
        />
      )}
      {props.children(query.data)}
    </>
  );
}

type Process = Pick<
  Worker,
  'state' | 'version' | 'hostname' | 'pid' | 'startedAt' | 'seenAt' | 'memoryBytes'
>;

/** The version of the process that was started last: others may have been forgotten in an update. */
const newestOf = (processes: readonly Process[]): string | undefined =>
  processes.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))[0]?.version;

function commonColumns<Row extends Process>(newest: string | undefined) {
  const first: PlainColumn<Row>[] = [
    {
      id: 'name',
      header: 'Process',
      names: true,
      cell: ({ hostname, pid }) => (
        <>
          {hostname} <span className={own.soft}>{pid}</span>
        </>
      ),
    },
    { id: 'state', header: 'State', cell: (row) => <State process={row} /> },
    {
      id: 'version',
      header: 'Version',
      cell: ({ version }) =>
        version === newest ? version : `${version} (others run ${newest ?? 'another'})`,
    },
  ];
  const started: PlainColumn<Row> = {
    id: 'started',
    header: 'Started',
    cell: ({ startedAt }) => <RelativeTime at={startedAt} />,
  };
  return { first, started };
}

function State({ process }: { process: Process }) {
  const now = useNow(REFRESH_MS);
  const silent = Math.max(0, now - Date.parse(process.seenAt));
  if (process.state === 'alive') {
    return (
      <span className={own.state}>
        <CircleCheck size={14} aria-hidden className={own.alive} /> alive
      </span>
    );
  }
  return (
    <span className={`${own.state} ${own.lost}`} title="Its jobs are done by others">
      <CircleAlert size={14} aria-hidden /> lost, silent for {formatDuration(silent)}
    </span>
  );
}

const workerColumns = (newest: string | undefined): PlainColumn<Worker>[] => {
  const { first, started } = commonColumns<Worker>(newest);
  return [
    ...first,
    {
      id: 'queues',
      header: 'Side by side',
      cell: ({ queues }) =>
        queues.map(({ queue, concurrency }) => `${queue} ${formatCount(concurrency)}`).join(' · '),
    },
    { id: 'jobs', header: 'At work', cell: (row) => <Jobs worker={row} /> },
    {
      id: 'memory',
      header: 'Memory',
      numeric: true,
      cell: ({ memoryBytes }) => formatBytes(memoryBytes),
    },
    started,
  ];
};

/** What a worker is at; the oldest first, since one that takes long is what is looked for. */
function Jobs({ worker: { jobs, jobCount } }: { worker: Worker }) {
  const now = useNow(jobCount > 0 ? 1_000 : undefined);
  if (jobCount === 0) return <span className={own.soft}>nothing</span>;
  const oldest = jobs[0];
  return (
    <details>
      <summary>
        <span className="numeric">{formatCount(jobCount)}</span> {jobCount === 1 ? 'job' : 'jobs'}
        {oldest && <span className={own.soft}> for up to {lasting(oldest.since, now)}</span>}
      </summary>
      <ul className={own.jobs}>
        {jobs.map(({ queue, id, since }) => (
          <li key={`${queue}/${id}`}>
            {queue} <code>{id}</code> <span className="numeric">{lasting(since, now)}</span>
          </li>
        ))}
        {jobCount > jobs.length && <li>and {formatCount(jobCount - jobs.length)} more</li>}
      </ul>
    </details>
  );
}

const lasting = (since: string, now: number): string =>
  formatDuration(Math.max(0, now - Date.parse(since)));

const replicaColumns = (newest: string | undefined): PlainColumn<ApiReplica>[] => {
  const { first, started } = commonColumns<ApiReplica>(newest);
  return [
    ...first,
    {
      id: 'sockets',
      header: 'Sockets',
      numeric: true,
      cell: ({ sockets }) => formatCount(sockets),
    },
    {
      id: 'watch',
      header: 'Watched',
      cell: ({ rooms, subscriptions }) =>
        `${formatCount(subscriptions)} in ${formatCount(rooms)} ${rooms === 1 ? 'room' : 'rooms'}`,
    },
    {
      id: 'buffered',
      header: 'Unread',
      numeric: true,
      cell: ({ bufferedBytes }) => formatBytes(bufferedBytes),
    },
    {
      id: 'database',
      header: 'Database connections',
      cell: ({ databaseConnections: { total, idle, waiting } }) =>
        `${total - idle} at work, ${idle} idle${waiting === 0 ? '' : `, ${formatCount(waiting)} callers wait`}`,
    },
    {
      id: 'memory',
      header: 'Memory',
      numeric: true,
      cell: ({ memoryBytes, memoryLimitBytes, memoryBusy }) =>
        `${formatBytes(memoryBytes)} of ${formatBytes(memoryLimitBytes)}${memoryBusy ? ': takes no new sockets' : ''}`,
    },
    started,
  ];
};
