import { useQuery } from '@tanstack/react-query';
import type { Run } from '#libs/contracts';
import { GateOutcomeLabel } from '../../components/gate-outcome.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { gateResultsQuery } from '../../queries/gates.ts';
import styles from './gates.module.css';

/** What the gates say of the run, each with the rules that it breaks; nothing before they were checked. */
export function Gates({ run }: { run: Run }) {
  const { data } = useQuery({ ...gateResultsQuery(run.id), enabled: run.state === 'completed' });
  if (!data || data.length === 0) return null;
  return (
    <section className={styles.gates} aria-label="Gates">
      <h2>Gates</h2>
      <ul>
        {data.map(({ id, gateName, outcome, rules, createdAt, rulesChanged }) => (
          <li key={id}>
            <p className={styles.head}>
              <GateOutcomeLabel outcome={outcome} /> <strong>{gateName}</strong>{' '}
              <span className={styles.soft}>
                checked <RelativeTime at={createdAt} />
                {rulesChanged && '; the gate has other rules by now'}
              </span>
            </p>
            {rules
              .filter((rule) => rule.outcome !== 'pass')
              .map(({ rule, outcome: ofRule, reason }) => (
                <p key={`${rule.kind}/${rule.metric}/${reason}`} className={styles.rule}>
                  <GateOutcomeLabel outcome={ofRule} />{' '}
                  {reason.replace(/^(Pass|Fail|Inconclusive): /, '')}
                </p>
              ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
