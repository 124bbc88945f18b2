import type { DatasetItem, Json } from '#libs/contracts';

/** Something that a template can name, as items of the dataset have it. */
export interface Variable {
  /** As a template writes it: `input.question`. */
  path: string;
  /** Of how many of the items that were looked at it has a value. */
  present: number;
  /** A value that it has, shortened. */
  example: string;
}

export type VariableSource = Pick<DatasetItem, 'key' | 'input' | 'expected' | 'metadata'>;

const DEEPEST = 4;
const MOST = 60;
const LONGEST_EXAMPLE = 80;
/** Fields that Liquid reads after a dot; others cannot be written so. */
const NAME = /^[A-Za-z_][\w-]*$/;

/** The variables that items offer to a template, in the order in which an item is read. */
export function variablesOf(items: readonly VariableSource[]): Variable[] {
  const found = new Map<string, { present: number; example: string }>();
  const note = (path: string, value: Json | null, depth: number): void => {
    if (value === null) return;
    const known = found.get(path);
    if (known) known.present += 1;
    else found.set(path, { present: 1, example: exampleOf(value) });
    // What is in a list is gone through by a loop, not named.
    if (typeof value !== 'object' || Array.isArray(value) || depth === DEEPEST) return;
    for (const [name, inner] of Object.entries(value)) {
      if (NAME.test(name)) note(`${path}.${name}`, inner, depth + 1);
    }
  };
  for (const { key, input, expected, metadata } of items) {
    note('input', input, 0);
    note('expected', expected, 0);
    for (const [name, value] of Object.entries(metadata)) {
      if (NAME.test(name)) note(`metadata.${name}`, value, 1);
    }
    note('key', key, 0);
  }
  // Objects are gone through more often than shown whole, so their fields say enough.
  return [...found]
    .map(([path, { present, example }]) => ({ path, present, example }))
    .toSorted((a, b) => placeOf(a.path) - placeOf(b.path))
    .slice(0, MOST);
}

const roots = ['input', 'expected', 'metadata', 'key'];
const placeOf = (path: string): number => roots.indexOf(path.split('.', 1)[0] ?? '');

function exampleOf(value: Json): string {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  return text.length > LONGEST_EXAMPLE ? `${text.slice(0, LONGEST_EXAMPLE)}…` : text;
}

/**
 * What is being typed as a variable just before the caret: within `{{ … }}` or a tag, the word so far
 * and where it begins. Undefined elsewhere, such as within quotes or after a filter's bar.
 */
export function typedVariable(
  text: string,
  caret: number,
): { from: number; word: string } | undefined {
  const before = text.slice(0, caret);
  const open = Math.max(before.lastIndexOf('{{'), before.lastIndexOf('{%'));
  if (open === -1) return undefined;
  const inside = before.slice(open + 2);
  if (/[%}]\}/.test(inside)) return undefined;
  const [word = ''] = /[\w.-]*$/.exec(inside) ?? [];
  const lead = inside.slice(0, inside.length - word.length);
  const quotes = lead.replaceAll(/[^'"]/g, '').length;
  // After a bar comes the name of a filter, and after a colon its argument.
  if (quotes % 2 === 1 || /\|\s*$/.test(lead)) return undefined;
  return { from: caret - word.length, word };
}

/** A text with a variable put in at a place, as `{{ … }}` unless it is within one already; and the caret after it. */
export function withVariable(
  text: string,
  from: number,
  to: number,
  path: string,
): { text: string; caret: number } {
  const typed = typedVariable(text, from);
  const after = text.slice(to);
  if (!typed) {
    const put = `{{ ${path} }}`;
    return { text: text.slice(0, from) + put + after, caret: from + put.length };
  }
  const isOutput = text.lastIndexOf('{{', from) > text.lastIndexOf('{%', from);
  const lead = text.slice(0, typed.from);
  const space = /\{\{-?$/.test(lead) ? ' ' : '';
  const closes = /^[^{}%]*[}%]\}/.test(after) || !isOutput;
  const put = `${space}${path}${closes ? '' : ' }}'}`;
  return { text: lead + put + after, caret: lead.length + put.length };
}
