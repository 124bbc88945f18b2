import type { RunMetric } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount, formatScore } from '../../../format/numbers.ts';
import { ConfusionTable } from '../../../components/confusion-table.tsx';
import { readDetails, type ClassScores } from './confusion.ts';
import { Section } from './parts.tsx';
import styles from './metric-details.module.css';

/** What a metric says of the run as a whole. */
export function RunLevel({ runLevel }: { runLevel: NonNullable<RunMetric['runLevel']> }) {
  const { values, details } = runLevel;
  const { confusion, classes, note } = readDetails(details);
  const known = confusion !== undefined || classes !== undefined;
  return (
    <>
      <Section title="Of the run as a whole">
        <dl className={`numeric ${styles.values}`}>
          {values.map(({ name, title, value }) => (
            <div key={name}>
              <dt title={name}>{title}</dt>
              <dd>{formatScore(value)}</dd>
            </div>
          ))}
        </dl>
        {note !== undefined && <p className={styles.note}>{note}</p>}
      </Section>
      {confusion && (
        <Section title="Confusion matrix">
          <ConfusionTable confusion={confusion} />
        </Section>
      )}
      {classes && (
        <Section title="Classes">
          <Classes classes={classes} />
        </Section>
      )}
      {details !== null && !known && (
        <details className={styles.more}>
          <summary>How they came about</summary>
          <Scrollable className={styles.scroll} label="Details of the run's values">
            <pre className={styles.json}>{JSON.stringify(details, null, 2)}</pre>
          </Scrollable>
        </details>
      )}
    </>
  );
}

function Classes({ classes }: { classes: ClassScores }) {
  return (
    <Scrollable className={styles.scroll} label="Scores of each class">
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Precision</th>
            <th scope="col">Recall</th>
            <th scope="col">F1</th>
            <th scope="col">Expected</th>
          </tr>
        </thead>
        <tbody>
          {classes.map(({ label, precision, recall, f1, support }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{formatScore(precision)}</td>
              <td>{formatScore(recall)}</td>
              <td>{formatScore(f1)}</td>
              <td>{formatCount(support)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
