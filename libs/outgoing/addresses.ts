import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** An entry of the allow list: the addresses of a range, or whatever a host name leads to. */
export interface Allowed {
  host?: string;
  range?: [Address, number];
  /** Undefined: any. */
  port?: number;
}

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^(?=.{1,253}$)(?:${label}\\.)*${label}$`);

/**
 * Reads one entry: `10.0.0.0/8`, `127.0.0.1:4000`, `fd00::/8`, `[::1]:4000`, `scorer.internal:8080`.
 * Undefined where it is none of these.
 */
export function parseAllowed(entry: string): Allowed | undefined {
  const text = entry.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  const plain = /^([^:]*)(?::(\d{1,5}))?$/.exec(text);
  // An IPv6 address or range without brackets: all of its colons are its own.
  const [, target = text, digits] = bracketed ?? plain ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const isIpv6 = target.includes(':');
  if (bracketed && !isIpv6) return undefined;
  const where = rangeOf(target) ?? hostOf(target);
  return where && (port === undefined ? where : { ...where, port });
}

function rangeOf(target: string): Pick<Allowed, 'range'> | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(target) || ipaddr.IPv6.isValid(target)) {
    const address = ipaddr.process(target);
    return { range: [address, address.kind() === 'ipv4' ? 32 : 128] };
  }
  const isRange = ipaddr.IPv4.isValidCIDRFourPartDecimal(target) || ipaddr.IPv6.isValidCIDR(target);
  return isRange ? { range: ipaddr.parseCIDR(target) } : undefined;
}

function hostOf(target: string): Pick<Allowed, 'host'> | undefined {
  const host = target.replace(/\.$/, '');
  const isNumber = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host);
  return hostName.test(host) && !isNumber ? { host } : undefined;
}

/** Addresses that are public and yet a cloud's own: Azure's WireServer. */
const metadata = new Set(['168.63.129.16']);

/**
 * What an address is that nobody may be sent to: `private`, `loopback` and the like; undefined for one
 * of the public internet. Of IPv6 only global unicast is public, and NAT64 or IPv4-mapped addresses are
 * what the IPv4 address within them is; tunnels (6to4, Teredo) never are.
 */
function shunned(address: Address): string | undefined {
  if (address instanceof ipaddr.IPv4) {
    if (metadata.has(address.toString())) return 'metadata';
    const range = address.range();
    return range === 'unicast' ? undefined : range;
  }
  const inner = ipv4Within(address);
  if (inner) return shunned(inner);
  const range = address.range();
  if (range !== 'unicast') return range;
  return address.match(ipaddr.IPv6.parseCIDR('2000::/3')) ? undefined : 'reserved';
}

function ipv4Within(address: Address): Address | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined;
  const isNat64 = address.match(ipaddr.IPv6.parseCIDR('64:ff9b::/96'));
  return isNat64 || address.isIPv4MappedAddress()
    ? ipaddr.fromByteArray(address.toByteArray().slice(12))
    : undefined;
}

const names: Record<string, string> = {
  carrierGradeNat: 'carrier-grade NAT',
  linkLocal: 'link-local',
  uniqueLocal: 'unique local',
};

/** Where calls may go, by what was resolved. */
export class Destinations {
  readonly #allowed: readonly Allowed[];

  constructor(allowed: readonly Allowed[]) {
    this.#allowed = allowed;
  }

  /**
   * Why an address may not be connected to: the sort of address that it is. Undefined where it may.
   * @param host as in the URL, a name or the address itself
   */
  fault(host: string, port: number, address: string): string | undefined {
    if (!ipaddr.isValid(address)) return 'unknown';
    // A zone names an interface of this machine.
    const parsed = ipaddr.process(address.replace(/%.*$/, ''));
    const sort = shunned(parsed);
    if (sort === undefined || this.#allows(host, port, parsed)) return undefined;
    return names[sort] ?? sort;
  }

  #allows(host: string, port: number, address: Address): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    const candidates = [address, ipv4Within(address)];
    return this.#allowed.some((entry) => {
      if (entry.port !== undefined && entry.port !== port) return false;
      if (entry.host !== undefined) return entry.host === name;
      const { range } = entry;
      return candidates.some(
        (candidate) => range && candidate?.kind() === range[0].kind() && candidate.match(range),
      );
    });
  }
}
