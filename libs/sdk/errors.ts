import { problem, type Problem } from '#libs/contracts';

/** The API answered, and the answer is an error: an RFC 9457 problem, or what a proxy made of it. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** Stable, to be compared; `http_error` where the answer was no problem document. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Each field or line that is wrong, with the remedy. */
  readonly errors: NonNullable<Problem['errors']>;
  /** Finds the call in the server's log. */
  readonly requestId: string | undefined;

  constructor(problem: Omit<Problem, 'type'>) {
    super(`${problem.detail} (${problem.status} ${problem.code})`);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId;
  }
}

/** No answer came: the server is not there, or the network is not. The `cause` says more. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

/** The answer is not what the contract promises: client and server are of different versions. */
export class UnexpectedResponseError extends Error {
  override name = 'UnexpectedResponseError';
  readonly requestId: string | undefined;

  constructor(message: string, requestId: string | undefined, options?: ErrorOptions) {
    super(message, options);
    this.requestId = requestId;
  }
}

/** Reads the error out of an answer whose status is not the promised one. */
export async function readApiError(response: Response): Promise<ApiError> {
  const text = await response.text();
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const parsed = problem.safeParse(jsonOrUndefined(text));
  if (parsed.success) {
    const { requestId: own = requestId, ...rest } = parsed.data;
    return new ApiError(own === undefined ? rest : { ...rest, requestId: own });
  }
  const title = response.statusText || `HTTP ${response.status}`;
  return new ApiError({
    status: response.status,
    code: 'http_error',
    title,
    detail: `The server answered ${response.status} without saying why`,
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
