import { Progress } from '@mantine/core';
import type { ImportProgress } from '#libs/contracts';
import { formatBytes, formatCount } from '../../../format/numbers.ts';
import styles from './import.module.css';

/** How far an upload has come, as the server counts. */
export function HowFar(props: { what: string; file: File; progress: ImportProgress | undefined }) {
  const { what, file, progress } = props;
  const bytes = progress?.bytes ?? 0;
  const share = file.size === 0 ? 0 : Math.min(100, (100 * bytes) / file.size);
  return (
    <div className={styles.progress}>
      <Progress.Root size={8}>
        <Progress.Section value={share} aria-label={`${what} ${file.name}`} />
      </Progress.Root>
      <p className="numeric">
        {what}… {formatCount(progress?.lines ?? 0)} lines, {formatBytes(bytes)} of{' '}
        {formatBytes(file.size)}
      </p>
    </div>
  );
}
