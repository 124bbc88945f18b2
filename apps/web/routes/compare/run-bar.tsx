import { ActionIcon, Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, ArrowRight, Flag, Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Comparison } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { RunStateLabel } from '../../components/run-state.tsx';
import { formatCount } from '../../format/numbers.ts';
import { AddRuns } from './choose.tsx';
import { useSetSearch } from './compared.ts';
import { letterOf, movedRun, runIdsOf, runsMax, runsText } from './request.ts';
import styles from './run-bar.module.css';

const route = getRouteApi('/app/compare');

/** The runs that are compared, the baseline first: to be moved, taken away and added to. */
export function RunBar({ comparison }: { comparison: Comparison | undefined }) {
  const runIds = runIdsOf(route.useSearch().runs);
  const set = useSetSearch();
  const announce = useAnnounce();
  const [adding, setAdding] = useState(false);
  const change = (ids: readonly string[], said: string): void => {
    // What was open may be gone.
    set({ runs: runsText(ids), item: undefined, repeat: undefined }, { push: true });
    announce(said);
  };
  return (
    <section aria-label="Runs that are compared" className={styles.bar}>
      <ol className={styles.runs}>
        {runIds.map((runId, index) => {
          const run = comparison?.runs.find(({ id }) => id === runId);
          const name = run?.name ?? 'A run';
          return (
            <li key={runId} className={styles.run} data-baseline={index === 0 || undefined}>
              <span className={styles.letter}>{letterOf(index)}</span>
              <span className={styles.about}>
                <Link
                  to="/runs/$runId"
                  params={{ runId }}
                  title={run?.name}
                  className={styles.name}
                >
                  {run?.name ?? '…'}
                </Link>
                <span className={styles.facts}>
                  {index === 0 ? 'baseline' : 'candidate'}
                  {run && ` · v${run.datasetVersion} · ${formatCount(run.total)} items`}
                  {run && run.state !== 'completed' && (
                    <>
                      {' · '}
                      <RunStateLabel state={run.state} />
                    </>
                  )}
                </span>
              </span>
              <span className={styles.actions}>
                {index > 0 && (
                  <Act
                    label={`Make ${name} the baseline`}
                    icon={Flag}
                    onClick={() => change(movedRun(runIds, index, 0), `${name} is the baseline`)}
                  />
                )}
                {index > 1 && (
                  <Act
                    label={`Move ${name} before`}
                    icon={ArrowLeft}
                    onClick={() => change(movedRun(runIds, index, index - 1), `${name} moved`)}
                  />
                )}
                {index > 0 && index < runIds.length - 1 && (
                  <Act
                    label={`Move ${name} behind`}
                    icon={ArrowRight}
                    onClick={() => change(movedRun(runIds, index, index + 1), `${name} moved`)}
                  />
                )}
                <Act
                  label={`Take ${name} away`}
                  icon={X}
                  onClick={() => change(runIds.toSpliced(index, 1), `${name} is taken away`)}
                />
              </span>
            </li>
          );
        })}
        <li className={styles.add}>
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Plus size={14} aria-hidden />}
            aria-haspopup="dialog"
            disabled={runIds.length >= runsMax}
            title={runIds.length >= runsMax ? `At most ${runsMax} runs` : undefined}
            onClick={() => setAdding(true)}
          >
            Add runs
          </Button>
        </li>
      </ol>
      {adding && <AddRuns onClose={() => setAdding(false)} />}
    </section>
  );
}

function Act({
  label,
  icon: Icon,
  onClick,
}: {
  label: string;
  icon: typeof X;
  onClick: () => void;
}) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon size={14} aria-hidden />
    </ActionIcon>
  );
}
