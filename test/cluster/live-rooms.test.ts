import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '#libs/config';
import type { ClientEvents, QueueCounts, RunBrief, ServerEvents } from '#libs/contracts';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { io, type Socket } from 'socket.io-client';
import { startApi, type Api } from '../../apps/api/server.ts';
import { redisAvailable } from '../support/redis.ts';
import { restartableRedis } from '../support/restartable-redis.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

type LiveClient = Socket<ServerEvents, ClientEvents>;

const ADMIN_KEY = 'live-rooms-admin-key';

describe.each(backends)('rooms on %s', (kind) => {
  let world: World;
  let apis: Api[];
  let client: Client;
  const sockets: LiveClient[] = [];

  beforeAll(async () => {
    world = await createWorld(kind);
    const config = loadConfig({ ...world.environment, PORT: '0', LLM_EVAL_ADMIN_KEY: ADMIN_KEY });
    apis = [];
    for (let replica = 0; replica < (kind === 'redis' ? 2 : 1); replica += 1) {
      apis.push(await startApi(config, world.logger));
    }
    client = createClient({ baseUrl: urlOf(0), key: ADMIN_KEY, project: world.projectId });
  }, 60_000);
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all(apis.map((api) => api.close()));
    await world.close();
  });

  const urlOf = (replica: number): string => apis[replica % apis.length]?.url ?? '';

  const connect = (replica: number, how: { key?: string; cookie?: string } = {}): LiveClient => {
    const { cookie, key = cookie === undefined ? ADMIN_KEY : undefined } = how;
    const socket: LiveClient = io(urlOf(replica), {
      transports: ['websocket'],
      auth: key === undefined ? {} : { key },
      extraHeaders: cookie === undefined ? {} : { cookie },
      forceNew: true,
      reconnection: false,
    });
    sockets.push(socket);
    return socket;
  };

  const newKey = (role: 'viewer' | 'admin' = 'viewer') =>
    client.createKey({ body: { name: 'person', role, projectId: world.projectId } });

  const watchProject = async (socket: LiveClient, request: unknown = {}) => {
    const messages: RunBrief[][] = [];
    socket.on('project:runs', ({ runs }) => messages.push(runs));
    const answer = await socket.timeout(5_000).emitWithAck('project:subscribe', request);
    if ('error' in answer) throw new Error(answer.error.code);
    const newest = (runId: string): RunBrief | undefined =>
      messages
        .flat()
        .filter((brief) => brief.runId === runId)
        .at(-1);
    return { first: answer.runs, messages, newest };
  };

  const submitThree = async () => ({
    name: 'listed',
    datasetId: await world.seedDataset(3),
    target: { kind: 'recorded' as const, recordingId: await world.seedRecording(3) },
    metrics: [{ metric: 'exact_match' }],
  });

  test('the list of a project shows runs that begin, move, end, are renamed and deleted, on every replica', async () => {
    const { key } = await newKey();
    const body = await submitThree();
    const before = await client.submitRun({ body });
    const watched = await Promise.all([0, 1].map(async (at) => watchProject(connect(at, { key }))));
    for (const { first } of watched) {
      expect(first).toContainEqual(
        expect.objectContaining({ runId: before.id, name: 'listed', state: 'queued', total: 3 }),
      );
    }
    const run = await client.submitRun({ body });
    for (const { newest } of watched) {
      const shown = await waitFor(() => newest(run.id));
      expect(shown).toMatchObject({ state: 'queued', done: 0, total: 3, deleted: false });
    }
    const worker = await world.startWorker();
    for (const { newest } of watched) {
      await waitFor(() => (newest(run.id)?.state === 'completed' ? true : undefined));
      await waitFor(() => (newest(before.id)?.state === 'completed' ? true : undefined));
      expect(newest(run.id)).toMatchObject({ done: 3, failed: 0 });
    }
    await worker.stop();
    await client.updateRun({ params: { id: run.id }, body: { name: 'renamed' } });
    await client.deleteRun({ params: { id: before.id } });
    for (const { messages, newest } of watched) {
      await waitFor(() => (newest(run.id)?.name === 'renamed' ? true : undefined));
      await waitFor(() => (newest(before.id)?.deleted === true ? true : undefined));
      // Only what changed, each version once, and they only rise.
      for (const id of [run.id, before.id]) {
        const versions = messages.flat().flatMap((b) => (b.runId === id ? b.version : []));
        expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      }
    }
  });

  test('changes that nobody hints at are shown in lists all the same', async () => {
    const run = await world.submit(await submitThree());
    const { newest } = await watchProject(connect(0), { projectId: world.projectId });
    const late = await world.submit(await submitThree());
    expect(await waitFor(() => newest(late.id))).toMatchObject({ state: 'queued', total: 3 });
    await world.database.query(sql`
      update evaluation_runs set state = 'canceled', version = version + 1 where id = ${run.id}`);
    await waitFor(() => (newest(run.id)?.state === 'canceled' ? true : undefined));
  });

  test('a list is shown to those of its project only, and not after they leave it', async () => {
    const { key } = await newKey();
    const other = await client.createProject({ body: { name: `lists-${kind}` } });
    const socket = connect(0, { key });
    await expect(watchProject(socket, { projectId: other.id })).rejects.toThrow(
      'project_not_found',
    );
    await expect(watchProject(socket, { projectId: 7 })).rejects.toThrow('invalid');

    const ofOther = await watchProject(connect(0), { projectId: other.id });
    const left = await watchProject(socket);
    socket.emit('project:unsubscribe', {});
    const stays = await watchProject(connect(0, { key }));
    const body = await submitThree();
    const run = await client.submitRun({ body });
    await waitFor(() => stays.newest(run.id));
    expect(ofOther.messages).toEqual([]);
    expect(left.newest(run.id)).toBeUndefined();
  });

  test('the queues are counted for admins of the instance, when something has changed', async () => {
    const ofProject = connect(0, { key: (await newKey('admin')).key });
    expect(await ofProject.timeout(5_000).emitWithAck('queues:subscribe', {})).toMatchObject({
      error: { code: 'instance_admin_needed' },
    });
    const socket = connect(0);
    const shown: QueueCounts[] = [];
    socket.on('queues:counts', (counts) => shown.push(counts));
    const first = await socket.timeout(5_000).emitWithAck('queues:subscribe', {});
    if ('error' in first) throw new Error(first.error.code);
    const waitingRuns = (counts: QueueCounts | undefined): number =>
      counts?.queues.find(({ name }) => name === 'runs')?.waiting ?? -1;
    await world.submit(await submitThree());
    const next = await waitFor(() => shown[0]);
    expect(waitingRuns(next)).toBe(waitingRuns(first) + 1);
    await world.submit(await submitThree());
    await waitFor(() => shown[1]);
    const texts = [first, ...shown].map((counts) => JSON.stringify(counts));
    expect(texts.every((text, at) => text !== texts[at - 1])).toBe(true);
  });

  test('a session that is signed out of loses its sockets on every replica, and no other does', async () => {
    const { key } = await newKey();
    const signIn = async (): Promise<string> => {
      const response = await fetch(`${urlOf(0)}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key }),
      });
      return response.headers.get('set-cookie')?.split(';')[0] ?? '';
    };
    const [cookie, otherCookie] = [await signIn(), await signIn()];
    const stays = connect(1, { cookie: otherCookie });
    await new Promise<void>((resolve) => stays.on('connect', resolve));
    const reasons = [0, 1].map(async (at) => {
      const socket = connect(at, { cookie });
      const reason = new Promise((resolve) => socket.on('socket:closed', resolve));
      await new Promise<void>((resolve) => socket.on('connect', resolve));
      return { socket, reason };
    });
    const opened = await Promise.all(reasons);
    await fetch(`${urlOf(0)}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    for (const { reason, socket } of opened) {
      expect(await reason).toMatchObject({ code: 'session_ended' });
      await waitFor(() => (socket.connected ? undefined : true));
    }
    expect(stays.connected).toBe(true);
  });

  test('a revoked key loses its sockets on every replica, told why', async () => {
    const { id, key } = await newKey();
    const reasons = [0, 1].map(async (at) => {
      const socket = connect(at, { key });
      const reason = new Promise((resolve) => socket.on('socket:closed', resolve));
      await new Promise<void>((resolve) => socket.on('connect', resolve));
      return { reason };
    });
    const opened = await Promise.all(reasons);
    await client.revokeKey({ params: { id } });
    for (const { reason } of opened) expect(await reason).toMatchObject({ code: 'key_revoked' });
  });
});

(redisAvailable ? describe : describe.skip)('without Redis', () => {
  test('a revoked key loses its sockets on other replicas all the same', async () => {
    const redis = await restartableRedis();
    const world = await createWorld('redis', { REDIS_URL: redis.url });
    const config = loadConfig({
      ...world.environment,
      PORT: '0',
      LLM_EVAL_ADMIN_KEY: ADMIN_KEY,
      LIVE_RECHECK_INTERVAL_MS: '300',
    });
    const [here, there] = [
      await startApi(config, world.logger),
      await startApi(config, world.logger),
    ];
    const client = createClient({ baseUrl: here.url, key: ADMIN_KEY, project: world.projectId });
    const { projectId } = world;
    const { id, key } = await client.createKey({ body: { name: 'k', role: 'viewer', projectId } });
    const socket: LiveClient = io(there.url, {
      transports: ['websocket'],
      auth: { key },
      reconnection: false,
    });
    const reason = new Promise((resolve) => socket.on('socket:closed', resolve));
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    await redis.stop();
    await client.revokeKey({ params: { id } });
    expect(await reason).toMatchObject({ code: 'key_revoked' });
    await redis.start();
    for (const { url } of [here, there]) {
      await waitFor(async () => ((await fetch(`${url}/health/ready`)).ok ? true : undefined));
    }
    await Promise.all([here.close(), there.close()]);
    await world.close();
    await redis.stop();
  });
});
