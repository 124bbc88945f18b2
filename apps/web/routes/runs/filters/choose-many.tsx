import { TextInput } from '@mantine/core';
import { useState, type KeyboardEvent } from 'react';
import type { Option } from './fields.ts';
import styles from './filters.module.css';

/** So many can be overlooked without searching. */
const FEW = 8;

/** Any of some values: to be ticked, and searched for where there are many. The arrows move between them. */
export function ChooseMany(props: {
  label: string;
  options: Option[];
  chosen: readonly string[];
  /** Takes also what is not among the options, as it is typed. */
  free: boolean;
  onChange: (chosen: string[] | undefined) => void;
}) {
  const { label, options, chosen, free, onChange } = props;
  const [typed, setTyped] = useState('');
  const known = new Set(options.map(({ value }) => value));
  const all = [
    ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value })),
    ...options,
  ];
  const wanted = typed.trim();
  const found = all.filter((option) => option.label.toLowerCase().includes(wanted.toLowerCase()));
  const isNew = free && wanted !== '' && !all.some(({ value }) => value === wanted);
  const shown = isNew ? [...found, { value: wanted, label: `“${wanted}”` }] : found;
  const toggle = (value: string): void => {
    const next = chosen.includes(value)
      ? chosen.filter((one) => one !== value)
      : [...chosen, value];
    onChange(next.length === 0 ? undefined : next);
  };
  return (
    <fieldset className={styles.many}>
      <legend className="visually-hidden">{label}</legend>
      {(options.length > FEW || free) && (
        <TextInput
          size="xs"
          aria-label={`Search: ${label}`}
          placeholder={free ? 'Search, or type one' : 'Search'}
          data-autofocus
          value={typed}
          onKeyDown={moveByArrows}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      )}
      <div className={styles.options}>
        {shown.map(({ value, label }, index) => (
          <label key={value} className={styles.option}>
            <input
              type="checkbox"
              data-autofocus={(index === 0 && options.length <= FEW && !free) || undefined}
              checked={chosen.includes(value)}
              onKeyDown={moveByArrows}
              onChange={() => toggle(value)}
            />
            <span>{label}</span>
          </label>
        ))}
        {shown.length === 0 && <p className={styles.nothing}>Nothing to choose from.</p>}
      </div>
    </fieldset>
  );
}

function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const fields = [...(event.currentTarget.closest('fieldset')?.querySelectorAll('input') ?? [])];
  const at = fields.findIndex((field) => field === document.activeElement);
  fields[Math.max(0, Math.min(at + step, fields.length - 1))]?.focus();
}
