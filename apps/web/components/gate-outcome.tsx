import { CircleCheck, CircleHelp, CircleX, type LucideIcon } from 'lucide-react';
import type { GateOutcome } from '#libs/contracts';
import styles from './gate-outcome.module.css';

const icons: Record<GateOutcome, LucideIcon> = {
  pass: CircleCheck,
  fail: CircleX,
  inconclusive: CircleHelp,
};
export const outcomeNames: Record<GateOutcome, string> = {
  pass: 'Pass',
  fail: 'Fail',
  inconclusive: 'Inconclusive',
};

/** How a gate or a rule came out: an icon of its own shape and a word. */
export function GateOutcomeLabel({ outcome }: { outcome: GateOutcome }) {
  const Icon = icons[outcome];
  return (
    <span className={styles.outcome} data-outcome={outcome}>
      <Icon size={15} aria-hidden />
      {outcomeNames[outcome]}
    </span>
  );
}
