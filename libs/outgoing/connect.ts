import { OutgoingError } from '#libs/evaluation';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { Destinations } from './addresses.ts';

/** Every address of a host name. */
export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

export const resolveBySystem: Resolve = async (hostname) => systemLookup(hostname, { all: true });

const CONNECT_MS = 10_000;

/**
 * Connections that go only where they may. The addresses of a name are looked up once, judged, and
 * those that may be connected to are handed to the socket, which therefore looks nothing up: an answer
 * that changes between judging and connecting has nowhere to come in.
 */
export function openAgent(destinations: Destinations, resolve: Resolve): Agent {
  async function permitted({ hostname, port, protocol }: buildConnector.Options) {
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    const family = isIP(hostname);
    const addresses = family === 0 ? await resolve(hostname) : [{ address: hostname, family }];
    const faults: string[] = [];
    const open = addresses.filter(({ address }) => {
      const fault = destinations.fault(hostname, number, address);
      if (fault !== undefined) faults.push(fault);
      return fault === undefined;
    });
    const [fault] = faults;
    if (open.length > 0) return open;
    throw fault === undefined
      ? new OutgoingError('unreachable', `${hostname} has no address`)
      : refusal(hostname, number, fault);
  }

  return new Agent({
    // Time is bounded for the call as a whole.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    connect(options, callback) {
      permitted(options).then(
        (addresses) => {
          const lookup = fixed(addresses);
          const connector = { lookup, timeout: CONNECT_MS, allowH2: false, autoSelectFamily: true };
          buildConnector(connector)(options, callback);
        },
        (error: unknown) => {
          callback(
            error instanceof Error ? error : new Error('no address', { cause: error }),
            null,
          );
        },
      );
    },
  });
}

const refusal = (hostname: string, port: number, fault: string) =>
  new OutgoingError(
    'refused',
    `${hostname} leads to a ${fault} address, which is not called; where that is meant, an operator adds it to OUTGOING_ALLOW, such as ${hostname}:${port}`,
  );

const fixed =
  (addresses: readonly { address: string; family: number }[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  };
