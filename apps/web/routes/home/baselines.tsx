import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { GateOutcome, HeldRun, PinnedBaseline } from '#libs/contracts';
import { VerdictOutcomeLabel } from '../../components/verdict-outcome.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { newestBaselinesQuery } from './queries.ts';
import { findings, isUsage } from './findings.ts';
import { Nothing, Panel } from './panel.tsx';
import styles from './baselines.module.css';

const Trend = lazy(() => import('./trend.tsx'));

/** Each pinned baseline: what became of the newest runs beside it, and where its series goes. */
export function Baselines() {
  const { data, isPending, error, refetch } = useQuery(newestBaselinesQuery);
  return (
    <Panel title="Against baselines">
      {isPending && <SkeletonRows rows={4} label="Loading the baselines" />}
      {error && !data && (
        <ProblemPanel error={error} doing="load the baselines" onRetry={() => void refetch()} />
      )}
      {data?.items.length === 0 && (
        <Nothing>
          No run is pinned as a baseline. Pin one on its page: every later run of its dataset is
          then compared with it, and what got worse stands here.
        </Nothing>
      )}
      {data?.items.map((baseline) => (
        <Baseline key={baseline.datasetId} baseline={baseline} />
      ))}
    </Panel>
  );
}

function Baseline({ baseline }: { baseline: PinnedBaseline }) {
  const [newest] = baseline.held;
  const metric = newest?.verdicts.find((one) => !isUsage(one.metric))?.metric;
  return (
    <article className={styles.baseline} aria-label={`Dataset ${baseline.datasetName}`}>
      <h3 className={styles.dataset}>{baseline.datasetName}</h3>
      <p className={styles.pinned}>
        Baseline:{' '}
        <Link to="/runs/$runId" params={{ runId: baseline.runId }}>
          {baseline.runName}
        </Link>
      </p>
      {baseline.held.length === 0 && (
        <p className={styles.pinned}>No later run of this dataset has completed.</p>
      )}
      <ul className={styles.held}>
        {baseline.held.map((run) => (
          <Held key={run.runId} run={run} baselineRunId={baseline.runId} />
        ))}
      </ul>
      {newest && metric !== undefined && (
        <Suspense fallback={<div className={styles.space} />}>
          <Trend datasetId={baseline.datasetId} name={newest.runName} metric={metric} />
        </Suspense>
      )}
    </article>
  );
}

function Held({ run, baselineRunId }: { run: HeldRun; baselineRunId: string }) {
  const told = findings(run.verdicts);
  return (
    <li className={styles.run}>
      <Link
        to="/compare"
        search={{ runs: `${baselineRunId},${run.runId}` }}
        className={styles.name}
        title={`Compare ${run.runName} with its baseline`}
      >
        {run.runName}
      </Link>
      <span className={styles.time}>
        <RelativeTime at={run.createdAt} />
      </span>
      <span className={styles.verdicts}>
        {told.map(({ outcome, metrics }) => (
          <span key={outcome} className={styles.verdict}>
            <VerdictOutcomeLabel outcome={outcome} />
            <span className={styles.metrics}>{metrics.join(', ')}</span>
          </span>
        ))}
        {told.length === 0 && <span className={styles.metrics}>No difference is shown</span>}
        {run.gates.map(({ gateId, gateName, outcome }) => (
          <Gate key={gateId} name={gateName} outcome={outcome} />
        ))}
      </span>
    </li>
  );
}

const gates = {
  pass: { Icon: ShieldCheck, word: 'passes' },
  fail: { Icon: ShieldAlert, word: 'fails' },
  inconclusive: { Icon: ShieldQuestion, word: 'is undecided at' },
} as const;

function Gate({ name, outcome }: { name: string; outcome: GateOutcome }) {
  const { Icon, word } = gates[outcome];
  return (
    <span className={styles.gate} data-outcome={outcome}>
      <Icon size={15} aria-hidden />
      {word} {name}
    </span>
  );
}
