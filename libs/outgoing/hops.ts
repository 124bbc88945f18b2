import { isReservedHeader, OutgoingError, type OutgoingRequest } from '#libs/evaluation';

/** One request of a call: the first, or one that a redirect leads to. */
export interface Hop {
  url: URL;
  method: OutgoingRequest['method'];
  headers: Record<string, string>;
  body?: string;
}

const base = { 'user-agent': 'llm-eval', 'accept-encoding': 'gzip, br, deflate' };

/** @throws {OutgoingError} `invalid_request` where the request can't be made as it is */
export function targetOf({ url, method, headers = {}, body }: OutgoingRequest): Hop {
  const given: Record<string, string> = { ...base };
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (isReservedHeader(lower)) {
      throw new OutgoingError('invalid_request', `the header ${lower} can't be set`);
    }
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      throw new OutgoingError('invalid_request', 'a header has characters that no header may have');
    }
    given[lower] = value;
  }
  const hop = { url: checked(url, undefined), method, headers: given };
  return body === undefined ? hop : { ...hop, body };
}

/**
 * The request that a redirect asks for; undefined where the answer is none.
 * @throws {OutgoingError} `refused` where it leads to what may not be called
 */
export function followed(
  hop: Hop,
  status: number,
  location: string | string[] | undefined,
): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined;
  const url = checked(location, hop.url);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new OutgoingError(
      'refused',
      `${hop.url.host} redirects from https to http, which is not followed`,
    );
  }
  const keepsBody = status >= 307;
  const isSame = url.origin === hop.url.origin;
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(([name]) => {
      if (name.startsWith('content-')) return keepsBody;
      return isSame || name in base || name === 'accept';
    }),
  );
  if (keepsBody) return { ...hop, url, headers };
  return { url, method: 'GET', headers };
}

/** @param from the address that redirected there; what it says may hold secrets, and is not repeated */
function checked(text: string, from: URL | undefined): URL {
  const fault = (message: string) =>
    from
      ? new OutgoingError('refused', `${from.host} redirects to an address that ${message}`)
      : new OutgoingError('invalid_request', `the address ${message}`);
  if (!URL.canParse(text, from?.href)) throw fault('is not a URL');
  const url = new URL(text, from?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw fault('does not begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw fault('has a user name or password in it; use a header');
  }
  return url;
}
