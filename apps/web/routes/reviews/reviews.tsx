import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ScreenHead } from '../../components/screen-head.tsx';
import { useMay } from '../../queries/session.ts';
import { HumanMetrics } from './human-metrics.tsx';
import { QueueForm } from './queue-form.tsx';
import { QueueList } from './queue-list.tsx';
import styles from './reviews.module.css';

const route = getRouteApi('/app/reviews');

/** The queues of outputs that people score, and what they score them by. */
export function Reviews() {
  const { view = 'queues', edit } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  return (
    <>
      <ScreenHead
        title="Review"
        about="People score outputs in a queue, item by item. Then see how far they agree with each other, and with your judges."
      />
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: { view: value === 'metrics' ? value : undefined },
            replace: true,
          })
        }
      >
        <Tabs.List aria-label="Queues and human metrics">
          <Tabs.Tab value="queues">Queues</Tabs.Tab>
          <Tabs.Tab value="metrics">Human metrics</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="queues" className={styles.panel}>
          <QueueList mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="metrics" className={styles.panel}>
          <HumanMetrics mayWrite={mayWrite} />
        </Tabs.Panel>
      </Tabs>
      {mayWrite && view === 'queues' && edit === 'new' && (
        <QueueForm
          onClose={() => void navigate({ search: {} })}
          onCreated={({ id }) =>
            void navigate({ to: '/reviews/$queueId', params: { queueId: id }, search: {} })
          }
        />
      )}
    </>
  );
}
