import { ActionIcon, Autocomplete, NativeSelect, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { readRule, type RuleDraft } from './rule-draft.ts';
import { ruleInWords } from './rule-in-words.ts';
import styles from './gate-form.module.css';

const kinds = {
  difference: 'against the baseline',
  relative: 'against it, in percent',
  value: 'its own mean',
} as const;
const confidences = [
  { value: '0.9', label: '90 % confidence' },
  { value: '0.95', label: '95 % confidence' },
  { value: '0.99', label: '99 % confidence' },
  { value: 'null', label: 'the estimate alone' },
];

/** One rule, with what it says underneath. */
export function RuleEditor(props: {
  index: number;
  rule: RuleDraft;
  metrics: readonly string[];
  /** What the server says of it. */
  fault: string | undefined;
  onChange: (rule: RuleDraft) => void;
  onRemove: (() => void) | undefined;
}) {
  const { rule, index, metrics, onRemove } = props;
  const set = (change: Partial<RuleDraft>): void => props.onChange({ ...rule, ...change });
  const read = readRule(rule);
  const known = confidences.some(({ value }) => value === rule.confidence);
  return (
    <fieldset className={styles.rule}>
      <legend>Rule {index + 1}</legend>
      <div className={styles.controls}>
        <Autocomplete
          size="xs"
          label="Metric"
          data={[...new Set(metrics)]}
          comboboxProps={{ withinPortal: false }}
          value={rule.metric}
          onChange={(metric) => set({ metric })}
        />
        <NativeSelect
          size="xs"
          label="Looked at"
          value={rule.kind}
          data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => {
            if (value === 'difference' || value === 'relative' || value === 'value') {
              set({ kind: value });
            }
          }}
        />
        {rule.kind === 'value' ? (
          <>
            <TextInput
              size="xs"
              label="At least"
              inputMode="decimal"
              value={rule.min}
              onChange={({ currentTarget }) => set({ min: currentTarget.value })}
            />
            <TextInput
              size="xs"
              label="At most"
              inputMode="decimal"
              value={rule.max}
              onChange={({ currentTarget }) => set({ max: currentTarget.value })}
            />
          </>
        ) : (
          <>
            <NativeSelect
              size="xs"
              label="It must be"
              value={rule.sense}
              data={[
                { value: 'worse', label: 'at most … worse' },
                { value: 'better', label: 'at least … better' },
              ]}
              onChange={({ currentTarget: { value } }) =>
                set({ sense: value === 'better' ? 'better' : 'worse' })
              }
            />
            <TextInput
              size="xs"
              label={rule.kind === 'relative' ? 'By how many percent' : 'By how much'}
              inputMode="decimal"
              value={rule.amount}
              onChange={({ currentTarget }) => set({ amount: currentTarget.value })}
            />
          </>
        )}
        <NativeSelect
          size="xs"
          label="Held with"
          value={rule.confidence}
          data={
            known
              ? confidences
              : [{ value: rule.confidence, label: `${rule.confidence} confidence` }, ...confidences]
          }
          onChange={({ currentTarget }) => set({ confidence: currentTarget.value })}
        />
        {onRemove && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove rule ${index + 1}`}
            onClick={onRemove}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        )}
      </div>
      <output className={'fault' in read && rule.metric !== '' ? styles.fault : styles.words}>
        {'fault' in read ? read.fault : ruleInWords(read.rule)}
      </output>
      {props.fault !== undefined && <p className={styles.fault}>{props.fault}</p>}
    </fieldset>
  );
}
