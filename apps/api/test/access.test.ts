import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problem } from '#libs/contracts';
import { sql } from '#libs/database';
import { z } from 'zod';
import { FailureLimit } from '../http/failure-limit.ts';
import {
  ADMIN_KEY,
  PUBLIC_ORIGIN,
  startTestApi,
  withId,
  type Answer,
  type TestApi,
} from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const code = (answer: Answer): string => problem.parse(answer.json).code;
const cookieOf = (answer: Answer): string =>
  answer.headers.get('set-cookie')?.split(';', 1).join('') ?? '';
const listed = z.object({ items: z.array(withId), nextCursor: z.string().nullable() });

async function signIn(key = ADMIN_KEY, headers: Record<string, string> = {}): Promise<Answer> {
  return api.call('POST', '/api/v1/session', { key: null, headers, body: { key } });
}

describe('keys', () => {
  test('a call without a key, with a wrong one or another scheme is refused and says how', async () => {
    const none = await api.call('GET', '/api/v1/datasets', { key: null });
    expect([none.status, code(none)]).toEqual([401, 'unauthenticated']);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    const wrong = await api.call('GET', '/api/v1/datasets', { key: 'llme_wrong' });
    expect([wrong.status, code(wrong)]).toEqual([401, 'invalid_key']);
    const basic = await api.call('GET', '/api/v1/datasets', {
      key: null,
      headers: { authorization: 'Basic YTpi' },
    });
    expect([basic.status, code(basic)]).toEqual([401, 'invalid_authorization']);
  });

  test('the body of a call without a key is not looked at', async () => {
    const answer = await api.call('POST', '/api/v1/datasets', { key: null, body: '{not json' });
    expect(answer.status).toBe(401);
  });

  test('a key is shown once, stored as a hash only, and refused once revoked', async () => {
    const { key, id, projectId } = await api.newKey('viewer');
    expect(key).toMatch(/^llme_[\w-]{43}$/);
    const stored = await api.database.query<{ text: string }>(
      sql`select api_keys::text as text from api_keys`,
    );
    expect(stored.some(({ text }) => text.includes(key))).toBe(false);
    const headers = { 'x-project': projectId };
    const before = await api.call('GET', '/api/v1/keys', { headers });
    expect(before.text).not.toContain(key);
    expect(listed.parse(before.json).items.map((item) => item.id)).toEqual([id]);

    expect((await api.call('GET', '/api/v1/session', { key })).status).toBe(200);
    const revoked = await api.call('DELETE', `/api/v1/keys/${id}`);
    expect([revoked.status, revoked.text]).toEqual([204, '']);
    expect((await api.call('GET', '/api/v1/session', { key })).status).toBe(401);
    const again = await api.call('DELETE', `/api/v1/keys/${id}`);
    expect([again.status, code(again)]).toEqual([404, 'key_not_found']);
    const after = await api.call('GET', '/api/v1/keys', { headers });
    expect(listed.parse(after.json).items).toEqual([]);
  });

  test('each role does what it may and no more', async () => {
    const viewer = await api.newKey('viewer');
    const editor = await api.newKey('editor', viewer.projectId);
    const admin = await api.newKey('admin', viewer.projectId);
    const statuses = async (method: string, path: string, body?: unknown) =>
      Promise.all(
        [viewer, editor, admin].map(
          async ({ key }) => (await api.call(method, path, { key, body })).status,
        ),
      );
    expect(await statuses('GET', '/api/v1/datasets')).toEqual([200, 200, 200]);
    expect(await statuses('POST', '/api/v1/datasets', { name: 'x' })).toEqual([403, 201, 201]);
    expect(await statuses('GET', '/api/v1/keys')).toEqual([403, 403, 200]);
    expect(await statuses('POST', '/api/v1/projects', { name: 'x' })).toEqual([403, 403, 403]);
  });

  test('keys and projects are listed page by page, each once', async () => {
    const { projectId } = await api.newKey('viewer');
    for (let index = 0; index < 4; index += 1) await api.newKey('viewer', projectId);
    const ids: string[] = [];
    let cursor = '';
    do {
      const answer = await api.call('GET', `/api/v1/keys?limit=2${cursor}`, {
        headers: { 'x-project': projectId },
      });
      const { items, nextCursor } = listed.parse(answer.json);
      ids.push(...items.map(({ id }) => id));
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(new Set(ids).size).toBe(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  test('too many wrong keys from one address make it wait, but for keys in use', async () => {
    const limited = await startTestApi({ failures: new FailureLimit(3) });
    try {
      expect((await limited.call('GET', '/api/v1/runs')).status).toBe(200);
      for (let index = 0; index < 3; index += 1) {
        expect((await limited.call('GET', '/api/v1/runs', { key: 'wrong' })).status).toBe(401);
      }
      const next = await limited.call('GET', '/api/v1/runs', { key: 'wrong' });
      expect([next.status, code(next)]).toEqual([429, 'too_many_failures']);
      expect(Number(next.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await limited.call('GET', '/api/v1/runs')).status).toBe(200);
      const elsewhere = await limited.call('GET', '/api/v1/runs', {
        key: 'wrong',
        headers: { 'x-forwarded-for': '203.0.113.9' },
      });
      expect(elsewhere.status).toBe(401);
    } finally {
      await limited.close();
    }
  });

  test('a window of failures ends', () => {
    let now = 0;
    const limit = new FailureLimit(2, () => now);
    limit.note('a');
    limit.note('a');
    expect(limit.waitSeconds('a')).toBe(60);
    expect(limit.waitSeconds('b')).toBe(0);
    now = 60_001;
    expect(limit.waitSeconds('a')).toBe(0);
  });
});

describe('the admin key of the instance', () => {
  test('may be ensured by any number of replicas at once; another one replaces it', async () => {
    const first = 'first-admin-key-of-this-test';
    const second = 'second-admin-key-of-this-test';
    const own = await startTestApi();
    try {
      await Promise.all(Array.from({ length: 5 }, () => own.access.ensureAdminKey(first)));
      await Promise.all(Array.from({ length: 5 }, () => own.access.ensureDefaultProject()));
      const principal = await own.access.authenticate(first);
      expect(principal).toMatchObject({ role: 'admin', projectId: null });
      if (!principal) return;
      const token = await own.access.openSession(principal);
      expect(await own.access.authenticateSession(token)).toEqual(principal);

      await own.access.ensureAdminKey(second);
      expect(await own.access.authenticate(first)).toBeUndefined();
      expect(await own.access.authenticateSession(token)).toBeUndefined();
      expect(await own.access.authenticate(second)).toBeDefined();
      await own.access.ensureAdminKey(first);
      expect(await own.access.authenticate(first)).toBeDefined();
    } finally {
      await own.close();
    }
  });
});

describe('projects', () => {
  test('an instance key works in default, or in the project that it names by id or name', async () => {
    const { projectId } = await api.newKey('viewer');
    const session = async (headers: Record<string, string>) =>
      (await api.call('GET', '/api/v1/session', { headers })).json;
    expect(await session({})).toMatchObject({ instance: true, project: { name: 'default' } });
    const named = await session({ 'x-project': projectId });
    expect(named).toMatchObject({ project: { id: projectId } });
    const { name } = z.object({ project: z.object({ name: z.string() }) }).parse(named).project;
    expect(await session({ 'x-project': name })).toEqual(named);
    const unknown = await api.call('GET', '/api/v1/session', { headers: { 'x-project': 'nope' } });
    expect([unknown.status, code(unknown)]).toEqual([404, 'project_not_found']);
  });

  test('a project key works in its own only, and does not learn which others there are', async () => {
    const one = await api.newKey('admin');
    const other = await api.newKey('admin');
    const headers = { 'x-project': other.projectId };
    const named = await api.call('GET', '/api/v1/session', { key: one.key, headers });
    expect([named.status, code(named)]).toEqual([404, 'project_not_found']);
    const own = await api.call('GET', '/api/v1/projects', { key: one.key });
    expect(listed.parse(own.json).items.map(({ id }) => id)).toEqual([one.projectId]);
    const made = await api.call('POST', '/api/v1/keys', {
      key: one.key,
      body: { name: 'x', role: 'viewer', projectId: other.projectId },
    });
    expect(made.status).toBe(404);
    const revoked = await api.call('DELETE', `/api/v1/keys/${other.id}`, { key: one.key });
    expect(revoked.status).toBe(404);
    expect((await api.call('GET', '/api/v1/session', { key: other.key })).status).toBe(200);
  });

  test("another project's things are not there, whatever is asked of them", async () => {
    const one = await api.newKey('admin');
    const other = await api.newKey('admin');
    const dataset = await api.newDataset(other.key);
    const headers = { 'content-type': 'application/x-ndjson' };
    const line = '{"key":"a","input":1,"output":1}\n';
    const path = `/api/v1/datasets/${dataset}`;
    const upload = { headers, body: '{"key":"a","input":1}\n' };
    await api.call('POST', `${path}/versions`, { key: other.key, ...upload });
    const recorded = await api.call('POST', '/api/v1/recordings?name=r', {
      key: other.key,
      headers,
      body: line.replace('"input":1,', ''),
    });
    const recording = withId.parse(recorded.json).id;
    const run = crypto.randomUUID();
    const calls: [string, string, object?][] = [
      ['GET', path],
      ['GET', `${path}/versions`],
      ['GET', `${path}/versions/1/items`],
      ['POST', `${path}/versions`, upload],
      ['GET', `/api/v1/recordings/${recording}`],
      ['GET', `/api/v1/runs/${run}`],
      ['POST', `/api/v1/runs/${run}/cancel`],
    ];
    for (const [method, at, options = {}] of calls) {
      const answer = await api.call(method, at, { key: one.key, ...options });
      expect([method, at, answer.status]).toEqual([method, at, 404]);
    }
    expect((await api.call('GET', path, { key: other.key })).status).toBe(200);
  });

  test('a name is given once', async () => {
    const body = { name: `only one ${crypto.randomUUID()}` };
    expect((await api.call('POST', '/api/v1/projects', { body })).status).toBe(201);
    const again = await api.call('POST', '/api/v1/projects', { body });
    expect([again.status, code(again)]).toEqual([409, 'project_exists']);
  });
});

describe('sessions', () => {
  test('the cookie is out of reach of scripts and other sites, and secure over https', async () => {
    const plain = await signIn();
    expect(plain.status).toBe(201);
    const cookie = plain.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).toMatch(/Path=\//);
    expect(cookie).toMatch(/Max-Age=1209600/);
    expect(cookie).not.toMatch(/Secure/);
    const proxied = await signIn(ADMIN_KEY, { 'x-forwarded-proto': 'https' });
    expect(proxied.headers.get('set-cookie')).toMatch(/Secure/);
    const stored = await api.database.query<{ hash: string }>(sql`select hash from sessions`);
    expect(stored.every(({ hash }) => !cookie.includes(hash))).toBe(true);
  });

  test('a session is its key until either ends', async () => {
    const { key, id } = await api.newKey('editor');
    const cookie = cookieOf(await signIn(key));
    const call = () => api.call('GET', '/api/v1/session', { key: null, headers: { cookie } });
    expect((await call()).json).toMatchObject({ role: 'editor', instance: false });

    const out = await api.call('DELETE', '/api/v1/session', { key: null, headers: { cookie } });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/);
    expect([(await call()).status, code(await call())]).toEqual([401, 'session_ended']);

    const second = cookieOf(await signIn(key));
    await api.call('DELETE', `/api/v1/keys/${id}`);
    const headers = { cookie: second };
    expect((await api.call('GET', '/api/v1/session', { key: null, headers })).status).toBe(401);
    const left = await api.database.query(sql`select 1 from sessions where key_id = ${id}`);
    expect(left).toEqual([]);
  });

  test('a session that has run out is over', async () => {
    const cookie = cookieOf(await signIn());
    await api.database.query(sql`update sessions set expires_at = now() - interval '1 second'`);
    const answer = await api.call('GET', '/api/v1/runs', { key: null, headers: { cookie } });
    expect(answer.status).toBe(401);
    await signIn();
    const left = await api.database.query(sql`select 1 from sessions where expires_at < now()`);
    expect(left).toEqual([]);
  });

  test('signing in takes a key that is valid', async () => {
    const answer = await signIn('wrong');
    expect([answer.status, code(answer)]).toEqual([401, 'invalid_key']);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('a session changes things only from pages of this server', async () => {
    const cookie = cookieOf(await signIn());
    const host = new URL(api.url).host;
    const status = async (headers: Record<string, string>, method = 'POST') => {
      const body = method === 'POST' ? { name: 'x' } : undefined;
      const options = { key: null, headers: { cookie, ...headers }, body };
      return (await api.call(method, '/api/v1/datasets', options)).status;
    };
    expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await status({ 'sec-fetch-site': 'none' })).toBe(201);
    expect(await status({ origin: `http://${host}` })).toBe(201);
    expect(await status({ origin: PUBLIC_ORIGIN, 'sec-fetch-site': 'cross-site' })).toBe(201);
    expect(
      await status({ origin: 'https://proxied.example', 'x-forwarded-host': 'proxied.example' }),
    ).toBe(201);
    expect(await status({})).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'same-site', origin: `http://${host}` })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' }, 'GET')).toBe(200);
  });

  test('a foreign page can sign nobody in, and nobody out', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await signIn(ADMIN_KEY, foreign)).status).toBe(403);
    const cookie = cookieOf(await signIn());
    const headers = { cookie, ...foreign };
    const out = await api.call('DELETE', '/api/v1/session', { key: null, headers });
    expect([out.status, code(out)]).toEqual([403, 'foreign_origin']);
  });

  test('a key counts before a cookie, and needs no origin', async () => {
    const viewer = await api.newKey('viewer');
    const cookie = cookieOf(await signIn());
    const answer = await api.call('POST', '/api/v1/datasets', {
      key: viewer.key,
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
      body: { name: 'x' },
    });
    expect([answer.status, code(answer)]).toEqual([403, 'role_needed']);
  });
});
