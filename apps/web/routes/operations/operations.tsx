import { Button, Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { Empty } from '../../components/empty.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { useSession } from '../../queries/session.ts';
import { Audit } from './audit.tsx';
import { Failures } from './failures.tsx';
import { Processes } from './processes.tsx';
import { Queues } from './queues.tsx';
import { views, type View } from './search.ts';
import styles from './operations.module.css';

const route = getRouteApi('/app/operations');

const names: Record<View, string> = {
  queues: 'Queues',
  processes: 'Workers and API',
  failures: 'Failures',
  audit: 'Audit log',
};
const isView = (value: string | null): value is View => views.some((view) => view === value);

/** What admins of the instance see of all projects, and do. */
export function Operations() {
  const session = useSession();
  const { view = 'queues' } = route.useSearch();
  const navigate = route.useNavigate();
  if (session?.role !== 'admin' || !session.instance) return <NotForThisKey />;
  return (
    <>
      <ScreenHead title="Operations">
        <Button
          component="a"
          href="/admin/queues"
          variant="default"
          size="xs"
          leftSection={<ExternalLink size={14} aria-hidden />}
        >
          Bull Board
        </Button>
      </ScreenHead>
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(value) => {
          // Filters of one part mean nothing in another.
          if (isView(value)) void navigate({ search: { view: value }, replace: true });
        }}
      >
        <Tabs.List aria-label="Parts of the operations">
          {views.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {names[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="queues" className={styles.panel}>
          <Queues />
        </Tabs.Panel>
        <Tabs.Panel value="processes" className={styles.panel}>
          <Processes />
        </Tabs.Panel>
        <Tabs.Panel value="failures" className={styles.panel}>
          <Failures />
        </Tabs.Panel>
        <Tabs.Panel value="audit" className={styles.panel}>
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function NotForThisKey() {
  return (
    <>
      <ScreenHead title="Operations" />
      <Empty title="This needs an admin key of the instance">
        <p>
          Queues and workers serve all projects, so a key of one project does not open them. Sign in
          with the key that the server was started with (<code>LLM_EVAL_ADMIN_KEY</code>, or the one
          that <code>npm start</code> printed).
        </p>
      </Empty>
    </>
  );
}
