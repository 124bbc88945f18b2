import { STATUS_CODES } from 'node:http';
import { RequestError, type Problem, type RequestErrorKind } from '#libs/contracts';

/** A refusal in the terms of HTTP, where the domain has no word for it. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly errors: NonNullable<Problem['errors']>;

  constructor(
    status: number,
    code: string,
    detail: string,
    extra: { headers?: Record<string, string>; errors?: NonNullable<Problem['errors']> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.errors = extra.errors ?? [];
  }
}

const statusOfKind: Record<RequestErrorKind, number> = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  busy: 503,
};

/** What the parsers of bodies throw, by their `type`. */
const bodyProblems: Record<string, [status: number, code: string, detail: string]> = {
  'entity.parse.failed': [400, 'invalid_json', 'The body is not JSON.'],
  'entity.too.large': [413, 'body_too_large', 'The body is larger than 5 MB.'],
  'encoding.unsupported': [415, 'unsupported_encoding', 'Send the body as it is, or as gzip.'],
  'charset.unsupported': [415, 'unsupported_charset', 'Send the body as UTF-8.'],
  'request.aborted': [400, 'request_aborted', 'The request ended before its body did.'],
  'request.size.invalid': [400, 'invalid_length', 'The body has not the length it announced.'],
};

/** What PostgreSQL, the driver and the network say when the database is away or has no room. */
const databaseAway =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|57P0[123]|53[0-9A-Z]{3}|25006|08...)$|timeout exceeded when trying to connect|Connection terminated/;

/** Any error as the refusal that the caller sees; what nobody foresaw is a 500 that tells nothing. */
export function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof RequestError) {
    const headers = error.kind === 'busy' ? { 'Retry-After': '10' } : {};
    const { code, message, errors } = error;
    return new HttpProblem(statusOfKind[error.kind], code, message, { headers, errors });
  }
  const known = bodyProblems[property(error, 'type')];
  if (known) return new HttpProblem(...known);
  if (/^Z_|^ERR__ERROR_FORMAT|^ERR_.*BROTLI/.test(property(error, 'code'))) {
    return new HttpProblem(400, 'invalid_encoding', 'The body is not in its Content-Encoding.');
  }
  if (property(error, 'status') === '400') {
    return new HttpProblem(400, 'invalid_request', 'The address of the request is malformed.');
  }
  if (hasCause(error, /^53100$/)) {
    return new HttpProblem(
      503,
      'database_full',
      'The database has no disk left, so that nothing new can be taken; an operator has to make room.',
      { headers: { 'Retry-After': '30' } },
    );
  }
  if (hasCause(error, databaseAway)) {
    return new HttpProblem(503, 'database_unavailable', 'The database is away; try again soon.', {
      headers: { 'Retry-After': '5' },
    });
  }
  return new HttpProblem(
    500,
    'internal_error',
    'Something went wrong here. The log has it under the id of this request.',
  );
}

/** The document of RFC 9457. */
export function problemDocument(problem: HttpProblem, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: shorten(problem.message, LONGEST_DETAIL),
    requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors.map(shortenError) } : {}),
  };
}

// What is wrong may be quoted, and a caller may have sent megabytes of it.
const LONGEST_FIELD = 300;
const LONGEST_DETAIL = 2_000;

const shorten = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}…`;

const shortenError = (error: NonNullable<Problem['errors']>[number]) => ({
  ...error,
  ...(error.field !== undefined && { field: shorten(error.field, LONGEST_FIELD) }),
  message: shorten(error.message, LONGEST_DETAIL),
});

/** Whether the error, or what caused it, has such a code or message. */
function hasCause(error: unknown, pattern: RegExp): boolean {
  for (let cause = error; typeof cause === 'object' && cause !== null;) {
    if (pattern.test(property(cause, 'code'))) return true;
    if (pattern.test(property(cause, 'message'))) return true;
    cause = Reflect.get(cause, 'cause');
  }
  return false;
}

/** A property of something unknown, as text; empty where there is none. */
export function property(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}
