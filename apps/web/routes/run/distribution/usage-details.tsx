import type { Run, UsageMetric } from '#libs/contracts';
import { Dialog } from '../../../components/dialog.tsx';
import { Distribution } from './distribution.tsx';
import { usageFormat, usageName } from './usage-names.ts';
import styles from './usage.module.css';

const about: Record<UsageMetric, string> = {
  latency_ms:
    'Of the call that gave the output, as it was measured here. Answers from the cache were not waited for, and do not count.',
  input_tokens: 'As the provider counted them, of the call that gave the output.',
  output_tokens: 'As the provider counted them, of the call that gave the output.',
  cost_usd: 'Of the target, by the prices that are known; what judges cost comes on top.',
};

/** How one thing that the target used lies over the items, in a dialog. */
export default function UsageDetails({
  run,
  name,
  onClose,
}: {
  run: Run;
  name: UsageMetric;
  onClose: () => void;
}) {
  return (
    <Dialog title={`${usageName[name]} per item`} size="44rem" fills onClose={onClose}>
      <div className={styles.details}>
        <p className={styles.soft}>{about[name]}</p>
        <Distribution run={run} name={name} format={usageFormat[name]} />
      </div>
    </Dialog>
  );
}
