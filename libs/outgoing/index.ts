import {
  OutgoingError,
  type OutgoingHttp,
  type OutgoingRequest,
  type OutgoingResponse,
} from '#libs/evaluation';
import type { Dispatcher } from 'undici';
import { Destinations, parseAllowed } from './addresses.ts';
import { openAgent, resolveBySystem, type Resolve } from './connect.ts';
import { decodedText } from './decode.ts';
import { describeFailure } from './failures.ts';
import { followed, targetOf, type Hop } from './hops.ts';

export { parseAllowed } from './addresses.ts';

export interface OutgoingOptions {
  /**
   * What may be called although it is not of the public internet: addresses, ranges and host names,
   * each with a port or for all ports. As `OUTGOING_ALLOW` has them.
   */
  allow: readonly string[];
  /** Looks a host name up; for tests. */
  resolve?: Resolve;
}

const REDIRECTS_MAX = 5;
/** Read of a redirect's own body, so that its connection can be used again. */
const REDIRECT_BYTES_MAX = 16_384;

/**
 * The way out to addresses that users name. Proxies that the environment names are not used, since
 * they would do the looking up.
 *
 * @throws {TypeError} for an entry of the allow list that is none
 */
export function createOutgoingHttp({
  allow,
  resolve = resolveBySystem,
}: OutgoingOptions): OutgoingHttp {
  const allowed = allow.map((entry) => {
    const parsed = parseAllowed(entry);
    if (!parsed) throw new TypeError(`"${entry}" is no address, range or host name`);
    return parsed;
  });
  const agent = openAgent(new Destinations(allowed), resolve);

  async function call(first: Hop, maxBytes: number, signal: AbortSignal) {
    let hop = first;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
      const { url, method, headers, body = null } = hop;
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body,
        signal,
      });
      const next = await settled(response, hop, maxBytes, signal);
      if ('status' in next) return next;
      hop = next;
    }
    throw new OutgoingError(
      'refused',
      `${first.url.host} redirects more than ${REDIRECTS_MAX} times`,
    );
  }

  return {
    async request(request: OutgoingRequest) {
      const hop = targetOf(request);
      // Not `AbortSignal.timeout`: what waits for it would be kept until its time is over.
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(), request.timeoutMs).unref();
      const signal = AbortSignal.any([request.signal, timeout.signal]);
      const abort = abortOf(signal);
      try {
        signal.throwIfAborted();
        return await Promise.race([call(hop, request.maxBytes, signal), abort.happened]);
      } catch (error) {
        if (request.signal.aborted) {
          throw new OutgoingError('canceled', 'the call was canceled', { cause: error });
        }
        if (timeout.signal.aborted) {
          const message = `${hop.url.host} did not answer within ${request.timeoutMs} ms`;
          throw new OutgoingError('timeout', message, { cause: error });
        }
        throw describeFailure(error, hop.url);
      } finally {
        clearTimeout(timer);
        abort.forget();
      }
    },
    close: async () => agent.destroy(),
  };
}

/** The answer, or the request that it redirects to; whatever is left of it is let go of. */
async function settled(
  response: Dispatcher.ResponseData,
  hop: Hop,
  maxBytes: number,
  signal: AbortSignal,
): Promise<OutgoingResponse | Hop> {
  const { statusCode, headers, body } = response;
  try {
    const next = followed(hop, statusCode, headers['location']);
    if (!next) return await decodedText(response, maxBytes, signal);
    await body.dump({ limit: REDIRECT_BYTES_MAX, signal });
    return next;
  } catch (error) {
    body.on('error', () => {}).destroy();
    throw error;
  }
}

/** Looking a name up can't be aborted, but nobody has to wait for it. */
function abortOf(signal: AbortSignal): { happened: Promise<never>; forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  return { happened: promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
