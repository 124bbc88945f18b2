import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { Problem } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount } from '../../../format/numbers.ts';
import styles from './import.module.css';

/** What is wrong with the file, by line; nothing is kept as long as anything is. */
export function LineFaults(props: {
  errors: NonNullable<Problem['errors']>;
  /** How many lines; undefined where only the first are known. */
  wrong: number | undefined;
  complete: boolean;
}) {
  const { errors, wrong, complete } = props;
  if (errors.length === 0) {
    return (
      <output className={styles.fine}>
        <CircleCheck size={15} aria-hidden />
        {complete ? 'Every line is as it should be.' : 'The first lines are as they should be.'}
      </output>
    );
  }
  return (
    <section aria-label="What is wrong">
      <div role="alert">
        <h3 className={styles.wrong}>
          <TriangleAlert size={15} aria-hidden />
          {wrong === undefined
            ? 'Not imported: lines are wrong'
            : wrong === 1
              ? 'One line is wrong'
              : `${formatCount(wrong)} lines are wrong`}
          {!complete && ', of the first'}
        </h3>
      </div>
      <Scrollable className={styles.scroll} label="What is wrong, by line">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Field</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {errors.map(({ line, field, message }) => (
              <tr key={`${line} ${field} ${message}`}>
                <td className="numeric">{line === undefined ? '–' : formatCount(line)}</td>
                <td>{field ?? '–'}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </section>
  );
}
