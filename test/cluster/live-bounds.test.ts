import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '#libs/config';
import type { ClientEvents, ServerEvents } from '#libs/contracts';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { io, type Socket } from 'socket.io-client';
import { startApi, type Api } from '../../apps/api/server.ts';
import { connectRawSocket, eventsOf, openRawSocket } from '../support/raw-socket.ts';
import { waitFor } from '../support/wait.ts';
import { createWorld, type World } from '../support/world.ts';

type LiveClient = Socket<ServerEvents, ClientEvents>;

const ADMIN_KEY = 'live-bounds-admin-key';

let world: World;
let datasetId: string;
let recordingId: string;
const sockets: LiveClient[] = [];
const apis: Api[] = [];

beforeAll(async () => {
  world = await createWorld('postgresql');
  datasetId = await world.seedDataset(3);
  recordingId = await world.seedRecording(3);
}, 60_000);
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await Promise.all(apis.splice(0).map((api) => api.close()));
});
afterAll(() => world.close());

/** An API with these bounds. */
async function start(bounds: Record<string, string> = {}): Promise<Api> {
  const environment = { PORT: '0', LLM_EVAL_ADMIN_KEY: ADMIN_KEY, SHUTDOWN_DEADLINE_MS: '500' };
  const config = loadConfig({ ...world.environment, ...environment, ...bounds });
  const api = await startApi(config, world.logger);
  apis.push(api);
  return api;
}

function connect(
  api: Api,
  { key = ADMIN_KEY, headers = {} }: { key?: string; headers?: Record<string, string> } = {},
): LiveClient {
  const socket: LiveClient = io(api.url, {
    transports: ['websocket'],
    auth: { key },
    extraHeaders: headers,
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  return socket;
}

/** `connected`, or the code by which the handshake was refused, with the words for people. */
async function outcomeOf(socket: LiveClient): Promise<string> {
  return new Promise((resolve) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('connect_error', (error) => {
      const data: unknown = Reflect.get(error, 'data');
      const code =
        typeof data === 'object' && data !== null ? Reflect.get(data, 'code') : undefined;
      resolve(`${String(code)}: ${error.message}`);
    });
  });
}

const closedBy = (socket: LiveClient) =>
  new Promise<{ code: string; message: string; disconnected: string }>((resolve) => {
    socket.on('socket:closed', (reason) => {
      socket.on('disconnect', (disconnected) => resolve({ ...reason, disconnected }));
    });
  });

/** One number of `/metrics`. */
async function metric(api: Api, name: string): Promise<number> {
  const text = await (await fetch(`${api.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? Number.NaN);
}

const metricBecomes = (api: Api, name: string, wanted: number) =>
  waitFor(
    async () => ((await metric(api, name)) === wanted ? true : undefined),
    async () => `${name} is ${await metric(api, name)}, expected ${wanted}`,
  );

const clientOf = (api: Api): Client =>
  createClient({ baseUrl: api.url, key: ADMIN_KEY, project: world.projectId });

const newKey = async (api: Api): Promise<{ id: string; key: string }> =>
  clientOf(api).createKey({
    body: { name: 'viewer', role: 'viewer', projectId: world.projectId },
  });

const submit = () =>
  world.submit({ datasetId, target: { kind: 'recorded', recordingId } }).then(({ id }) => id);

/** A new version that no hint tells of. */
const touch = (runId: string, state = 'running') =>
  world.database.query(sql`
    update evaluation_runs set version = version + 1, state = ${state} where id = ${runId}`);

describe('who may connect', () => {
  test('a replica takes so many sockets, and another one when one has gone', async () => {
    const api = await start({ LIVE_MAX_SOCKETS: '2' });
    const raw = await connectRawSocket(api.url, ADMIN_KEY);
    expect(await outcomeOf(connect(api))).toBe('connected');
    expect(await metric(api, 'llm_eval_sockets')).toBe(2);
    expect(await outcomeOf(connect(api))).toMatch(/^too_many_sockets: .*LIVE_MAX_SOCKETS/);
    expect(await metric(api, 'llm_eval_sockets_refused_total{code="too_many_sockets"}')).toBe(1);

    raw.tcp.resetAndDestroy();
    await metricBecomes(api, 'llm_eval_sockets', 1);
    expect(await outcomeOf(connect(api))).toBe('connected');
  });

  test('a key holds so many sockets, whoever else comes', async () => {
    const api = await start({ LIVE_MAX_SOCKETS_PER_KEY: '2' });
    const { key } = await newKey(api);
    const first = connect(api, { key });
    expect(await outcomeOf(first)).toBe('connected');
    expect(await outcomeOf(connect(api, { key }))).toBe('connected');
    expect(await outcomeOf(connect(api, { key }))).toMatch(/^too_many_sockets_of_key: /);
    expect(await outcomeOf(connect(api))).toBe('connected');
    expect(await metric(api, 'llm_eval_sockets_of_key_max')).toBe(2);

    first.disconnect();
    await metricBecomes(api, 'llm_eval_sockets_of_key_max', 1);
    expect(await outcomeOf(connect(api, { key }))).toBe('connected');
  });

  test('an address holds so many sockets, as the trusted proxy names it', async () => {
    const api = await start({ LIVE_MAX_SOCKETS_PER_ADDRESS: '1', TRUST_PROXY: '1' });
    const from = (address: string) =>
      outcomeOf(connect(api, { headers: { 'x-forwarded-for': address } }));
    expect(await from('203.0.113.7')).toBe('connected');
    expect(await from('203.0.113.7')).toMatch(/^too_many_sockets_of_address: .*TRUST_PROXY/);
    // What a client says of itself is before what the proxy has seen.
    expect(await from('198.51.100.1, 203.0.113.7')).toMatch(/^too_many_sockets_of_address/);
    expect(await from('2001:db8:1:2::1')).toBe('connected');
    expect(await from('2001:db8:1:2:ffff::2')).toMatch(/^too_many_sockets_of_address/);
    expect(await from('2001:db8:1:3::1')).toBe('connected');
    expect(await metric(api, 'llm_eval_socket_addresses')).toBe(3);
    expect(await metric(api, 'llm_eval_sockets_of_address_max')).toBe(1);
  });

  test('who does not come to the point is cut off: without a request, or without a handshake', async () => {
    const api = await start({ LIVE_HANDSHAKE_TIMEOUT_MS: '200' });
    const silent = connectTcp(api.port, '127.0.0.1');
    silent.on('error', () => {}).resume();
    silent.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n');
    const upgraded = await openRawSocket(api.url);
    await waitFor(() => (silent.destroyed && upgraded.tcp.destroyed ? true : undefined));
    await metricBecomes(api, 'llm_eval_sockets', 0);
    expect(upgraded.packets).toEqual([expect.stringMatching(/^0/)]);
  });

  test('without memory nobody is let in, and the operator is told once', async () => {
    const alerts: unknown[] = [];
    const hook = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        alerts.push(JSON.parse(body));
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    const address = hook.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const api = await start({
      LIVE_MEMORY_LIMIT_MB: '64',
      ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/alert`,
    });
    await metricBecomes(api, 'llm_eval_memory_busy', 1);
    expect(await outcomeOf(connect(api))).toMatch(/^replica_busy: .*try again/);
    await waitFor(() => alerts[0]);
    expect(alerts).toEqual([
      expect.objectContaining({
        event: 'memory_high',
        sockets: 0,
        limitBytes: 64 * 2 ** 20,
        message: expect.stringContaining('refuses new sockets'),
      }),
    ]);
    hook.close();
    hook.closeAllConnections();
  });
});

describe('what a socket may do', () => {
  test('it watches so many things of all kinds together, and others when it lets go of some', async () => {
    const api = await start({ LIVE_MAX_SUBSCRIPTIONS: '2' });
    const [a, b] = [await submit(), await submit()];
    const socket = connect(api).timeout(5_000);
    expect(await socket.emitWithAck('run:subscribe', { runId: a })).toMatchObject({ runId: a });
    expect(
      await socket.emitWithAck('project:subscribe', { projectId: world.projectId }),
    ).toMatchObject({ projectId: world.projectId });
    const refused = { error: { code: 'too_many_subscriptions' } };
    expect(await socket.emitWithAck('run:subscribe', { runId: b })).toMatchObject(refused);
    expect(await socket.emitWithAck('queues:subscribe', {})).toMatchObject(refused);
    // What it watches already it may ask for again.
    expect(await socket.emitWithAck('run:subscribe', { runId: a })).toMatchObject({ runId: a });
    expect(await metric(api, 'llm_eval_socket_subscriptions_max')).toBe(2);
    sockets[0]?.emit('project:unsubscribe', { projectId: world.projectId });
    expect(await socket.emitWithAck('run:subscribe', { runId: b })).toMatchObject({ runId: b });
  });

  test('too many messages are refused, and who goes on is ended', async () => {
    const api = await start({ LIVE_MAX_MESSAGES_PER_SECOND: '1' });
    const socket = connect(api);
    expect(await outcomeOf(socket)).toBe('connected');
    const closed = closedBy(socket);
    const answers = Array.from({ length: 15 }, () =>
      socket.timeout(5_000).emitWithAck('queues:subscribe', {}),
    );
    const last = (await Promise.all(answers)).at(-1);
    expect(last).toMatchObject({ error: { code: 'too_many_messages' } });
    for (let sent = 0; sent < 30; sent += 1) socket.emit('queues:unsubscribe', {});
    expect(await closed).toMatchObject({
      code: 'too_many_messages',
      message: expect.stringContaining('send fewer'),
      disconnected: 'io server disconnect',
    });
    expect(await metric(api, 'llm_eval_sockets_ended_total{code="too_many_messages"}')).toBe(1);
  });

  test('a message that is too large ends the socket, with the code of websockets for that', async () => {
    const api = await start({ LIVE_MAX_MESSAGE_BYTES: '1024' });
    const socket = connect(api);
    expect(await outcomeOf(socket)).toBe('connected');
    const gone = new Promise<unknown>((resolve) => {
      socket.on('disconnect', (_reason, details) => resolve(details));
    });
    socket.emit('run:unsubscribe', 'x'.repeat(2_000));
    expect(await gone).toMatchObject({ context: { code: 1009 } });
    await metricBecomes(api, 'llm_eval_sockets_ended_total{code="message_too_large"}', 1);
  });

  test('who watches nothing and says nothing is told to come again', async () => {
    const api = await start({ LIVE_IDLE_TIMEOUT_MS: '300' });
    const watching = connect(api);
    await watching.timeout(5_000).emitWithAck('run:subscribe', { runId: await submit() });
    const idle = connect(api);
    expect(await closedBy(idle)).toMatchObject({
      code: 'idle',
      disconnected: 'io server disconnect',
    });
    const again = connect(api);
    expect(await closedBy(again)).toMatchObject({ code: 'idle' });
    expect(watching.connected).toBe(true);
  });
});

describe('who does not read', () => {
  /** Runs whose list is so long that answers with it fill what the kernel holds for a connection. */
  const manyRuns = async (): Promise<void> => {
    const [{ count } = { count: 0 }] = await world.database.query<{ count: number }>(
      sql`select count(*)::int as count from evaluation_runs where name like 'long%'`,
    );
    if (count > 0) return;
    const run = await submit();
    await world.database.query(sql`
      insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
        metrics, repeats, concurrency, total, batch_size, batch_window)
      select gen_random_uuid(), project_id, 'long' || repeat('x', 400), 'canceled', dataset_id,
        dataset_version_id, target, metrics, repeats, concurrency, total, batch_size, batch_window
      from evaluation_runs, generate_series(1, 100) where id = ${run}`);
  };

  test('is ended when too many bytes wait for it, and costs nothing from then on', async () => {
    await manyRuns();
    const api = await start({
      LIVE_MAX_BUFFERED_BYTES: '262144',
      LIVE_MAX_MESSAGES_PER_SECOND: '1000',
    });
    const raw = await connectRawSocket(api.url, ADMIN_KEY);
    raw.tcp.pause();
    const { projectId } = world;
    for (let asked = 0; asked < 400; asked += 1)
      raw.emit('project:subscribe', { projectId }, asked);
    await metricBecomes(api, 'llm_eval_sockets_ended_total{code="too_slow"}', 1);
    await metricBecomes(api, 'llm_eval_sockets', 0);
    expect(await metric(api, 'llm_eval_socket_buffered_bytes')).toBe(0);
    expect(await metric(api, 'llm_eval_socket_subscriptions')).toBe(0);
    expect(await metric(api, 'llm_eval_watched_projects')).toBe(0);
  });

  test('gets the newest of what it missed when it reads again, and the end, each once', async () => {
    await manyRuns();
    const api = await start({
      LIVE_MAX_BUFFERED_BYTES: '67108864',
      LIVE_MAX_MESSAGES_PER_SECOND: '1000',
    });
    const [runId, other] = [await submit(), await submit()];
    for (const id of [runId, other]) await touch(id);
    const raw = await connectRawSocket(api.url, ADMIN_KEY);
    const { projectId } = world;
    raw.emit('run:subscribe', { runId }, 1);
    raw.emit('run:subscribe', { runId: other }, 2);
    raw.emit('project:subscribe', { projectId }, 3);
    await waitFor(() => raw.packets.find((packet) => packet.startsWith('433')));
    raw.tcp.pause();
    let asked = 0;
    await waitFor(
      async () => {
        for (const until = asked + 20; asked < until; asked += 1)
          raw.emit('project:subscribe', { projectId }, 100);
        return (await metric(api, 'llm_eval_socket_buffered_bytes')) > 70_000 ? true : undefined;
      },
      () => `nothing waits after ${asked} answers`,
    );

    // Another one, which reads, says when each version was shown.
    const reader = connect(api);
    const shown: number[] = [];
    reader.on('run:progress', ({ version }) => shown.push(version));
    const first = await reader.timeout(5_000).emitWithAck('run:subscribe', { runId });
    if ('error' in first) throw new Error(first.error.message);
    for (const state of ['running', 'paused', 'running', 'canceled']) {
      const before = shown.length;
      await touch(runId, state);
      await waitFor(() => (shown.length > before ? true : undefined));
    }
    await touch(other, 'paused');

    raw.tcp.resume();
    await waitFor(() => (eventsOf(raw, 'run:finished').length > 0 ? true : undefined));
    await waitFor(() => eventsOf(raw, 'run:progress').find((one) => runOf(one) === other));
    const final = { runId, state: 'canceled', version: first.version + 4 };
    expect(eventsOf(raw, 'run:finished')).toEqual([expect.objectContaining(final)]);
    const progress = eventsOf(raw, 'run:progress').filter((one) => runOf(one) === runId);
    expect(progress).toEqual([expect.objectContaining(final)]);
    const listed = eventsOf(raw, 'project:runs').flatMap(runsOf);
    expect(listed).toContainEqual(expect.objectContaining(final));
    const versions = listed.filter((one) => runOf(one) === runId).map(versionOf);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(shown).toHaveLength(4);
  });
});

const runOf = (snapshot: unknown): unknown =>
  typeof snapshot === 'object' && snapshot !== null ? Reflect.get(snapshot, 'runId') : undefined;
const versionOf = (snapshot: unknown): number =>
  typeof snapshot === 'object' && snapshot !== null ? Number(Reflect.get(snapshot, 'version')) : -1;
const runsOf = (changed: unknown): unknown[] => {
  const runs: unknown =
    typeof changed === 'object' && changed !== null ? Reflect.get(changed, 'runs') : undefined;
  return Array.isArray(runs) ? runs : [];
};

test('who watches many runs that change at the same moment is shown all of them', async () => {
  const api = await start();
  const runIds = await Promise.all(Array.from({ length: 20 }, submit));
  const socket = connect(api);
  const shown = new Map<string, number>();
  socket.on('run:progress', ({ runId, version }) => shown.set(runId, version));
  for (const runId of runIds) {
    await socket.timeout(5_000).emitWithAck('run:subscribe', { runId });
  }
  const changed = await world.database.query<{ id: string; version: number }>(sql`
    update evaluation_runs set version = version + 1 where id = any(${runIds}::uuid[])
    returning id, version::float8 as version`);
  await waitFor(
    () => (shown.size === runIds.length ? true : undefined),
    () => `${shown.size} of ${runIds.length} were shown`,
  );
  expect(shown).toEqual(new Map(changed.map(({ id, version }) => [id, version])));
});

test('a replica that stops lets its sockets come back by themselves, also those that never read', async () => {
  const api = await start();
  const socket = connect(api);
  expect(await outcomeOf(socket)).toBe('connected');
  socket.io.reconnection(true);
  const deaf = await connectRawSocket(api.url, ADMIN_KEY);
  deaf.tcp.pause();
  const gone = new Promise((resolve) => socket.on('disconnect', resolve));
  apis.splice(0);
  await api.close();
  expect(await gone).toBe('transport close');
  expect(socket.active).toBe(true);
  deaf.tcp.destroy();
});

test('all that belongs to sockets is released when they go without a word', async () => {
  const api = await start();
  const runIds = await Promise.all(Array.from({ length: 5 }, submit));
  const { key } = await newKey(api);
  const raws = await Promise.all(
    Array.from({ length: 60 }, (_, at) => connectRawSocket(api.url, at % 2 ? key : ADMIN_KEY)),
  );
  for (const [at, raw] of raws.entries()) {
    raw.emit('run:subscribe', { runId: runIds[at % runIds.length] }, 1);
    raw.emit('project:subscribe', { projectId: world.projectId }, 2);
    if (at % 2 === 0) raw.emit('queues:subscribe', {}, 3);
  }
  await metricBecomes(api, 'llm_eval_socket_subscriptions', 60 + 60 + 30);
  expect(await metric(api, 'llm_eval_watched_runs')).toBe(5);
  expect(await metric(api, 'llm_eval_watched_projects')).toBe(1);
  expect(await metric(api, 'llm_eval_queue_watchers')).toBe(30);
  // Some in the middle of asking for more.
  for (const [at, raw] of raws.entries()) {
    raw.emit('run:subscribe', { runId: runIds[(at + 1) % runIds.length] }, 4);
    raw.tcp.resetAndDestroy();
  }
  for (const name of [
    'llm_eval_sockets',
    'llm_eval_socket_keys',
    'llm_eval_socket_addresses',
    'llm_eval_socket_rooms',
    'llm_eval_socket_subscriptions',
    'llm_eval_watched_runs',
    'llm_eval_watched_projects',
    'llm_eval_queue_watchers',
    'llm_eval_socket_buffered_bytes',
  ]) {
    await metricBecomes(api, name, 0);
  }
});
