import type { IncomingHttpHeaders } from 'node:http';
import { roleAllows, SESSION_DAYS, type Access, type Principal } from '#libs/access';
import type { Role } from '#libs/contracts';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { FailureLimit, RecentKeys } from './failure-limit.ts';
import { isOwnOrigin } from './origin.ts';
import { HttpProblem } from './problem.ts';

export const SESSION_COOKIE = 'llm_eval_session';

/** What identifies a caller: headers and address; Express and Socket.IO both have them. */
export interface Credentials {
  headers: IncomingHttpHeaders;
  address: string;
}

export interface Authenticator {
  /**
   * Who is calling, by Bearer key or else by session cookie; undefined where neither was sent.
   * @throws {HttpProblem} 401 where it is not valid, 429 after too many that were not
   */
  identify(credentials: Credentials): Promise<Identity | undefined>;
  /** Checks a key by hand, under the same limit. @throws {HttpProblem} as `identify` */
  checkKey(key: string, address: string): Promise<Principal>;
  /** Refuses what a foreign page could have made a browser send. @throws {HttpProblem} 403 */
  checkOrigin(request: Request): void;
}

export interface Identity {
  principal: Principal;
  /** A cookie is sent by the browser whoever asks, so it needs a look at where the call is from. */
  by: 'key' | 'session';
}

export function createAuthenticator(options: {
  access: Access;
  publicOrigins: readonly string[];
  failures?: FailureLimit;
}): Authenticator {
  const { access, publicOrigins, failures = new FailureLimit() } = options;
  const recent = new RecentKeys();

  const checkKey: Authenticator['checkKey'] = async (key, address) => {
    const wait = failures.waitSeconds(address);
    // A key that was right here lately is no guess: many people may share an address.
    if (wait > 0 && !recent.has(key)) {
      throw new HttpProblem(
        429,
        'too_many_failures',
        `Too many wrong keys came from this address; try again in ${wait} seconds.`,
        { headers: { 'Retry-After': String(wait) } },
      );
    }
    const principal = await access.authenticate(key);
    if (principal) {
      recent.add(key);
      return principal;
    }
    recent.delete(key);
    failures.note(address);
    throw unauthorized('invalid_key', 'The key is unknown or has been revoked.');
  };

  return {
    checkKey,

    async identify({ headers, address }) {
      if (headers.authorization !== undefined) {
        const [, key] = /^Bearer +(\S+)$/i.exec(headers.authorization) ?? [];
        if (key === undefined) {
          throw unauthorized('invalid_authorization', 'Send "Authorization: Bearer <key>".');
        }
        return { principal: await checkKey(key, address), by: 'key' };
      }
      const token = sessionToken(headers);
      if (token === undefined) return undefined;
      // Not counted: a session's token is past guessing, and a forgotten tab asks with one that ended.
      const principal = await access.authenticateSession(token);
      if (!principal) throw unauthorized('session_ended', 'The session is over; sign in again.');
      return { principal, by: 'session' };
    },

    checkOrigin(request) {
      if (isOwnOrigin(request.headers, request.host, publicOrigins)) return;
      throw new HttpProblem(
        403,
        'foreign_origin',
        'A session may change things only from pages of this server; add an origin of yours to PUBLIC_ORIGINS, or use a key.',
      );
    },
  };
}

export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

export const sessionToken = (headers: IncomingHttpHeaders): string | undefined =>
  headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[SESSION_COOKIE];

/** The Set-Cookie header that starts a session, or ends it where there is no token. */
export const sessionCookie = (request: Request, token: string | undefined): string =>
  stringifySetCookie({
    name: SESSION_COOKIE,
    value: token ?? '',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    path: '/',
    maxAge: token === undefined ? 0 : SESSION_DAYS * 86_400,
  });

export const addressOf = (request: Request): string => request.ip ?? '';

export const notSignedIn = (): HttpProblem =>
  unauthorized(
    'unauthenticated',
    'This call needs a key: send "Authorization: Bearer <key>", or sign in.',
  );

/** @throws {HttpProblem} 403 */
export function checkRole(principal: Principal, needed: Role): void {
  if (roleAllows(principal.role, needed)) return;
  throw new HttpProblem(
    403,
    'role_needed',
    `This call needs the role ${needed}; the key "${principal.keyName}" has the role ${principal.role}.`,
  );
}

/** @throws {HttpProblem} 403 for a key that belongs to one project, whatever its role */
export function checkInstanceKey(principal: Principal): void {
  if (principal.projectId === null) return;
  throw new HttpProblem(
    403,
    'instance_key_needed',
    'Workers and queues serve every project: use an admin key of the instance.',
  );
}

function unauthorized(code: string, detail: string): HttpProblem {
  return new HttpProblem(401, code, detail, {
    headers: { 'WWW-Authenticate': 'Bearer realm="llm-eval"' },
  });
}
