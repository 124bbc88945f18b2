import { Button } from '@mantine/core';
import { RotateCw, TriangleAlert } from 'lucide-react';
import { CopyButton } from './copy-button.tsx';
import { explain } from './explain.ts';
import styles from './problem.module.css';

/**
 * What went wrong, what helps, and the id that finds it in the server's log.
 * @param doing what was being tried, as in "load the runs"
 */
export function ProblemPanel({
  error,
  doing,
  onRetry,
}: {
  error: unknown;
  doing: string;
  onRetry?: (() => void) | undefined;
}) {
  const { title, remedy, details, requestId } = explain(error);
  return (
    <div className={styles.panel} role="alert">
      <TriangleAlert size={18} aria-hidden className={styles.icon} />
      <div className={styles.text}>
        <p className={styles.title}>
          Could not {doing}: {title}
        </p>
        {details.length > 0 && (
          <ul className={styles.details}>
            {details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        )}
        <p>{remedy}</p>
        {requestId !== undefined && (
          <p className={styles.request}>
            Request <code>{requestId}</code>
            <CopyButton text={requestId} label="Copy the request id" />
          </p>
        )}
      </div>
      {onRetry && (
        <Button
          variant="default"
          size="xs"
          leftSection={<RotateCw size={14} aria-hidden />}
          onClick={onRetry}
        >
          Try again
        </Button>
      )}
    </div>
  );
}
