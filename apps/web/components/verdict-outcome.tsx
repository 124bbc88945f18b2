import {
  CircleEqual,
  CircleHelp,
  MoveHorizontal,
  TrendingDown,
  TrendingUp,
  type LucideIcon,
} from 'lucide-react';
import type { VerdictOutcome } from '#libs/contracts';
import styles from './verdict-outcome.module.css';

export const outcomeNames: Record<VerdictOutcome, string> = {
  better: 'Better',
  worse: 'Worse',
  different: 'Different',
  equivalent: 'Equivalent',
  inconclusive: 'Not enough evidence',
};
const icons: Record<VerdictOutcome, LucideIcon> = {
  better: TrendingUp,
  worse: TrendingDown,
  different: MoveHorizontal,
  equivalent: CircleEqual,
  inconclusive: CircleHelp,
};
/** The custom property with the colour of an outcome, which only repeats icon and word. */
export const outcomeColours: Record<VerdictOutcome, string> = {
  better: '--state-completed',
  worse: '--state-failed',
  different: '--state-running',
  equivalent: '--state-running',
  inconclusive: '--ink-soft',
};

/** An outcome as an icon of its own shape and a word. */
export function VerdictOutcomeLabel({ outcome }: { outcome: VerdictOutcome }) {
  const Icon = icons[outcome];
  return (
    <span className={styles.outcome} data-outcome={outcome}>
      <Icon size={15} aria-hidden />
      {outcomeNames[outcome]}
    </span>
  );
}
