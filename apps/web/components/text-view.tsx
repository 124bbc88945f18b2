import { SegmentedControl } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useEffectEvent } from 'react';
import { z } from 'zod';

const textViews = ['text', 'markdown', 'json', 'difference'] as const;
const kept = z.enum(textViews).catch('text');
/** How a value is shown: laid out as text, its text as Markdown, as JSON, or with what differs. */
export type TextView = (typeof textViews)[number];
export type ValueView = Exclude<TextView, 'difference'>;

/** How this browser shows values; every screen that shows some follows. */
export const useTextView = () =>
  useLocalStorage<TextView>({
    key: 'llm-eval-text-view',
    defaultValue: 'text',
    deserialize: (text) => kept.parse(text),
    serialize: String,
    getInitialValueInEffect: false,
  });

const names = {
  text: 'Text',
  markdown: 'Markdown',
  json: 'JSON',
  difference: 'Difference',
} as const satisfies Record<TextView, string>;

/**
 * The choice among the ways to show values; v goes to the next one, from anywhere on the page.
 * @param props.disabled of `views`
 */
export function TextViewControl(props: {
  views: readonly TextView[];
  disabled?: readonly TextView[];
  value: TextView;
  onChange: (view: TextView) => void;
  className?: string | undefined;
}) {
  const { views, disabled = [], value, onChange, className } = props;
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    const { target } = event;
    if (event.key !== 'v' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || target.closest(elsewhere)) return;
    const possible = views.filter((view) => !disabled.includes(view));
    onChange(possible[(possible.indexOf(value) + 1) % possible.length] ?? value);
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <SegmentedControl
      size="xs"
      aria-label="Show the texts as"
      title="Show the texts as (v)"
      {...(className !== undefined && { className })}
      data={views.map((view) => ({
        value: view,
        label: names[view],
        disabled: disabled.includes(view),
      }))}
      value={value}
      onChange={(chosen) => onChange(kept.parse(chosen))}
    />
  );
}

/** Where letters are typed, or belong to what lies over the page. */
const elsewhere =
  'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"], [aria-modal="true"]:not([data-row-panel])';
