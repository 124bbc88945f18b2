import { TextInput } from '@mantine/core';
import { format, isValid, parseISO } from 'date-fns';
import { useState } from 'react';

const pattern = "yyyy-MM-dd'T'HH:mm";
const shown = (value: string | undefined): string =>
  value === undefined ? '' : format(parseISO(value), pattern);

/** A moment in the time zone of who looks, kept as ISO 8601 in UTC. */
export function MomentField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  // While it is typed a moment is not whole yet, and the browser then gives none.
  const [typed, setTyped] = useState(() => shown(value));
  return (
    <TextInput
      type="datetime-local"
      size="xs"
      label={label}
      value={typed}
      onChange={({ currentTarget: { value: text } }) => {
        setTyped(text);
        const moment = parseISO(text);
        onChange(isValid(moment) ? moment.toISOString() : undefined);
      }}
    />
  );
}
