import { Check, X } from 'lucide-react';
import type { EvaluationItem } from '#libs/contracts';
import styles from './item-cells.module.css';

/** Whether an output was got and scored: a tick, or a cross. */
export function ItemStatus({ status }: { status: EvaluationItem['status'] }) {
  const Icon = status === 'completed' ? Check : X;
  return (
    <span className={styles.status} data-status={status} title={status}>
      <Icon size={15} aria-hidden />
      <span className="visually-hidden">{status}</span>
    </span>
  );
}
