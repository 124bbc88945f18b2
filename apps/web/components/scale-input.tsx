import { useId, useState, type ReactNode } from 'react';
import type { HumanScale, HumanValue } from '#libs/contracts';
import { optionsOf, readNumber } from './human-values.ts';
import styles from './scale-input.module.css';

/** Null: cannot tell. Undefined: nothing is said yet. */
export type Chosen = HumanValue | null | undefined;

/**
 * One value of a scale, or that it cannot be told. The arrows left and right move the choice, as they
 * do in any group of radio buttons.
 * @param props.keys shows which key chooses what; false keeps their room, for when it is their turn. Who
 *   renders it hears the keys
 * @param props.onEnter for Enter in the field where a number is typed
 */
export function ScaleInput(props: {
  label: string;
  scale: HumanScale;
  value: Chosen;
  keys?: boolean | undefined;
  onChange: (value: Chosen) => void;
  onEnter?: (() => void) | undefined;
  children?: ReactNode;
}) {
  const { label, scale, value, keys, onChange } = props;
  const name = useId();
  const options = optionsOf(scale);
  const explained = options?.some(({ description }) => description !== undefined) === true;
  return (
    <fieldset className={styles.scale} tabIndex={-1}>
      <legend>{label}</legend>
      {props.children}
      <div className={styles.options} data-explained={explained || undefined}>
        {options?.map((option) => (
          <label key={String(option.value)} className={styles.option}>
            <input
              type="radio"
              name={name}
              checked={value === option.value}
              aria-describedby={
                option.description === undefined ? undefined : `${name}-${option.label}`
              }
              onChange={() => onChange(option.value)}
            />
            {option.key !== undefined && option.key !== option.label && keys !== undefined && (
              <kbd aria-hidden data-idle={!keys || undefined}>
                {option.key}
              </kbd>
            )}
            <span>{option.label}</span>
            {option.description !== undefined && (
              <small id={`${name}-${option.label}`} aria-hidden>
                {option.description}
              </small>
            )}
          </label>
        ))}
        {scale.kind === 'numeric' && options === undefined && (
          <NumberField
            label={label}
            scale={scale}
            value={typeof value === 'number' ? value : undefined}
            onChange={onChange}
            onEnter={props.onEnter}
          />
        )}
        <label className={styles.option} data-quiet>
          <input
            type="radio"
            name={name}
            checked={value === null}
            onChange={() => onChange(null)}
          />
          {keys !== undefined && (
            <kbd aria-hidden data-idle={!keys || undefined}>
              x
            </kbd>
          )}
          <span>cannot tell</span>
        </label>
      </div>
    </fieldset>
  );
}

function NumberField(props: {
  label: string;
  scale: HumanScale & { kind: 'numeric' };
  value: number | undefined;
  onChange: (value: Chosen) => void;
  onEnter: (() => void) | undefined;
}) {
  const { label, scale, value } = props;
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const read = typed === undefined ? undefined : readNumber(typed, scale);
  const fault = typed !== undefined && typed !== '' && read && 'fault' in read ? read.fault : '';
  return (
    <span className={styles.number}>
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-label={`${label}, ${scale.min} to ${scale.max}`}
        aria-invalid={fault !== ''}
        aria-describedby={id}
        data-number
        value={fault === '' && value !== undefined ? String(value) : (typed ?? '')}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          const now = readNumber(currentTarget.value, scale);
          props.onChange('value' in now ? now.value : undefined);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          event.stopPropagation();
          if (value !== undefined) props.onEnter?.();
        }}
      />
      <small id={id} data-fault={fault !== '' || undefined}>
        {fault === '' ? `${scale.min} to ${scale.max}` : fault}
      </small>
    </span>
  );
}
