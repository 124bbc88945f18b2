import type { Json } from '#libs/contracts';
import { templateVariables } from '#libs/contracts';
import {
  analyzeSync,
  LiquidError,
  Output,
  UndefinedVariableError,
  type Liquid,
  type Template as Parsed,
  type Token,
  type Variable,
} from 'liquidjs';
import { createEngine, tagNames, TEXT_MAX, type OutputAs } from './engine.ts';
import { isNoNumber, isNothing, Unusable } from './filters.ts';
import { TemplateError } from './template-error.ts';

/** What a template may name, by name. A field that is undefined counts as missing. */
export type TemplateValues = Readonly<Record<string, Json | undefined>>;

/** A text with places that are filled in from an item. */
export interface Template {
  /** What it names, such as `input.question`: distinct, in their order. */
  readonly variables: readonly string[];
  /** @throws {TemplateError} naming the variable that is missing; never with the value of one */
  render(values: TemplateValues): string;
}

export interface TemplateOptions {
  /** The variables that there are; left out: those of an item, `templateVariables`. */
  variables?: readonly string[];
}

const engines: Record<OutputAs, Liquid> = {
  text: createEngine('text'),
  url: createEngine('url'),
  value: createEngine('value'),
};

/**
 * Reads a Liquid template: `{{ input.question }}`, filters, `if`, `for`, `assign` and the like, without
 * files, time or chance (but for `"now" | date`). A text stands as it is, an object or a list as JSON.
 * A variable that is missing or null fails the rendering, unless it has a `default` or is asked for in
 * an `if`. One rendering may take a second and give 4,000,000 characters.
 * @throws {TemplateError} with the line and what is wrong there
 */
export const compileTemplate = (text: string, options: TemplateOptions = {}): Template =>
  compile(text, 'text', options);

/**
 * The same for a URL: values are encoded, so that they stay within the part that they are put into,
 * unless their last filter is `url_encode`.
 * @throws {TemplateError}
 */
export const compileUrlTemplate = (text: string, options: TemplateOptions = {}): Template =>
  compile(text, 'url', options);

function compile(text: string, as: 'text' | 'url', options: TemplateOptions): Template {
  const { parsed, variables } = parse(text, as, options);
  return { variables, render: (values) => checkedText(renderParsed(parsed, as, values)) };
}

/** A template that gives a value: of a text that is one `{{ … }}`, its value as it is, else a text. */
export function compileValueTemplate(
  text: string,
  options: TemplateOptions,
): { variables: readonly string[]; render(values: TemplateValues): Json } {
  const { parsed, variables } = parse(text.trim(), 'value', options);
  const [first] = parsed;
  if (parsed.length !== 1 || !(first instanceof Output)) return compile(text, 'text', options);
  return {
    variables,
    render: (values) => {
      const value = renderParsed(parsed, 'value', values);
      return typeof value === 'string' ? checkedText(value) : value;
    },
  };
}

function parse(
  text: string,
  as: OutputAs,
  { variables: known = templateVariables }: TemplateOptions,
): { parsed: Parsed[]; variables: string[] } {
  try {
    if (codeLength(text) > CODE_MAX) {
      throw new TemplateError(`more than ${CODE_MAX} of its characters are within tags`);
    }
    const parsed = engines[as].parse(text);
    const { globals, locals } = analyzeSync(parsed);
    const named = Object.values(globals).flat().sort(byPlace);
    for (const variable of named) {
      const [root] = variable.segments;
      if (typeof root !== 'string' || known.includes(root)) continue;
      // One that is set further down may be asked for before, as in the first turn of a loop.
      if (Object.hasOwn(locals, root)) continue;
      const what = `there is no variable "${root}"; there are ${known.join(', ')}`;
      throw new TemplateError(what, { line: variable.location.row });
    }
    return { parsed, variables: [...new Set(named.map(dotted))] };
  } catch (error) {
    throw syntaxError(error);
  }
}

/** The work of finding out what a template names grows with this, times its length. */
const CODE_MAX = 20_000;

/** Characters within `{{ … }}` and `{% … %}`. */
function codeLength(text: string): number {
  const [, ...parts] = text.split(/\{[{%]/);
  return parts.reduce((sum, part) => sum + Math.max(0, part.search(/[%}]\}/)), 0);
}

const byPlace = (left: Variable, right: Variable): number =>
  left.location.row - right.location.row || left.location.col - right.location.col;

/** As far as the path is written out: of `input[metadata.field]`, `input`. */
function dotted({ segments }: Variable): string {
  const end = segments.findIndex((segment) => typeof segment === 'object');
  return segments.slice(0, end === -1 ? undefined : end).join('.');
}

function renderParsed(parsed: Parsed[], as: OutputAs, values: TemplateValues): Json {
  try {
    const value: Json | undefined = engines[as].renderSync(parsed, values);
    if (value === undefined) throw isNothing();
    if (typeof value === 'number' && !Number.isFinite(value)) throw isNoNumber();
    return value;
  } catch (error) {
    throw renderError(error);
  }
}

function checkedText(text: Json): string {
  if (typeof text !== 'string') throw new TemplateError('it gives no text');
  if (text.length <= TEXT_MAX) return text;
  throw new TemplateError(`it gives more than ${TEXT_MAX} characters`);
}

/** Snippets of a template in a message are cut at this length. */
const MESSAGE_MAX = 160;
const TOO_MUCH = 'it gives too much text, or nests too deep';

function syntaxError(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  if (!(error instanceof LiquidError)) return unexpected(error);
  const line = lineOf(error.token);
  if (error.originalError instanceof RangeError) return new TemplateError(TOO_MUCH, { line });
  const message = (error.originalError?.message ?? error.message)
    .replace(/, line:\d+, col:\d+$/, '')
    .replace(/^undefined filter: /, 'there is no filter ');
  const noTag = /^tag "(.*)" not found$/s.exec(message)?.[1];
  const what =
    noTag === undefined
      ? message
      : `there is no tag "${noTag}"; there are ${tagNames.join(', ')}, and what ends them`;
  const short = what.length > MESSAGE_MAX * 2 ? `${what.slice(0, MESSAGE_MAX)} …` : what;
  return new TemplateError(short, { line, cause: error });
}

/** What liquidjs says may quote values; only what is known not to is repeated. */
function renderError(error: unknown): TemplateError {
  if (error instanceof TemplateError) return error;
  if (error instanceof Unusable) return new TemplateError(`its value ${error.message}`);
  if (!(error instanceof LiquidError)) return unexpected(error);
  const { token, originalError } = error;
  const line = lineOf(token);
  const fails = (what: string) => new TemplateError(what, { line, cause: error });
  if (error instanceof UndefinedVariableError) return fails(`${missingPath(error)} is missing`);
  if (originalError instanceof Unusable) {
    return fails(`${subjectOf(token)} ${originalError.message}`);
  }
  if (originalError instanceof RangeError) return fails(TOO_MUCH);
  if (error.message.startsWith('template render limit')) return fails('rendering takes too long');
  if (error.message.startsWith('memory alloc limit')) {
    return fails('rendering handles too much text or too long lists');
  }
  return fails(`${subjectOf(token)} is not what its filter or tag takes`);
}

/** Stack overflows of templates that nest too deep end here, outside of any token. */
const unexpected = (cause: unknown): TemplateError =>
  cause instanceof RangeError
    ? new TemplateError(TOO_MUCH, { cause })
    : new TemplateError('it cannot be read', { cause });

/**
 * As far as the path leads to what is missing, in the words of the template: a path may go by the
 * values of other variables, and those are not to be shown.
 */
function missingPath({ token, originalError }: UndefinedVariableError): string {
  const written = token.getText();
  const upTo = originalError?.message.replace(/^undefined variable: /, '');
  return upTo !== undefined && written.startsWith(upTo) ? upTo : short(written);
}

/** What an output or an assignment is about. */
function subjectOf(token: Token): string {
  const named = /^(?:\{\{-?|\{%-?\s*assign\s+[\w-]+\s*=)\s*([A-Za-z_][\w.[\]-]*)/.exec(
    token.getText(),
  )?.[1];
  return named === undefined ? 'a value' : short(named);
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const lineOf = (token: Token): number | undefined => token.getPosition()[0];
