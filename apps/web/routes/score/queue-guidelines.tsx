import { ChevronDown, ChevronRight } from 'lucide-react';
import type { ReviewQueue } from '#libs/contracts';
import { Guidelines } from '../../components/guidelines.tsx';
import styles from './score.module.css';

/** How to decide: of the queue, and of each human metric that has its own. */
export function QueueGuidelines(props: {
  queue: ReviewQueue;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const { queue, isOpen, onToggle } = props;
  const own = queue.humanMetrics.filter(({ guidelines }) => guidelines !== null);
  if (queue.guidelines === null && own.length === 0) return null;
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <section className={styles.guidelines} aria-label="Guidelines">
      <button type="button" aria-expanded={isOpen} onClick={onToggle}>
        <Icon size={15} aria-hidden />
        Guidelines <kbd aria-hidden>g</kbd>
      </button>
      {isOpen && (
        <div className={styles.guidelinesText}>
          {queue.guidelines !== null && <Guidelines text={queue.guidelines} />}
          {own.map(({ id, name, guidelines }) => (
            <div key={id}>
              <h3>{name}</h3>
              <Guidelines text={guidelines ?? ''} />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
