import { Checkbox, TextInput } from '@mantine/core';
import { reviewLimits } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';
import styles from './add-items.module.css';

export interface SampleDraft {
  isOn: boolean;
  count: string;
}

/** How many are drawn, or that all are taken; undefined where what was typed is no such number. */
export function readSample({ isOn, count }: SampleDraft): number | 'all' | undefined {
  if (!isOn) return 'all';
  const value = Number(count);
  return Number.isInteger(value) && value >= 1 && value <= reviewLimits.items ? value : undefined;
}

/** Only so many items, drawn at random. */
export function SampleField(props: { draft: SampleDraft; onChange: (draft: SampleDraft) => void }) {
  const { draft, onChange } = props;
  const isWrong = readSample(draft) === undefined;
  return (
    <div className={styles.sample}>
      <Checkbox
        label="Only a random sample of"
        checked={draft.isOn}
        onChange={({ currentTarget }) => onChange({ ...draft, isOn: currentTarget.checked })}
      />
      <TextInput
        size="xs"
        aria-label="Items in the sample"
        inputMode="numeric"
        className={styles.count}
        disabled={!draft.isOn}
        value={draft.count}
        error={isWrong ? `1 to ${formatCount(reviewLimits.items)}` : undefined}
        onChange={({ currentTarget }) => onChange({ ...draft, count: currentTarget.value })}
      />
      <span>items</span>
    </div>
  );
}
