import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { operations, type Operation } from '#libs/contracts';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';
import { createWorld, type World } from '../support/world.ts';

const ADMIN_KEY = 'secrets-test-admin-key';
const INSTALLATION_KEY = 'installation-key-never-to-be-seen';
const API_KEY = 'sk-proj-api-key-never-to-be-seen';
const SECRET = 'header-secret-never-to-be-seen';

let world: World;
let processes: ProductProcess[];
let elsewhere: Server;
let client: Client;
let url = '';
let logs = '';

beforeAll(async () => {
  world = await createWorld('postgresql');
  // Some providers quote the key that they refuse.
  elsewhere = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    response.statusCode = request.url === '/own' ? 500 : 401;
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-refused', authorization);
    const message = `Incorrect API key provided: ${authorization.slice(7)}`;
    response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: 'x' } }));
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const environment = {
    ...world.environment,
    PORT: '0',
    LLM_EVAL_ADMIN_KEY: ADMIN_KEY,
    LLM_EVAL_SECRET_KEY: INSTALLATION_KEY,
    OUTGOING_ALLOW: '127.0.0.1',
    LOG_LEVEL: 'trace',
  };
  const collect = (text: string) => (logs += text);
  processes = await Promise.all([
    startProcess('api', environment, collect),
    startProcess('worker', environment, collect),
  ]);
  url = processes[0]?.url ?? '';
  client = createClient({ baseUrl: url, key: ADMIN_KEY, project: world.projectId });
}, 60_000);

afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  elsewhere.close();
  await world.close();
});

const addressElsewhere = (): string => {
  const address = elsewhere.address();
  if (typeof address !== 'object' || address === null) throw new Error('nothing listens');
  return `http://127.0.0.1:${address.port}`;
};

async function ask(method: string, path: string, body?: string): Promise<string> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_KEY}`,
      'x-project': world.projectId,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body }),
  });
  return `${method} ${path}: ${response.status} ${await response.text()}`;
}

/** Bodies that are refused, each with something that must not come back. */
function badBodies(): [path: string, body: string][] {
  const credentials = { apiKey: API_KEY };
  const providers = [
    { name: 'openai', kind: 'openai_compatible', credentials },
    { name: 'a b', kind: 'openai', credentials },
    { name: 'x', kind: 'unknown', credentials },
    { name: 'x', kind: 'openai', credentials: API_KEY },
    { name: 'x', kind: 'openai', credentials: [API_KEY] },
    { name: 'x', kind: 'openai', credentials: { apiKey: `${API_KEY}\n` } },
    { name: 'x', kind: 'openai', credentials: { apiKey: API_KEY.repeat(200) } },
    { name: 'x', kind: 'openai', credentials: { ...credentials, other: API_KEY } },
    { name: 'x', kind: 'openai', credentials: { accessKeyId: API_KEY } },
    { name: 'x', kind: 'openai', apiKey: API_KEY },
    { name: 'x', kind: 'openai', credentials, baseUrl: `https://u:${SECRET}@host` },
    { name: 'x', kind: 'openai', credentials, baseUrl: `https://host?key=${SECRET}` },
    { name: 'x', kind: 'openai', credentials, baseUrl: SECRET },
    { name: 'x', kind: 'openai', credentials, requestsPerMinute: API_KEY },
  ];
  const secrets = [
    { name: 'TOKEN', value: SECRET },
    { name: 'a-b', value: SECRET },
    { name: 'X', value: [SECRET] },
    { name: 'X', value: `${SECRET}\n` },
    { name: 'X', value: SECRET, other: SECRET },
  ];
  const json = (path: string, bodies: unknown[]): [string, string][] =>
    bodies.map((body) => [path, JSON.stringify(body)]);
  return [
    ...json('/api/v1/providers', providers),
    ...json('/api/v1/secrets', secrets),
    ['/api/v1/providers', `{"name": "x", "credentials": {"apiKey": "${API_KEY}"`],
    ['/api/v1/secrets', `{"name": "X", "value": "${SECRET}" "`],
  ];
}

/** Every GET of the API, for everything there is. */
async function readAll(ids: readonly string[]): Promise<string[]> {
  const all: Operation[] = Object.values(operations);
  const paths = all
    .filter(({ method }) => method === 'GET')
    .flatMap(({ path }) => (path.includes('{') ? ids.map((id) => filled(path, id)) : [path]));
  return Promise.all(paths.map((path) => ask('GET', `/api/v1${path}`)));
}

const filled = (path: string, id: string): string =>
  path.replaceAll('{id}', id).replaceAll(/\{\w+\}/g, '1');

/** Every row of every table, the queue's own among them. */
async function readTables(): Promise<string[]> {
  const tables = await world.database.query<{ schema: string; name: string }>(sql`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
  const texts: string[] = [];
  for (const { schema, name } of tables) {
    const rows = await world.database.query<{ row: string }>(
      sql`select t::text as row from ${sql.table(`${schema}.${name}`)} t`,
    );
    texts.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return texts;
}

test('keys and secrets are in no answer, log line, job or table', async () => {
  const credentials = { apiKey: API_KEY };
  const baseUrl = `${addressElsewhere()}/v1`;
  const provider = await client.createProvider({
    body: { name: 'openai', kind: 'openai', baseUrl, credentials },
  });
  const secret = await client.createSecret({ body: { name: 'TOKEN', value: SECRET } });
  const prompt = await client.createPrompt({
    body: { name: 'ask', content: { text: '{{ input }}' } },
  });
  const datasetId = await world.seedDataset(2);
  const submit = (target: Parameters<Client['submitRun']>[0]['body']['target']) =>
    client.submitRun({
      body: {
        name: 'refused',
        datasetId,
        target,
        metrics: [{ metric: 'exact_match' }],
        maxRetries: 0,
      },
    });
  const runs = [
    await submit({
      kind: 'model',
      provider: 'openai',
      model: 'm',
      prompt: { promptId: prompt.id },
    }),
    await submit({
      kind: 'http',
      url: `${addressElsewhere()}/own`,
      headers: { authorization: 'Bearer {{ secrets.TOKEN }}' },
    }),
  ];
  const shown: string[] = [];
  shown.push(await ask('POST', `/api/v1/providers/${provider.id}/test`, '{"model": "m"}'));
  for (const [path, body] of badBodies()) {
    const answer = await ask('POST', path, body);
    expect(answer).toMatch(/: 4\d\d /);
    shown.push(answer);
  }
  shown.push(
    await ask('PATCH', `/api/v1/providers/${provider.id}`, JSON.stringify({ credentials })),
    await ask('PATCH', `/api/v1/secrets/${secret.id}`, JSON.stringify({ value: SECRET })),
    await ask('PATCH', `/api/v1/secrets/${secret.id}`, JSON.stringify({ value: [SECRET] })),
  );
  for (const { id } of runs) {
    await waitFor(async () => {
      const run = await world.runs.get(world.projectId, id);
      return ['completed', 'failed'].includes(run.state) ? run : undefined;
    });
  }

  const ids = [provider.id, secret.id, prompt.id, datasetId, ...runs.map(({ id }) => id)];
  shown.push(...(await readAll(ids)));
  for (const { name } of world.queues.boards) {
    for (const status of ['latest', 'failed', 'completed', 'waiting']) {
      const board = `activeQueue=${name}&status=${status}&page=1&jobsPerPage=100`;
      shown.push(await ask('GET', `/admin/queues/api/queues?${board}`));
    }
  }
  shown.push(await ask('GET', '/metrics'), ...(await readTables()));
  await Promise.all(processes.map((process) => process.stop()));
  shown.push(logs);

  const all = shown.join('\n');
  // It was all there to be seen.
  expect(all).toMatch(/GET \/api\/v1\/providers\/\S+: 200 .*"hasCredentials":true/);
  expect(all).toMatch(/^providers: .*,v1\.[\w-]{60,}/m);
  expect(all).toMatch(/^secrets: .*,v1\.[\w-]{60,}/m);
  expect(all).toMatch(/GET \/admin\/queues\/api\/queues\S+: 200 /);
  expect(logs).toMatch(/"path":"\/api\/v1\/secrets"/);
  for (const hidden of [API_KEY, SECRET, INSTALLATION_KEY]) {
    const encoded = [hidden, ...['base64', 'base64url', 'hex'].map((to) => encode(hidden, to))];
    for (const text of encoded) expect(linesWith(all, text)).toEqual([]);
  }
}, 60_000);

const encode = (text: string, encoding: string): string => {
  if (!Buffer.isEncoding(encoding)) throw new Error(`${encoding} is no encoding`);
  return Buffer.from(text).toString(encoding);
};

const linesWith = (all: string, text: string): string[] =>
  all.split('\n').filter((line) => line.includes(text));
