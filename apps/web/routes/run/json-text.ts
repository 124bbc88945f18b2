import type { Json } from '#libs/contracts';

/** A value as it is read: text as it stands, anything else as JSON with an indent. */
export const asText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

/** The beginning of a value on one line, for a cell. */
export function clip(value: Json, length = 240): string {
  if (value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.slice(0, length + 1).replaceAll(/\s+/g, ' ');
  return text.length > length ? `${line}…` : line;
}
