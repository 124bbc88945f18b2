import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReviewQueueDetail } from '#libs/contracts';
import { BackLink } from '../../components/back-link.tsx';
import { DeletedHint } from '../../components/deleted-hint.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useConnection } from '../../live/live.tsx';
import { reviewQueueQuery } from '../../queries/reviews.ts';
import { useMay } from '../../queries/session.ts';
import { AddItems } from './add-items.tsx';
import { Agreement } from './agreement/agreement.tsx';
import { QueueHead } from './queue-head.tsx';
import { QueueItems } from './queue-items.tsx';
import { QueueSettings } from './queue-settings.tsx';
import { useQueueChange } from './use-queue-change.ts';
import styles from './review.module.css';

const route = getRouteApi('/app/reviews/$queueId');

/** One queue: how far it is, its items, and how far people agree. */
export function ReviewPage() {
  const { queueId } = route.useParams();
  const isLost = useConnection() === 'lost';
  // Snapshots tell how far it is; who did how much is asked for now and then.
  const queue = useQuery({
    ...reviewQueueQuery(queueId),
    refetchInterval: isLost ? 5_000 : 15_000,
  });
  return (
    <>
      <BackLink to="/reviews">All queues</BackLink>
      {queue.data ? (
        <Shown key={queueId} queue={queue.data} />
      ) : queue.isError ? (
        <>
          <ScreenHead title="Review queue" />
          <ProblemPanel
            error={queue.error}
            doing="load this queue"
            onRetry={() => void queue.refetch()}
          />
        </>
      ) : (
        <>
          <h1 className="visually-hidden">Review queue</h1>
          <SkeletonRows rows={8} label="Loading the queue" />
        </>
      )}
    </>
  );
}

function Shown({ queue }: { queue: ReviewQueueDetail }) {
  const { view = 'items', add } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useMay('editor') && queue.deletedAt === null;
  const { restore } = useQueueChange(queue.id);
  return (
    <>
      <QueueHead queue={queue} mayEdit={mayEdit} />
      {queue.deletedAt !== null && (
        <DeletedHint
          at={queue.deletedAt}
          noun="queue"
          means="Nobody is given its items any more; what people scored stays with the items."
          restore={restore}
        />
      )}
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: { view: value === 'agreement' || value === 'settings' ? value : undefined },
            replace: true,
            resetScroll: false,
          })
        }
      >
        <Tabs.List aria-label="Parts of the queue">
          <Tabs.Tab value="items">Items</Tabs.Tab>
          <Tabs.Tab value="agreement">Agreement</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="items" className={styles.panel}>
          <QueueItems queue={queue} mayEdit={mayEdit} />
        </Tabs.Panel>
        <Tabs.Panel value="agreement" className={styles.panel}>
          <Agreement queue={queue} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={styles.panel}>
          <QueueSettings key={queue.deletedAt} queue={queue} mayEdit={mayEdit} />
        </Tabs.Panel>
      </Tabs>
      {mayEdit && add === true && (
        <AddItems
          queue={queue}
          onClose={() =>
            void navigate({ search: (before) => ({ ...before, add: undefined }), replace: true })
          }
        />
      )}
    </>
  );
}
