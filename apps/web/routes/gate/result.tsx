import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { GateResult } from '#libs/contracts';
import { GateOutcomeLabel } from '../../components/gate-outcome.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { runQuery } from '../../queries/runs.ts';
import styles from './gate.module.css';

/** What a gate said of one run: each rule with its reason, and the way to the whole comparison. */
export function Result({ result }: { result: GateResult }) {
  const { outcome, runId, baselineRunId, rules, rulesChanged, createdAt } = result;
  return (
    <article className={styles.result} aria-label={`Result of ${runId}`}>
      <div className={styles.head}>
        <GateOutcomeLabel outcome={outcome} />
        <span>
          <RunName runId={runId} /> against <RunName runId={baselineRunId} />
        </span>
        <span className={styles.soft}>
          <RelativeTime at={createdAt} />
        </span>
        <Link
          className={styles.compare}
          to="/compare"
          search={{ runs: `${baselineRunId},${runId}` }}
        >
          Compare them
        </Link>
      </div>
      <ul className={styles.reasons}>
        {rules.map(({ rule, outcome, reason }) => (
          <li key={JSON.stringify(rule)}>
            <GateOutcomeLabel outcome={outcome} />
            <span>{withoutOpening(reason)}</span>
          </li>
        ))}
      </ul>
      {rulesChanged && (
        <p className={styles.soft}>The gate has other rules by now; check the run again.</p>
      )}
    </article>
  );
}

/** The label says how it came out already. */
const withoutOpening = (reason: string): string =>
  reason.replace(/^(Pass|Fail|Inconclusive): /, '');

function RunName({ runId }: { runId: string }) {
  const { data } = useQuery({ ...runQuery(runId), staleTime: 300_000 });
  return (
    <Link to="/runs/$runId" params={{ runId }}>
      {data?.name ?? runId}
    </Link>
  );
}
