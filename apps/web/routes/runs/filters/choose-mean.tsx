import { Autocomplete, Button, Group, NumberInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { formatMeanRange, parseMeanRange } from '#libs/contracts';
import styles from './filters.module.css';

/** Ranges of final means, all of which must hold: those there are, each to be changed or removed. */
export function ChooseMean(props: {
  metrics: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[] | undefined) => void;
}) {
  const { metrics, chosen, onChange } = props;
  const [first] = chosen;
  const range = first === undefined ? undefined : parseMeanRange(first);
  const [metric, setMetric] = useState(range?.metric ?? metrics[0] ?? '');
  const [min, setMin] = useState<number | string>(range?.min ?? '');
  const [max, setMax] = useState<number | string>(range?.max ?? '');
  const bound = (value: number | string): number | undefined =>
    typeof value === 'number' ? value : undefined;
  const given = { metric: metric.trim(), min: bound(min), max: bound(max) };
  const isRange = parseMeanRange(formatMeanRange(given)) !== undefined && given.metric !== '';
  const others = chosen.filter((one) => parseMeanRange(one)?.metric !== given.metric);
  const apply = (event: FormEvent): void => {
    event.preventDefault();
    if (isRange) onChange([...others, formatMeanRange(given)]);
  };
  const show = (name: string): void => {
    setMetric(name);
    const known = chosen.map(parseMeanRange).find((one) => one?.metric === name);
    if (!known) return;
    setMin(known.min ?? '');
    setMax(known.max ?? '');
  };
  return (
    <form className={styles.form} onSubmit={apply} noValidate>
      <Autocomplete
        label="Metric"
        size="xs"
        data={[...metrics]}
        value={metric}
        data-autofocus
        comboboxProps={{ withinPortal: false }}
        onChange={show}
      />
      <Group gap="xs" grow>
        <NumberInput label="At least" size="xs" step={0.1} value={min} onChange={setMin} />
        <NumberInput label="At most" size="xs" step={0.1} value={max} onChange={setMax} />
      </Group>
      <p className={styles.hint}>
        Of completed runs only: the mean of a run that goes on still moves.
      </p>
      <Group gap="xs" justify="flex-end">
        {others.length < chosen.length && (
          <Button
            variant="default"
            size="xs"
            onClick={() => onChange(others.length === 0 ? undefined : others)}
          >
            Remove {given.metric}
          </Button>
        )}
        <Button type="submit" size="xs" disabled={!isRange}>
          Apply
        </Button>
      </Group>
    </form>
  );
}
