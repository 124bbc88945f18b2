import { Button } from '@mantine/core';
import { RotateCcw } from 'lucide-react';
import { describeErrorClass, nextState } from '#libs/evaluation';
import type { Run, RunError } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import { useShowItems } from './show-items.ts';
import { useRetry } from './use-retry.ts';
import styles from './errors.module.css';

/** What went wrong in the run, class by class, with what to do about it. */
export function Errors({ run }: { run: Run }) {
  const showItems = useShowItems();
  const mayWrite = useMay('editor') && run.deletedAt === null;
  // One that stopped early is continued where it says why, with all that is open.
  const mayRetry =
    mayWrite && run.state !== 'failed' && nextState(run.state, 'retry') !== undefined;
  const retry = useRetry(run.id);
  if (run.errors.length === 0) return null;
  return (
    <section className={styles.errors} aria-label="Errors">
      <h2>Errors</h2>
      <ul>
        {run.errors.map((error) => {
          const { title, remedy } = describeErrorClass(error.class);
          return (
            <li key={error.class}>
              <p className={styles.name}>
                {title} <code>{error.class}</code>
              </p>
              <p className={`numeric ${styles.counts}`}>{countsInWords(error)}</p>
              {(error.items > 0 || error.scores > 0) && <p className={styles.remedy}>{remedy}</p>}
              {error.items > 0 && (
                <div className={styles.actions}>
                  <Button
                    variant="default"
                    size="compact-xs"
                    onClick={() => showItems({ status: 'failed', errorClass: error.class })}
                  >
                    Show {error.items === 1 ? 'the item' : 'the items'}
                  </Button>
                  {mayRetry && (
                    <Button
                      variant="default"
                      size="compact-xs"
                      leftSection={<RotateCcw size={12} aria-hidden />}
                      disabled={retry.isPending}
                      onClick={() => retry.mutate({ errorClasses: [error.class] })}
                    >
                      Retry {error.items === 1 ? 'it' : 'these'}
                    </Button>
                  )}
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {run.errors.some(({ scores }) => scores > 0) && (
        <p className={styles.note}>
          A score that broke counts in no mean. Retrying opens failed items only: to score the
          outputs again, submit a run with the target{' '}
          <code>{JSON.stringify({ kind: 'recorded', runId: run.id })}</code>.
        </p>
      )}
      {retry.isError && <ProblemPanel error={retry.error} doing="retry these items" />}
    </section>
  );
}

function countsInWords({ items, tries, scores }: RunError): string {
  const parts = [];
  if (items > 0) parts.push(`${formatCount(items)} ${items === 1 ? 'item' : 'items'} failed`);
  if (scores > 0) parts.push(`${formatCount(scores)} ${scores === 1 ? 'score' : 'scores'} broke`);
  if (tries > 0) {
    const some = `${formatCount(tries)} ${tries === 1 ? 'call' : 'calls'} failed`;
    parts.push(items > 0 ? `${some} in all` : `${some}, no item ended with it`);
  }
  return parts.join(' · ');
}
