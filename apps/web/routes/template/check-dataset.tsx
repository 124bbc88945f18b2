import { useQuery } from '@tanstack/react-query';
import { Check, TriangleAlert } from 'lucide-react';
import { DatasetSelect } from '../../components/dataset-select.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { templateCheckQuery } from '../../queries/templates.ts';
import styles from './template.module.css';

const shown = 10;

/** Whether the items of a dataset are as a template needs them, and which are not. */
export function CheckDataset(props: {
  templateId: string;
  dataset: string;
  onDataset: (id: string) => void;
}) {
  const { templateId, dataset, onDataset } = props;
  const check = useQuery({
    ...templateCheckQuery(templateId, dataset),
    enabled: dataset !== '',
  });
  const { data } = check;
  return (
    <div className={styles.check}>
      <DatasetSelect label="Check a dataset" value={dataset} onChange={onDataset} />
      <output>
        {data && data.wrong === 0 && (
          <p className={styles.fits}>
            <Check size={14} aria-hidden /> All {formatCount(data.checked)} items that were looked
            at fit.
          </p>
        )}
        {data && data.wrong > 0 && (
          <>
            <p className={styles.misfits}>
              <TriangleAlert size={14} aria-hidden /> {formatCount(data.wrong)} of{' '}
              {formatCount(data.checked)} items that were looked at do not fit:
            </p>
            <ul className={styles.errors}>
              {data.errors.slice(0, shown).map(({ key, field, message }) => (
                <li key={`${key}-${field}-${message}`}>
                  <code>{key}</code> {field} {message}
                </li>
              ))}
            </ul>
          </>
        )}
      </output>
      {check.isError && (
        <ProblemPanel
          error={check.error}
          doing="check this dataset"
          onRetry={() => void check.refetch()}
        />
      )}
    </div>
  );
}
