import { Button, Skeleton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Comparison } from '#libs/contracts';
import type { CompareRequest } from '#libs/sdk';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatClock } from '../../format/time.ts';
import { useConnection } from '../../live/live.tsx';
import { Choose } from './choose.tsx';
import { chosenOf, ComparedContext, type Compared } from './compared.ts';
import { Export } from './export.tsx';
import { numberText } from './number-text.ts';
import { Options } from './options.tsx';
import { Parts } from './parts.tsx';
import { requestOf } from './request.ts';
import { RunBar } from './run-bar.tsx';
import { useCompare } from './use-compare.ts';
import { Verdict } from './verdict.tsx';
import styles from './compare.module.css';

const route = getRouteApi('/app/compare');

export function ComparePage() {
  const search = route.useSearch();
  const request = requestOf(search);
  useEffect(() => {
    document.title = 'Compare · LLM-Eval';
  }, []);
  if (!request) return <Choose />;
  return <Asked request={request} />;
}

function Asked({ request }: { request: CompareRequest }) {
  const { comparison, progress, isUnderWay, error, retry, again } = useCompare(request);
  // While another question is being answered, the numbers of the last one stay where they are.
  const shown = useLast(comparison, request);
  useAnnounceEnd(comparison);
  const isOld = shown !== comparison;
  return (
    <>
      <div className={styles.top}>
        <h1>Compare</h1>
        <Progress comparison={comparison} progress={progress} isUnderWay={isUnderWay} />
        <div className={styles.actions}>
          <Options comparison={shown} />
          <Export comparison={shown} />
        </div>
      </div>
      <RunBar comparison={shown} />
      {error !== undefined && (
        <div className={styles.problem}>
          <ProblemPanel error={error} doing="compare these runs" onRetry={retry} />
        </div>
      )}
      {comparison?.state === 'failed' && <Failed comparison={comparison} onAgain={again} />}
      {comparison && !comparison.current && comparison.result && !isUnderWay && (
        <Outdated onAgain={again} />
      )}
      {shown?.result ? (
        <div aria-busy={isOld || undefined} className={isOld ? styles.old : undefined}>
          <Shown comparison={shown} />
        </div>
      ) : (
        error === undefined && comparison?.state !== 'failed' && <Waiting />
      )}
    </>
  );
}

/**
 * What is shown: the numbers of these runs that were there last stay where they are while another question
 * about them is being answered.
 */
function useLast(
  comparison: Comparison | undefined,
  request: CompareRequest,
): Comparison | undefined {
  const [last, setLast] = useState<Comparison>();
  if (comparison?.result && comparison !== last) setLast(comparison);
  if (comparison?.result) return comparison;
  const isOfSameRuns =
    last !== undefined &&
    last.baselineRunId === request.baselineRunId &&
    last.candidateRunIds.join() === request.candidateRunIds.join();
  return isOfSameRuns ? last : comparison;
}

function useAnnounceEnd(comparison: Comparison | undefined): void {
  const announce = useAnnounce();
  const state = comparison?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && before.current !== state && state === 'completed') {
      announce('The comparison is complete');
    }
    before.current = state;
  }, [state, announce]);
}

function Shown({ comparison }: { comparison: Comparison }) {
  const search = route.useSearch();
  const { result } = comparison;
  const { candidate, metric } = search;
  const compared = useMemo((): Compared | undefined => {
    const chosen = result && chosenOf(result, { candidate, metric });
    if (!result || !chosen) return undefined;
    return { comparison, result, ...chosen, text: numberText(chosen.metric) };
  }, [comparison, result, candidate, metric]);
  if (!compared) return <p className={styles.none}>No metric of these runs could be compared.</p>;
  return (
    <ComparedContext value={compared}>
      <Verdict />
      <Parts />
    </ComparedContext>
  );
}

/** Always as high, so that nothing moves when it comes and goes. */
function Progress({
  comparison,
  progress,
  isUnderWay,
}: {
  comparison: Comparison | undefined;
  progress: number;
  isUnderWay: boolean;
}) {
  const connection = useConnection();
  if (!isUnderWay) {
    return (
      <p className={styles.progress}>
        {comparison?.state === 'completed' && comparison.computedAt !== null && (
          <>Computed at {formatClock(Date.parse(comparison.computedAt))}</>
        )}
      </p>
    );
  }
  const doing =
    comparison?.state === 'refining' ? 'Resampling; the numbers are refined' : 'Comparing';
  return (
    <p className={styles.progress}>
      <progress aria-label="Progress of the comparison" max={1} value={progress} />
      <span className="numeric">
        {doing}, {Math.floor(100 * progress)} %{connection === 'lost' && ' (asked now and then)'}
      </span>
    </p>
  );
}

function Failed({ comparison, onAgain }: { comparison: Comparison; onAgain: () => Promise<void> }) {
  return (
    <div className={styles.hint} role="alert">
      <p>The comparison failed: {comparison.reason ?? 'without a reason'}</p>
      <Again label="Compare again" onAgain={onAgain} />
    </div>
  );
}

function Outdated({ onAgain }: { onAgain: () => Promise<void> }) {
  return (
    <div className={styles.hint}>
      <p>The runs have moved on since this was computed.</p>
      <Again label="Compare what they hold now" onAgain={onAgain} />
    </div>
  );
}

function Again({ label, onAgain }: { label: string; onAgain: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const ask = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    await onAgain().catch(setFailure);
    setBusy(false);
  };
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<RefreshCw size={14} aria-hidden />}
        disabled={busy}
        onClick={() => void ask()}
      >
        {label}
      </Button>
      {failure !== undefined && <ProblemPanel error={failure} doing="compare them again" />}
    </>
  );
}

function Waiting() {
  return (
    <div className={styles.waiting} aria-busy="true">
      <span className="visually-hidden">Comparing the runs</span>
      <Skeleton height={120} />
      <Skeleton height={36} width="60%" />
      <Skeleton height={320} />
    </div>
  );
}
