import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientEvents, ComparisonSnapshot, RunSnapshot, ServerEvents } from '#libs/contracts';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { io, type Socket } from 'socket.io-client';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

type LiveClient = Socket<ServerEvents, ClientEvents>;

const ADMIN_KEY = 'live-test-admin-key';
const ITEMS = 3_000;

describe.each(backends)('live progress on %s', (kind) => {
  let world: World;
  let apis: ProductProcess[];
  let workers: ProductProcess[];
  let client: Client;
  let target: { kind: 'recorded'; recordingId: string };
  let datasetId: string;
  const sockets: LiveClient[] = [];

  beforeAll(async () => {
    world = await createWorld(kind);
    const environment = { ...world.environment, PORT: '0', LLM_EVAL_ADMIN_KEY: ADMIN_KEY };
    // The embedded topology has one replica; the cluster has any number.
    const replicas = kind === 'redis' ? 2 : 1;
    apis = await Promise.all(
      Array.from({ length: replicas }, () => startProcess('api', environment)),
    );
    workers = [
      await startProcess('worker', environment),
      await startProcess('worker', environment),
    ];
    client = createClient({ baseUrl: urlOf(0), key: ADMIN_KEY, project: world.projectId });
    datasetId = await world.seedDataset(ITEMS);
    const recordingId = await world.seedRecording(ITEMS, (i) => (i % 5 === 0 ? 'no' : String(i)));
    target = { kind: 'recorded', recordingId };
  }, 60_000);

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  afterAll(async () => {
    await Promise.all([...apis, ...workers].map((process) => process.stop()));
    await world.close();
  });

  const urlOf = (replica: number): string => apis[replica % apis.length]?.url ?? '';

  const connect = (replica: number, key = ADMIN_KEY): LiveClient => {
    const socket: LiveClient = io(urlOf(replica), {
      transports: ['websocket'],
      auth: { key },
      forceNew: true,
      reconnection: false,
    });
    sockets.push(socket);
    return socket;
  };

  const submit = () =>
    client.submitRun({
      body: { name: 'live', datasetId, target, metrics: [{ metric: 'exact_match' }] },
    });

  const watch = async (socket: LiveClient, runId: string) => {
    const progress: RunSnapshot[] = [];
    const finished: RunSnapshot[] = [];
    socket.on('run:progress', (snapshot) => progress.push(snapshot));
    socket.on('run:finished', (snapshot) => finished.push(snapshot));
    const answer = await socket.timeout(5_000).emitWithAck('run:subscribe', { runId });
    if ('error' in answer) throw new Error(answer.error.message);
    return { first: answer, progress, finished };
  };

  test('every client of every replica sees rising versions and the same final numbers, once', async () => {
    const run = await submit();
    const watched = await Promise.all([0, 1, 0, 1].map((at) => watch(connect(at), run.id)));

    await waitFor(() => (watched.every(({ finished }) => finished.length > 0) ? true : undefined));

    const final = watched[0]?.finished[0];
    expect(final).toMatchObject({
      runId: run.id,
      state: 'completed',
      total: ITEMS,
      done: ITEMS,
      failed: 0,
      metrics: [{ name: 'exact_match', n: ITEMS, mean: 0.8, errors: 0, notApplicable: 0 }],
    });
    for (const { first, progress, finished } of watched) {
      expect(finished).toEqual([final]);
      const versions = [first, ...progress].map(({ version }) => version);
      // A run that was over before the subscription has nothing but its first snapshot.
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    }
  });

  test('who subscribes late, also to a finished run, has the right numbers at once', async () => {
    const run = await submit();
    await world.waitForState(run.id, 'completed');
    const { first, finished } = await watch(connect(1), run.id);
    expect(first).toMatchObject({ state: 'completed', done: ITEMS });
    await waitFor(() => (finished.length > 0 ? true : undefined));
    expect(finished).toEqual([first]);
  });

  test('a comparison is shown as it is refined, on every replica, and its end once', async () => {
    const [a, b] = [await submit(), await submit()];
    for (const { id } of [a, b]) await world.waitForState(id, 'completed');
    const asked = await client.createComparison({
      body: { baselineRunId: a.id, candidateRunIds: [b.id] },
    });
    // On a machine with much to do it is answered before its closed forms are there.
    expect(['queued', 'running', 'refining']).toContain(asked.state);
    const watched = await Promise.all(
      [0, 1].map(async (at) => {
        const socket = connect(at);
        const progress: ComparisonSnapshot[] = [];
        const finished: ComparisonSnapshot[] = [];
        socket.on('comparison:progress', (snapshot) => progress.push(snapshot));
        socket.on('comparison:finished', (snapshot) => finished.push(snapshot));
        const first = await socket
          .timeout(5_000)
          .emitWithAck('comparison:subscribe', { comparisonId: asked.id });
        if ('error' in first) throw new Error(first.error.message);
        return { socket, first, progress, finished };
      }),
    );
    await waitFor(() => (watched.every(({ finished }) => finished.length > 0) ? true : undefined));
    const done = await client.getComparison({ params: { id: asked.id } });
    for (const { first, progress, finished } of watched) {
      expect(finished).toEqual([
        { comparisonId: asked.id, version: done.version, state: 'completed', progress: 1 },
      ]);
      const versions = [first, ...progress].map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
    }
    const socket = watched[0]?.socket;
    expect(
      await socket?.timeout(5_000).emitWithAck('comparison:subscribe', { comparisonId: a.id }),
    ).toMatchObject({ error: { code: 'comparison_not_found' } });
    expect(await socket?.timeout(5_000).emitWithAck('comparison:subscribe', {})).toMatchObject({
      error: { code: 'invalid' },
    });
  });

  test('a change that nobody hinted at is shown all the same', async () => {
    const run = await submit();
    await world.waitForState(run.id, 'completed');
    const { first, progress } = await watch(connect(0), run.id);
    await world.database.query(sql`
      update evaluation_runs set version = version + 1 where id = ${run.id}`);
    const healed = await waitFor(() => progress.at(-1));
    expect(healed.version).toBe(first.version + 1);
  });

  test('what one replica is told to pause, resume and cancel is shown at the other', async () => {
    const big = await world.seedDataset(60_000);
    const run = await client.submitRun({
      body: { name: 'long', datasetId: big, target, metrics: [{ metric: 'exact_match' }] },
    });
    const { progress, finished } = await watch(connect(1), run.id);
    await waitFor(() => progress.find(({ state, done }) => state === 'running' && done > 0));
    await client.pauseRun({ params: { id: run.id } });
    const paused = await waitFor(() => progress.find(({ state }) => state === 'paused'));
    await client.resumeRun({ params: { id: run.id } });
    await waitFor(() =>
      progress.find(({ state, version }) => state === 'running' && version > paused.version),
    );
    await client.cancelRun({ params: { id: run.id } });
    const last = await waitFor(() => finished[0]);
    expect(last.state).toBe('canceled');
  });

  test("a key sees its own project's runs only, and loses its sockets when it is revoked", async () => {
    const run = await submit();
    const other = await client.createProject({ body: { name: `other-${kind}` } });
    const stranger = await client.createKey({
      body: { name: 'stranger', role: 'viewer', projectId: other.id },
    });
    const socket = connect(1, stranger.key);
    await expect(watch(socket, run.id)).rejects.toThrow('There is no such run in this project.');

    const gone = new Promise((resolve) => socket.on('disconnect', resolve));
    const otherClient = createClient({ baseUrl: urlOf(0), key: ADMIN_KEY, project: other.id });
    await otherClient.revokeKey({ params: { id: stranger.id } });
    await gone;
  });

  test('an id may be written in capitals, and many subscriptions at once stay bounded', async () => {
    const run = await submit();
    const { finished } = await watch(connect(0), run.id.toUpperCase());
    await waitFor(() => (finished.length > 0 ? true : undefined));
    expect(finished[0]?.runId).toBe(run.id);

    await world.database.query(sql`
      insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
        metrics, repeats, concurrency, total, batch_size, batch_window)
      select gen_random_uuid(), project_id, 'copy', 'canceled', dataset_id, dataset_version_id, target,
        metrics, repeats, concurrency, total, batch_size, batch_window
      from evaluation_runs, generate_series(1, 250) where id = ${run.id}`);
    const copies = await world.database.query<{ id: string }>(
      sql`select id from evaluation_runs where name = 'copy'`,
    );
    const socket = connect(0);
    const answers = await Promise.all(
      copies.map(({ id: runId }) => socket.timeout(10_000).emitWithAck('run:subscribe', { runId })),
    );
    expect(answers.filter((answer) => !('error' in answer))).toHaveLength(200);
  });

  test('a handshake without a valid key is refused, and so is one from a foreign page', async () => {
    const refused = await new Promise<Error>((resolve) => {
      connect(0, 'llme_wrong').on('connect_error', resolve);
    });
    expect(refused.message).toContain('The key is unknown');
    const foreign = io(urlOf(0), {
      transports: ['websocket'],
      auth: { key: ADMIN_KEY },
      extraHeaders: { origin: 'https://evil.example' },
      reconnection: false,
      forceNew: true,
    });
    sockets.push(foreign);
    await new Promise((resolve) => foreign.on('connect_error', resolve));
    expect(foreign.connected).toBe(false);
  });
});
