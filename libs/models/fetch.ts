import type { OutgoingHttp } from '#libs/evaluation';

/** The longest time-out that a run may have, and a little: the caller's signal ends a try, not this. */
const TIMEOUT_MS = 3_660_000;
const MAX_BYTES = 20_000_000;

/** Headers that the connection sets by itself, or that say no more than that a library calls. */
const ours = new Set(['connection', 'content-length', 'host', 'transfer-encoding', 'user-agent']);

/** `fetch`, as far as the providers' libraries need it, through the one way out. */
export const createFetch =
  (http: OutgoingHttp): typeof globalThis.fetch =>
  async (input, init = {}) => {
    const { method, headers, body } = init;
    const answer = await http.request({
      url: input instanceof Request ? input.url : String(input),
      method: method === undefined || method === 'GET' ? 'GET' : 'POST',
      headers: Object.fromEntries([...new Headers(headers)].filter(([name]) => !ours.has(name))),
      ...(body !== undefined && body !== null && { body: textOf(body) }),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      signal: init.signal ?? new AbortController().signal,
    });
    // Unpacked already; its length is no longer that of the header.
    const { 'content-encoding': _packed, 'content-length': _length, ...rest } = answer.headers;
    const hasNoBody = [204, 205, 304].includes(answer.status);
    return new Response(hasNoBody ? null : answer.text, {
      status: Math.min(599, Math.max(200, answer.status)),
      headers: rest,
    });
  };

function textOf(body: NonNullable<RequestInit['body']>): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  throw new TypeError('only texts and bytes can be sent');
}
