import type { Operation } from '#libs/contracts';
import { readableStream } from './stream.ts';

/** The parts of any call, before they are typed by their operation. */
export interface LooseRequest {
  params?: object | undefined;
  query?: object | undefined;
  headers?: object | undefined;
  body?: unknown;
  contentType?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** `duplex` is missing in the DOM's types, yet every fetch wants it for a body that streams. */
export type FetchInit = RequestInit & { duplex?: 'half' };

/** Where a call goes: its path with the parameters filled in, and its query. */
export function requestUrl(baseUrl: string, operation: Operation, request: LooseRequest): string {
  const params = new Map(entriesOf(request.params));
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params.get(name);
    if (value === undefined) throw new TypeError(`${operation.id} needs params.${name}`);
    return encodeURIComponent(value);
  });
  const query = operation.query ? new URLSearchParams(entriesOf(request.query)).toString() : '';
  return `${baseUrl.replace(/\/+$/, '')}/api/v1${path}${query === '' ? '' : `?${query}`}`;
}

/** What fetch is told besides the address. */
export function requestInit(
  operation: Operation,
  request: LooseRequest,
  common: Record<string, string>,
): FetchInit {
  const headers: Record<string, string> = {
    accept: [...(operation.downloads ?? ['application/json']), 'application/problem+json'].join(
      ', ',
    ),
    ...common,
    ...Object.fromEntries(entriesOf(request.headers)),
  };
  const init: FetchInit = { method: operation.method, headers };
  if (request.signal) init.signal = request.signal;
  if (operation.streams) {
    headers['content-type'] = request.contentType ?? operation.streams[0] ?? '';
    init.body = streamingBody(operation, request.body);
    if (init.body instanceof ReadableStream) init.duplex = 'half';
  } else if (operation.body) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(request.body);
  }
  return init;
}

function streamingBody(operation: Operation, body: unknown): string | Blob | ReadableStream {
  if (typeof body === 'string' || body instanceof Blob || body instanceof ReadableStream) {
    return body;
  }
  if (isAsyncIterable(body)) return readableStream(body);
  throw new TypeError(`${operation.id} needs a body: text, a Blob, or a stream of bytes`);
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** A list gives one entry for each of its values. */
const entriesOf = (values: object | undefined): [string, string][] =>
  Object.entries(values ?? {}).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, String(one)]),
  );
