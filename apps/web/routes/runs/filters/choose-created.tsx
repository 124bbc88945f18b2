import { Group, TextInput } from '@mantine/core';
import type { RunsSearch } from '../search.ts';
import { periodNames } from './fields.ts';
import styles from './filters.module.css';

type Created = Pick<RunsSearch, 'last' | 'from' | 'to'>;
const nothing: Created = { last: undefined, from: undefined, to: undefined };
const periods = ['1d', '7d', '30d', '90d'] as const;

/** When runs were made: in a period up to now, or between two days. */
export function ChooseCreated({
  chosen,
  onChange,
}: {
  chosen: Created;
  onChange: (chosen: Created) => void;
}) {
  const day = (value: string): string | undefined => (value === '' ? undefined : value);
  return (
    <div className={styles.form}>
      <fieldset className={styles.options}>
        <legend className="visually-hidden">Created within</legend>
        {periods.map((period, index) => (
          <label key={period} className={styles.option}>
            <input
              type="radio"
              name="created"
              data-autofocus={index === 0 || undefined}
              checked={chosen.last === period && chosen.from === undefined}
              onChange={() => onChange({ ...nothing, last: period })}
            />
            <span>{periodNames[period]}</span>
          </label>
        ))}
      </fieldset>
      <Group gap="xs" grow>
        <TextInput
          type="date"
          label="From"
          size="xs"
          max={chosen.to}
          value={chosen.from ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...chosen, last: undefined, from: day(value) })
          }
        />
        <TextInput
          type="date"
          label="To"
          size="xs"
          min={chosen.from}
          value={chosen.to ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...chosen, last: undefined, to: day(value) })
          }
        />
      </Group>
    </div>
  );
}
