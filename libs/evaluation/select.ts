import type { Json } from '#libs/contracts';

/** A part of an item, or what is missing of it. */
export type Selection = { value: Json; missing?: never } | { value?: never; missing: string };

/**
 * Follows a dotted path: names of own fields, and places in lists counted from 0. A text is first read
 * as JSON, which is how models and CSV files give it.
 */
export function selectPath(root: Json, path: string, what: string): Selection {
  let value: Json | undefined = root;
  if (typeof root === 'string') {
    value = parseJson(root);
    if (value === undefined)
      return { missing: `${what} is a text that is not JSON, so it has no "${path}"` };
  }
  for (const step of path.split('.')) {
    value = fieldOf(value, step);
    if (value === undefined) return { missing: `${what} has no "${path}"` };
  }
  return { value };
}

/** Undefined where the text is not JSON; its parser's message would repeat the text. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function fieldOf(value: Json, step: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, step) ? value[step] : undefined;
}
