import type { Json } from '#libs/contracts';
import { filters as liquidFilters, type Context, type FilterImplOptions } from 'liquidjs';

/** A value that a template cannot use, and why, without the value. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

export const isNothing = (): Unusable => new Unusable('has no value');
export const isNoNumber = (): Unusable => new Unusable('is not a finite number');

type Filter = Exclude<FilterImplOptions, { raw: boolean }>;

/**
 * What a template may use. Left out are filters that give something else each time (`sample`), that
 * evaluate texts as templates (`where_exp` and its like), and those that no prompt needs.
 */
const kinds = {
  text: [
    'append',
    'base64_decode',
    'base64_encode',
    'capitalize',
    'downcase',
    'escape',
    'escape_once',
    'lstrip',
    'newline_to_br',
    'prepend',
    'remove',
    'remove_first',
    'remove_last',
    'replace',
    'replace_first',
    'replace_last',
    'rstrip',
    'sha256',
    'split',
    'squish',
    'strip',
    'strip_html',
    'strip_newlines',
    'truncate',
    'truncatewords',
    'upcase',
    'url_decode',
    'url_encode',
  ],
  list: [
    'compact',
    'concat',
    'first',
    'last',
    'map',
    'reverse',
    'size',
    'slice',
    'sort',
    'sort_natural',
    'sum',
    'uniq',
  ],
  joining: ['join'],
  /** They ask items for a field; an item that lacks it does not meet them. */
  searching: ['find', 'find_index', 'has', 'reject', 'where'],
  number: [
    'abs',
    'at_least',
    'at_most',
    'ceil',
    'divided_by',
    'floor',
    'minus',
    'modulo',
    'plus',
    'round',
    'times',
    'to_integer',
  ],
  time: ['date'],
  /** They take null too. */
  any: ['default', 'json'],
} as const;
type Kind = keyof typeof kinds;

/** A step of a list costs about as much as this many characters. */
const LIST_ENTRY_COST = 40;

/**
 * Takes what handling a value costs from the limits of one rendering. The library charges some of its
 * filters only, and looks at the clock only between tags.
 */
export function charge({ memoryLimit, renderLimit }: Context, value: unknown): void {
  renderLimit.check(performance.now());
  if (typeof value === 'string') memoryLimit.use(value.length);
  else if (Array.isArray(value)) memoryLimit.use(value.length * LIST_ENTRY_COST);
}

/** Objects and lists as JSON, anything else as it reads. */
export function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

const shown = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? textOf(value) : value;

function guarded(kind: Kind, filter: Filter): Filter {
  return function guardedFilter(value: unknown, ...given: unknown[]): Json {
    charge(this.context, value);
    for (const argument of given) charge(this.context, argument);
    if (kind !== 'any' && (value === null || value === undefined)) throw isNothing();
    switch (kind) {
      case 'text':
        return filter.apply(this, [shown(value), ...given.map(shown)]);
      case 'joining':
        return filter.apply(this, [Array.isArray(value) ? value.map(shown) : value, ...given]);
      case 'searching':
        return filter.apply({ ...this, context: leniently(this.context) }, [value, ...given]);
      case 'any':
      case 'list':
      case 'number':
      case 'time':
      default:
        return filter.apply(this, [value, ...given]);
    }
  };
}

/** The same context, in which fields may be missing; it spends the same limits. */
function leniently(context: Context): Context {
  const lenient = context.spawn();
  lenient.strictVariables = false;
  return lenient;
}

/** By name. They keep to the limits of the rendering, and refuse to be given nothing. */
export const filters: ReadonlyMap<string, Filter> = new Map(
  [...entries()].map(([name, kind]) => {
    const filter = liquidFilters[name];
    if (typeof filter !== 'function') throw new Error(`there is no filter ${name}`);
    return [name, guarded(kind, filter)];
  }),
);

function* entries(): Generator<[string, Kind]> {
  for (const kind of ['text', 'list', 'joining', 'searching', 'number', 'time', 'any'] as const) {
    for (const name of kinds[kind]) yield [name, kind];
  }
}
