import { Check, Minus, TriangleAlert, X } from 'lucide-react';
import type { Score } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCost } from '../../format/numbers.ts';
import styles from './try-it.module.css';

/** What came of a trial: a value, or why there is none. */
export function Result({ score }: { score: Score }) {
  const { value, passed, reason, error, notApplicable, details, costUsd } = score;
  return (
    <>
      {error !== undefined ? (
        <p className={styles.verdict} data-verdict="error">
          <TriangleAlert size={16} aria-hidden />
          Error
        </p>
      ) : notApplicable === true ? (
        <p className={styles.verdict}>
          <Minus size={16} aria-hidden />
          Not applicable
        </p>
      ) : (
        <p className={styles.verdict} data-verdict={verdictOf(passed)}>
          <strong className="numeric">{String(value)}</strong>
          {passed !== undefined && (
            <span className={styles.passed}>
              {passed ? <Check size={15} aria-hidden /> : <X size={15} aria-hidden />}
              {passed ? 'passed' : 'not passed'}
            </span>
          )}
        </p>
      )}
      {(error ?? reason) !== undefined && <p className={styles.reason}>{error ?? reason}</p>}
      {costUsd !== undefined && (
        <p className={styles.soft}>The judge cost {formatCost(costUsd)}.</p>
      )}
      {details !== undefined && (
        <>
          <h3>Details</h3>
          <Scrollable className={styles.details} label="Details of the score">
            <pre>{JSON.stringify(details, null, 2)}</pre>
          </Scrollable>
        </>
      )}
    </>
  );
}

function verdictOf(passed: boolean | undefined): string | undefined {
  if (passed === undefined) return undefined;
  return passed ? 'passed' : 'not-passed';
}
