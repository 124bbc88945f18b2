import type { ReviewQueue } from '#libs/contracts';
import { formatCount } from '../format/numbers.ts';
import { useConnection } from '../live/live.tsx';
import styles from './review-progress.module.css';

/** How much of a queue is complete: a bar and the numbers, which say when they may be old. */
export function ReviewProgress({
  queue,
  large = false,
}: {
  queue: Pick<ReviewQueue, 'name' | 'items' | 'complete'>;
  large?: boolean;
}) {
  const isStale = useConnection() === 'lost' && queue.complete < queue.items;
  const { items, complete } = queue;
  const text = `${formatCount(complete)} of ${formatCount(items)} complete`;
  return (
    <div className={styles.progress} data-large={large || undefined}>
      <div className={styles.track}>
        <progress
          className="visually-hidden"
          aria-label={`Progress of ${queue.name}`}
          aria-valuetext={text}
          max={Math.max(1, items)}
          value={complete}
        />
        <div
          className={styles.done}
          data-all={(items > 0 && complete === items) || undefined}
          style={{ transform: `scaleX(${items === 0 ? 0 : complete / items})` }}
        />
      </div>
      <span
        className={isStale ? 'numeric stale' : 'numeric'}
        title={isStale ? 'Live updates are interrupted: this may be old' : undefined}
      >
        {items === 0 ? 'no items' : text}
      </span>
    </div>
  );
}
