import {
  operations,
  type Operation,
  type OperationRequest,
  type OperationResponse,
} from '#libs/contracts';
import { ConnectionError, readApiError, UnexpectedResponseError } from './errors.ts';
import { requestInit, requestUrl, type FetchInit, type LooseRequest } from './request.ts';

export interface ClientOptions {
  /** Where the API is, without `/api/v1`; the empty string in a page that the API itself serves. */
  baseUrl: string;
  /** Left out in a browser, where the session cookie speaks. */
  key?: string | undefined;
  /** The project's id, for a key that may work in several. */
  project?: string | undefined;
  fetch?: ((url: string, init: FetchInit) => Promise<Response>) | undefined;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

type Operations = typeof operations;
export type OperationName = keyof Operations;
/** What a method takes: the parts that its operation has, and how the call itself should go. */
export type ClientRequest<Name extends OperationName> = OperationRequest<Operations[Name]> &
  CallOptions;
export type ClientResponse<Name extends OperationName> = OperationResponse<Operations[Name]>;

type Method<Name extends OperationName> =
  {} extends ClientRequest<Name>
    ? (request?: ClientRequest<Name>) => Promise<ClientResponse<Name>>
    : (request: ClientRequest<Name>) => Promise<ClientResponse<Name>>;

/** One method for each operation of the contract, by its id. */
export type Client = { readonly [Name in OperationName]: Method<Name> };

/**
 * The client of the API, made from the contract.
 * Its methods throw {@link ApiError} for an error of the API, {@link ConnectionError} where no
 * answer came, {@link UnexpectedResponseError} for an answer outside the contract, and the signal's
 * own reason where the caller aborted.
 */
export function createClient(options: ClientOptions): Client;
// Typed by the line above: one method for each operation is what this builds, and what no type of
// Object.fromEntries can say.
export function createClient(options: ClientOptions): Record<string, unknown> {
  const methods = Object.values(operations).map((operation: Operation) => [
    operation.id,
    (request: LooseRequest = {}) => call(options, operation, request),
  ]);
  return Object.fromEntries(methods);
}

async function call(
  options: ClientOptions,
  operation: Operation,
  request: LooseRequest,
): Promise<unknown> {
  const common: Record<string, string> = {};
  if (options.key !== undefined) common.authorization = `Bearer ${options.key}`;
  if (options.project !== undefined) common['x-project'] = options.project;

  const url = requestUrl(options.baseUrl, operation, request);
  const init = requestInit(operation, request, common);
  const doFetch = options.fetch ?? ((url, init) => fetch(url, init));
  const answered = await withoutAnswer(options, request, doFetch(url, init));
  if (answered.status !== operation.status && answered.status !== operation.alsoAnswers) {
    throw await withoutAnswer(options, request, readApiError(answered));
  }
  if (operation.downloads) return answered.body ?? new Blob([]).stream();
  if (!operation.response) {
    await answered.body?.cancel();
    return undefined;
  }
  const text = await withoutAnswer(options, request, answered.text());
  return readResponse(operation, text, answered.headers.get('x-request-id') ?? undefined);
}

/** Tells a lost connection from an abort, which is the caller's own doing and passes as it is. */
async function withoutAnswer<T>(
  options: ClientOptions,
  request: LooseRequest,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    const where = options.baseUrl === '' ? 'the server' : options.baseUrl;
    throw new ConnectionError(`No answer from ${where}`, { cause });
  }
}

function readResponse(operation: Operation, text: string, requestId: string | undefined): unknown {
  try {
    return operation.response?.parse(JSON.parse(text));
  } catch (cause) {
    const message = `The answer to ${operation.id} is not what this client's contract promises`;
    throw new UnexpectedResponseError(message, requestId, { cause });
  }
}
