import type { Json } from '#libs/contracts';
import { conversation } from './conversation.ts';

/** A value as it is read: text as it stands, anything else as JSON with an indent. */
export const asText = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2);

/** A value as JSON with an indent; a text that is an object or a list in JSON itself, as that one. */
export function asJson(value: Json): string {
  return JSON.stringify((typeof value === 'string' && parsed(value)) || value, null, 2);
}

function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a value says, on one line, for a cell: the last message of a conversation, the only text of an
 * object, its fields by name, or else the value as it is.
 */
export function gist(value: Json, length = 240): string {
  if (typeof value !== 'object' || value === null) return clip(value, length);
  const messages = conversation.safeParse(value);
  const last = messages.success ? messages.data.at(-1) : undefined;
  if (last) return clip(last.content, length);
  if (Array.isArray(value)) return clip(value, length);
  const fields = Object.entries(value);
  const [only] = fields;
  if (only && fields.length === 1 && typeof only[1] === 'string') return clip(only[1], length);
  if (fields.length === 0) return '{}';
  const told = fields.map(([name, part]) => `${name}: ${clip(part, length)}`);
  return clip(told.join(' · '), length);
}

/** The beginning of a value on one line, for a cell. */
export function clip(value: Json, length = 240): string {
  if (value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.slice(0, length + 1).replaceAll(/\s+/g, ' ');
  return text.length > length ? `${line}…` : line;
}
