import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that a browser vouches for comes from one of our own pages. Browsers say so by
 * Sec-Fetch-Site, older ones by Origin alone; a request with neither comes from no page that could be
 * told, and is refused where a cookie is its only proof.
 * @param ownHost the host that this request was sent to, as the outermost proxy saw it
 * @param publicOrigins further origins that are ours
 */
export function isOwnOrigin(
  headers: IncomingHttpHeaders,
  ownHost: string | undefined,
  publicOrigins: readonly string[],
): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  if (publicOrigins.includes(origin)) return true;
  // Where Sec-Fetch-Site says otherwise, an equal host is a different scheme or port.
  return site === undefined && ownHost !== undefined && hostOf(origin) === ownHost.toLowerCase();
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
