import { expect } from '@jest/globals';
import { createAccess, type Access } from '#libs/access';
import { createAdmin } from '#libs/admin';
import { createComparisons } from '#libs/comparisons';
import { createLogger } from '#libs/config';
import { problem, type Problem, type Role } from '#libs/contracts';
import { openDatabase, type Database } from '#libs/database';
import { createProviders } from '#libs/providers';
import { openQueues, type Queues } from '#libs/queues';
import { createRuns } from '#libs/runs';
import { createSandbox } from '#libs/sandbox';
import { createTestDatabase } from '#test/databases';
import { noCaller, noTools } from '#test/scoring';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createApp } from '../app.ts';
import type { ApiDeps } from '../deps.ts';
import { createAuthenticator } from '../http/auth.ts';
import { FailureLimit } from '../http/failure-limit.ts';
import { listen } from '../http/listen.ts';

export const ADMIN_KEY = 'the-admin-key-of-the-instance';
export const SECRET_KEY = 'the-secret-key-of-the-installation';
export const PUBLIC_ORIGIN = 'https://eval.example.com';

/** What a call was answered with. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

export interface CallOptions {
  key?: string | null;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text, bytes or a stream. */
  body?: unknown;
  redirect?: 'manual' | 'follow';
}

/** The whole API on a database and queues of its own, and how to call it. */
export interface TestApi {
  url: string;
  database: Database;
  access: Access;
  queues: Queues;
  /** With the admin key, unless told otherwise; paths start at the root. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A key of a project that is made for it. */
  newKey(role: Role, projectId?: string): Promise<{ key: string; id: string; projectId: string }>;
  newDataset(key?: string): Promise<string>;
  /** Takes the database away under the running API. */
  dropDatabase(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestApi(
  options: { failures?: FailureLimit; deps?: Partial<ApiDeps>; poolMax?: number } = {},
): Promise<TestApi> {
  const testDatabase = await createTestDatabase();
  const databaseUrl = testDatabase.url;
  const logger = createLogger('test', 'silent');
  const databasePoolMax = options.poolMax ?? 6;
  const database = await openDatabase({ url: databaseUrl, poolMax: databasePoolMax });
  await database.migrate();
  const queues = await openQueues(
    { redisUrl: undefined, databaseUrl, queuePrefix: 'test', queueLockMs: 10_000 },
    logger,
  );
  const api = await startApiOn({ database, queues }, { ...options, databasePoolMax });
  return {
    ...api,
    dropDatabase: () => testDatabase.drop(),
    async close() {
      await api.close();
      await queues.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}

/** The whole API on tables and queues that are another's, as those of a `World`. */
export async function startApiOn(
  { database, queues }: { database: Database; queues: Queues },
  options: { failures?: FailureLimit; deps?: Partial<ApiDeps>; databasePoolMax?: number } = {},
): Promise<Omit<TestApi, 'dropDatabase'>> {
  const logger = createLogger('test', 'silent');
  const { databasePoolMax = 6 } = options;
  const access = createAccess(database);
  await access.ensureDefaultProject();
  await access.ensureAdminKey(ADMIN_KEY);
  const config = { databasePoolMax, publicOrigins: [PUBLIC_ORIGIN], trustProxy: 1 };
  const failures = options.failures ?? new FailureLimit();
  const authenticator = createAuthenticator({
    access,
    publicOrigins: config.publicOrigins,
    failures,
  });
  const runs = createRuns({ database, queues, logger });
  const registry = new Registry();
  const sandbox = createSandbox();
  const app = createApp(
    {
      config,
      logger,
      database,
      access,
      runs,
      comparisons: createComparisons({ database, queues, logger }),
      queues,
      admin: createAdmin(
        { database, queues, logger },
        { batches: 4, calls: 400, runs: 4, comparisons: 1 },
      ),
      sandbox,
      models: () => noTools.models,
      caller: noCaller,
      providers: createProviders({ database, secretKeys: [SECRET_KEY] }),
      http: noTools.http,
      registry,
      ...options.deps,
    },
    authenticator,
  );
  const http = await listen(app, { port: 0, host: '127.0.0.1' });

  const call: TestApi['call'] = async (method, path, options = {}) => {
    const { key = ADMIN_KEY, body } = options;
    const raw =
      body === undefined ||
      typeof body === 'string' ||
      body instanceof Uint8Array ||
      body instanceof ReadableStream;
    const response = await fetch(http.url + path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      redirect: options.redirect ?? 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };

  return {
    url: http.url,
    database,
    access,
    queues,
    call,
    async newKey(role, projectId) {
      const project =
        projectId ??
        withId.parse(
          (await call('POST', '/api/v1/projects', { body: { name: crypto.randomUUID() } })).json,
        ).id;
      const created = await call('POST', '/api/v1/keys', {
        body: { name: `a ${role}`, role, projectId: project },
      });
      return { ...withKey.parse(created.json), projectId: project };
    },
    async newDataset(key = ADMIN_KEY) {
      return withId.parse(
        (await call('POST', '/api/v1/datasets', { key, body: { name: 'questions' } })).json,
      ).id;
    },
    async close() {
      await http.close(1_000);
      await sandbox.close();
    },
  };
}

/** What a call was refused with, once it is clear that the refusal has the form of all of them. */
export function refusal(answer: Answer): Pick<Problem, 'status' | 'code' | 'detail' | 'errors'> {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const { status, code, detail, errors, requestId } = problem.parse(answer.json);
  expect([status, requestId]).toEqual([answer.status, answer.headers.get('x-request-id')]);
  return { status, code, detail, errors };
}

export const withId = z.looseObject({ id: z.string() });
const withKey = withId.extend({ key: z.string() });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
