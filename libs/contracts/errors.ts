import type { Problem } from './common.ts';

/** What is wrong with a request, in the terms of the domain; the API turns it into a status. */
export type RequestErrorKind =
  'invalid' | 'not_found' | 'conflict' | 'unprocessable' | 'forbidden' | 'busy';

/**
 * A request that cannot be done as it stands. The message says what is wrong and the remedy, and
 * carries nothing secret: it is shown to the caller as it is.
 */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly kind: RequestErrorKind;
  /** Stable, for programs: `run_not_found`. */
  readonly code: string;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(
    kind: RequestErrorKind,
    code: string,
    message: string,
    errors: NonNullable<Problem['errors']> = [],
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.errors = errors;
  }
}
