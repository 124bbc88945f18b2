import {
  CaptureTag,
  defaultOperators,
  Liquid,
  toValue,
  type Context,
  type Operators,
} from 'liquidjs';
import { charge, filters, isNoNumber, isNothing, textOf } from './filters.ts';

/** What becomes of the value of `{{ … }}`: text, text of a URL, or the value itself. */
export type OutputAs = 'text' | 'url' | 'value';

/** Left out: what reads files, what changes the variables it was given, and what no prompt needs. */
export const tagNames = [
  '#',
  'assign',
  'break',
  'capture',
  'case',
  'comment',
  'continue',
  'for',
  'if',
  'raw',
  'unless',
];

/** Characters of a rendered text at most. */
export const TEXT_MAX = 4_000_000;
/** Characters that one rendering may handle in all; about a second of work. */
const WORK_MAX = 20_000_000;
const RENDER_MS = 1_000;

/** What is captured is handled again as a whole. */
class BoundedCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    charge(context, context.bottom()[this.variable]);
  }
}

/** Operators that go through lists and texts, within the limits too. */
const operators: Operators = {
  ...defaultOperators,
  ...Object.fromEntries(
    ['==', '!=', 'contains'].map((name) => [
      name,
      function bounded(left: unknown, right: unknown, context: Context) {
        charge(context, left);
        charge(context, right);
        const operator = defaultOperators[name];
        if (!operator) throw new Error(`there is no operator ${name}`);
        return operator(left, right, context);
      },
    ]),
  ),
};

const escapes = {
  text: textOf,
  url: (value: unknown) => encodeURIComponent(textOf(value)),
};

/** Output, unless there is nothing to be shown. */
const shownBy = (show: (value: unknown) => string) =>
  function shown(this: { context: Context }, given: unknown): string {
    // Liquid's own `nil` and `empty` are objects until then.
    const value: unknown = toValue(given);
    if (value === undefined || value === null) throw isNothing();
    if (typeof value === 'number' && !Number.isFinite(value)) throw isNoNumber();
    const text = show(value);
    charge(this.context, text);
    return text;
  };

/** A Liquid that does no I/O, keeps to bounds, and gives the same on every machine. */
export function createEngine(as: OutputAs): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    keepOutputType: as === 'value',
    parseLimit: 1_000_000,
    renderLimit: RENDER_MS,
    memoryLimit: WORK_MAX,
    timezoneOffset: 0,
    locale: 'en-US',
    operators,
    templates: {},
    ...(as !== 'value' && { outputEscape: shownBy(escapes[as]) }),
  });
  for (const name of Object.keys(engine.tags)) {
    if (!tagNames.includes(name)) delete engine.tags[name];
  }
  engine.registerTag('capture', BoundedCapture);
  for (const name of Object.keys(engine.filters)) engine.unregisterFilter(name);
  for (const [name, filter] of filters) engine.registerFilter(name, filter);
  const urlEncode = filters.get('url_encode');
  // What is encoded already is left as it is.
  if (as === 'url' && urlEncode) {
    engine.registerFilter('url_encode', { handler: urlEncode, raw: true });
  }
  return engine;
}
