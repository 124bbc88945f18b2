/** A template that is wrong, or that cannot be rendered with the variables of an item. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** What is wrong, without where. Free of the variables' values. */
  readonly what: string;
  /** Counted from 1; undefined where it is not known. */
  readonly line: number | undefined;
  /** Where the template is in what it was compiled from, such as `messages.0.content`; empty: it is all of it. */
  readonly path: string;

  constructor(
    what: string,
    { line, path = '', cause }: { line?: number | undefined; path?: string; cause?: unknown } = {},
  ) {
    const place = [path, line === undefined ? '' : `line ${line}`].filter((part) => part !== '');
    super(place.length === 0 ? what : `${place.join(', ')}: ${what}`, { cause });
    this.what = what;
    this.line = line;
    this.path = path;
  }

  /** The same mistake, seen from what holds the template. */
  within(path: string): TemplateError {
    const { what, line, cause } = this;
    return new TemplateError(what, {
      line,
      path: this.path === '' ? path : `${path}.${this.path}`,
      cause,
    });
  }
}
