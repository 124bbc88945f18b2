import { useThrottledCallback } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Plus } from 'lucide-react';
import { ButtonLink } from '../../components/button-link.tsx';
import { useRunList } from '../../live/live.tsx';
import { useMay, useSession } from '../../queries/session.ts';
import { FirstRun } from '../runs/first-run.tsx';
import { Baselines } from './baselines.tsx';
import { QueueHealth } from './queue-health.tsx';
import { RunList } from './run-list.tsx';
import { finishedQuery, goingOnQuery, homeKey } from './queries.ts';
import styles from './home.module.css';

/** While the socket does not tell of runs. */
const ASK_EVERY_MS = 5_000;
/** Many runs tell of themselves at once. */
const AT_MOST_EVERY_MS = 2_000;

/** What goes on, what finished, and what got worse. */
export function Home() {
  useEffect(() => {
    document.title = 'Home · LLM-Eval';
  }, []);
  const session = useSession();
  const mayWrite = useMay('editor');
  const queries = useQueryClient();
  const askAgain = useThrottledCallback(
    () => void queries.invalidateQueries({ queryKey: homeKey }),
    AT_MOST_EVERY_MS,
  );
  const live = useRunList({ listed: askAgain, changed: askAgain });
  const refetchInterval = live ? false : ASK_EVERY_MS;
  const goingOn = useQuery({ ...goingOnQuery, refetchInterval });
  const finished = useQuery({ ...finishedQuery, refetchInterval });
  const isNew = goingOn.data?.length === 0 && finished.data?.length === 0;
  const seesQueues = session?.instance === true && session.role === 'admin';
  return (
    <>
      <div className={styles.top}>
        <h1>Home</h1>
        {mayWrite && (
          <div className={styles.actions}>
            <ButtonLink to="/runs/new" size="xs" leftSection={<Plus size={14} aria-hidden />}>
              New run
            </ButtonLink>
          </div>
        )}
      </div>
      {isNew ? (
        <FirstRun />
      ) : (
        <div className={styles.columns}>
          <div className={styles.column}>
            <RunList
              title="Going on"
              list={goingOn}
              none="Nothing runs now. What is submitted appears here by itself."
              search={{ state: ['running', 'paused', 'queued'] }}
            />
            <RunList
              title="Finished lately"
              list={finished}
              none="No run has finished yet."
              search={{ state: ['completed', 'failed', 'canceled'], sort: 'finished' }}
            />
          </div>
          <div className={styles.column}>
            <Baselines />
            {seesQueues && <QueueHealth />}
          </div>
        </div>
      )}
    </>
  );
}
