import { formatExact, formatRelative } from '../format/time.ts';
import { useNow } from './use-now.ts';

/** "3 min. ago", and exactly when on hover. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatRelative(at, now)}
    </time>
  );
}
