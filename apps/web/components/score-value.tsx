import { Check, Minus, TriangleAlert, X } from 'lucide-react';
import type { Score } from '#libs/contracts';
import { formatScore } from '../format/numbers.ts';
import styles from './score-value.module.css';

/** A score in its cell: its value, and whether it passed, is not applicable, or broke. */
export function ScoreValue({ score }: { score: Score | undefined }) {
  if (!score) return <span className={styles.soft}>–</span>;
  if (score.error !== undefined) {
    return (
      <span className={`${styles.score} ${styles.broken}`} title={score.error}>
        <TriangleAlert size={13} aria-hidden /> error
      </span>
    );
  }
  if (score.notApplicable === true) {
    return (
      <span className={`${styles.score} ${styles.soft}`} title={score.reason ?? 'Not applicable'}>
        <Minus size={13} aria-hidden /> n/a
      </span>
    );
  }
  const { passed, value } = score;
  const Icon = passed === true ? Check : X;
  const judged = passed === undefined ? '' : passed ? styles.passed : styles.notPassed;
  return (
    <span className={`numeric ${styles.score} ${judged}`} title={score.reason}>
      {passed !== undefined && <Icon size={13} aria-hidden />}
      {inWords(value)}
      {passed !== undefined && (
        <span className="visually-hidden">{passed ? ' passed' : ' not passed'}</span>
      )}
    </span>
  );
}

function inWords(value: Score['value']): string {
  if (typeof value === 'number' || value === null) return formatScore(value);
  return String(value);
}
