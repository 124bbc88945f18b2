import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/**
 * Where a request comes from, as Express says it: of the addresses that it passed, the first that no
 * trusted proxy vouches for any more.
 * @param trustProxy how many proxies in front are believed
 */
export function addressOf(request: IncomingMessage, trustProxy: number): string {
  const forwarded = [request.headers['x-forwarded-for'] ?? []]
    .flat()
    .flatMap((header) => header.split(','))
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const passed = [request.socket.remoteAddress ?? '', ...forwarded.toReversed()];
  return passed[Math.min(trustProxy, passed.length - 1)] ?? '';
}

/**
 * What bounds for an address count by: of version 6 the /64, which is what one customer is given; an
 * address of version 4 that is written as one of version 6 is the same as that of version 4.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toNormalizedString()}/64`).toString()}/64`;
}
