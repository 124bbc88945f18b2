import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDatabase, sql, type Database } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { z } from 'zod';
import { startPostgres } from '../apps/embedded/postgres/index.ts';
import { startProcess, type ProductProcess } from '../test/support/processes.ts';
import { connectRawSocket, type RawSocket } from '../test/support/raw-socket.ts';
import { startTestRedis } from '../test/support/services.ts';
import { lines } from './lines.ts';
import { received, type Order, type Received } from './sockets-client.ts';

const KEY = 'bench-key-of-this-run-only';
const SOCKETS = 2_000;
const RUNS = 50;
const ITEMS = 3_000;
const CHURN_SOCKETS = 1_000;
const CHURN_ROUNDS = 20;
/** Long enough for a process with nothing to do to collect its garbage. */
const QUIET_MS = 20_000;
const DEAF = 10;
const DEAF_SECONDS = 30;

/** Two API replicas on Redis, and a worker when it is wanted. */
interface Cluster {
  client: Client;
  database: Database;
  apis: ProductProcess[];
  startWorker(): Promise<ProductProcess>;
  stop(): Promise<void>;
}

/** Sockets on two API replicas: how soon they are told, what they cost, and what they leave behind. */
export async function benchSockets(rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const cluster = await startCluster();
    try {
      const input = await upload(cluster.client);
      await measureDelivery(cluster, input);
      await measureDeaf(cluster, input);
      await measureChurn(cluster, input);
    } finally {
      await cluster.stop();
    }
  }
}

type Input = { datasetId: string; recordingId: string };

async function measureDelivery(cluster: Cluster, input: Input): Promise<void> {
  const { apis, database } = cluster;
  const runIds = await Promise.all(Array.from({ length: RUNS }, () => submit(cluster, input)));
  await noteVersions(database);
  const clients = apis.map(startClient);
  const watching = Array.from(
    { length: SOCKETS / apis.length },
    (_, at) => runIds[at % RUNS] ?? '',
  );
  // What a process makes and compiles when sockets come for the first time is not theirs.
  await Promise.all(clients.map((one) => one.connect(watching)));
  await Promise.all(clients.map((one) => one.leave()));
  await untilNoSockets(apis);
  await delay(QUIET_MS);
  const before = await Promise.all(apis.map(memoryOf));
  await Promise.all(clients.map((one) => one.connect(watching)));
  await delay(QUIET_MS);
  const after = await Promise.all(apis.map(memoryOf));
  for (const [at, bytes] of after.entries()) {
    const each = (bytes - (before[at] ?? 0)) / watching.length;
    console.log(
      `replica ${at + 1}: ${megabytes(bytes)} with ${watching.length} sockets, ${(each / 1024).toFixed(1)} kB each`,
    );
  }

  const worker = await cluster.startWorker();
  const processes = [
    ...apis.map(({ child }, at) => ({ name: `replica ${at + 1}`, child })),
    { name: 'worker', child: worker.child },
    ...clients.map(({ child }, at) => ({ name: `sockets of replica ${at + 1}`, child })),
  ];
  const cpuBefore = await Promise.all(processes.map(({ child }) => cpuSecondsOf(child)));
  const start = performance.now();
  await untilCompleted(cluster, runIds);
  const seconds = (performance.now() - start) / 1000;
  const cpu = await Promise.all(processes.map(({ child }) => cpuSecondsOf(child)));
  // The last snapshots are under way.
  await delay(3_000);
  const all = (await Promise.all(clients.map((one) => one.report()))).flat();
  await worker.stop();

  const commits = await versionsNoted(database);
  const { latencies, snapshots } = delivery(all, commits);
  const told = all.filter(({ finished }) => finished === 1).length;
  const rising = all.every(({ versions }) =>
    versions.every((v, at) => v > (versions[at - 1] ?? -1)),
  );
  if (told !== SOCKETS || !rising) {
    throw new Error(`${told} of ${SOCKETS} sockets were told the end once; rising: ${rising}`);
  }
  const committed = [...commits.values()].reduce((sum, list) => sum + list.length, 0);
  console.log(
    `${RUNS} runs of ${ITEMS} items in ${seconds.toFixed(1)} s (${((RUNS * ITEMS) / seconds).toFixed(0)} items/s), ${committed} versions, ${snapshots} snapshots to ${all.length} sockets`,
  );
  console.log(
    `from a version to a snapshot that has it, every version and socket: ${describe(latencies)}`,
  );
  console.log(
    `CPU: ${processes.map(({ name }, at) => `${name} ${(((cpu[at] ?? 0) - (cpuBefore[at] ?? 0)) / seconds).toFixed(2)}`).join(', ')} cores`,
  );
  await Promise.all(clients.map((one) => one.leave()));
  await untilNoSockets(apis);
  for (const one of clients) one.child.disconnect();
}

/**
 * Clients that watch a run and ask for the list of runs 40 times a second, more than the kernel
 * holds for a connection: first some that read, then as many that never do.
 */
async function measureDeaf(cluster: Cluster, input: Input): Promise<void> {
  const [api] = cluster.apis;
  if (!api) throw new Error('There is no API.');
  const runId = await submit(cluster, input);
  const projectId = z
    .object({ project_id: z.string() })
    .parse(
      await cluster.database.queryOne(
        sql`select project_id from evaluation_runs where id = ${runId}`,
      ),
    ).project_id;
  const reading = await hammer(api, { runId, projectId, reads: true });
  const deaf = await hammer(api, { runId, projectId, reads: false });
  const ended = await metricOf(api, 'llm_eval_sockets_ended_total{code="too_slow"}');
  console.log(
    `${DEAF} clients that watch a run and ask for ${(reading.answerBytes / 1024).toFixed(0)} kB 40 times a second for ${DEAF_SECONDS} s: the replica has ${megabytes(reading.highest)} at most where they read, ${megabytes(deaf.highest)} where they never do, so ${((deaf.highest - reading.highest) / DEAF / 2 ** 20).toFixed(2)} MB for each that does not; at most ${megabytes(deaf.buffered)} waited for one, ${ended} were ended for it`,
  );
}

async function hammer(
  api: ProductProcess,
  { runId, projectId, reads }: { runId: string; projectId: string; reads: boolean },
): Promise<{ highest: number; buffered: number; answerBytes: number }> {
  const clients: RawSocket[] = [];
  for (let at = 0; at < DEAF; at += 1) {
    const raw = await connectRawSocket(api.url ?? '', KEY);
    if (!reads) raw.tcp.pause();
    raw.emit('run:subscribe', { runId }, 1);
    raw.emit('project:subscribe', { projectId }, 2);
    clients.push(raw);
  }
  let answerBytes = 0;
  const asking = setInterval(() => {
    for (const raw of clients) {
      answerBytes = Math.max(answerBytes, ...raw.packets.splice(0).map(({ length }) => length));
      if (raw.tcp.destroyed || raw.tcp.writableLength > 0) continue;
      for (let asked = 0; asked < 10; asked += 1) raw.emit('project:subscribe', { projectId }, 2);
    }
  }, 250);
  let highest = 0;
  let buffered = 0;
  const end = performance.now() + DEAF_SECONDS * 1_000;
  while (performance.now() < end) {
    highest = Math.max(highest, await memoryOf(api));
    buffered = Math.max(buffered, await metricOf(api, 'llm_eval_socket_buffered_bytes_max'));
    await delay(200);
  }
  clearInterval(asking);
  for (const raw of clients) raw.tcp.resetAndDestroy();
  await untilNoSockets([api]);
  return { highest, buffered, answerBytes };
}

async function measureChurn(cluster: Cluster, input: Input): Promise<void> {
  const { apis } = cluster;
  const runId = await submit(cluster, input);
  const runIds = Array.from({ length: CHURN_SOCKETS / apis.length }, () => runId);
  const clients = apis.map(startClient);
  const memory: number[][] = [];
  for (let round = 1; round <= CHURN_ROUNDS; round += 1) {
    await Promise.all(clients.map((one) => one.connect(runIds)));
    await Promise.all(clients.map((one) => one.leave()));
    await untilNoSockets(apis);
    await delay(round === 3 || round === CHURN_ROUNDS ? QUIET_MS : 1_000);
    memory.push(await Promise.all(apis.map(memoryOf)));
  }
  for (const one of clients) one.child.disconnect();
  for (const at of apis.keys()) {
    const third = memory[2]?.[at] ?? Number.NaN;
    const last = memory.at(-1)?.[at] ?? Number.NaN;
    console.log(
      `replica ${at + 1} after ${CHURN_ROUNDS} rounds of ${CHURN_SOCKETS} sockets on two: ${megabytes(last)}, after round 3 ${megabytes(third)}: ${((last / third - 1) * 100).toFixed(1)} % (${memory.map((round) => ((round[at] ?? 0) / 2 ** 20).toFixed(0)).join(' ')})`,
    );
  }
}

/** For every version and every socket that watched its run then: until it had that one or a newer one. */
function delivery(
  all: readonly Received[],
  commits: ReadonlyMap<string, { version: number; at: number }[]>,
): { latencies: number[]; snapshots: number } {
  const latencies: number[] = [];
  let snapshots = 0;
  for (const { runId, versions, times } of all) {
    snapshots += versions.length;
    let at = 0;
    for (const commit of commits.get(runId) ?? []) {
      // Known from the answer to the subscription.
      if (commit.version <= (versions[0] ?? 0)) continue;
      while (at < versions.length && (versions[at] ?? 0) < commit.version) at += 1;
      if (at === versions.length) throw new Error(`version ${commit.version} never arrived`);
      latencies.push((times[at] ?? Number.NaN) - commit.at);
    }
  }
  return { latencies: latencies.sort((a, b) => a - b), snapshots };
}

/** Has PostgreSQL write down when each version of a run was written, a moment before it commits. */
async function noteVersions(database: Database): Promise<void> {
  await database.query(sql`
    create unlogged table bench_versions (run_id uuid, version bigint, at timestamptz)`);
  await database.query(sql`
    create function bench_note() returns trigger language plpgsql as $$
    begin
      insert into bench_versions values (new.id, new.version, clock_timestamp());
      return null;
    end $$`);
  await database.query(sql`
    create trigger bench_note after update on evaluation_runs for each row
    when (new.version > old.version) execute function bench_note()`);
}

async function versionsNoted(
  database: Database,
): Promise<Map<string, { version: number; at: number }[]>> {
  const rows = await database.query<{ run_id: string; version: number; at: number }>(sql`
    select run_id, version::float8 as version, extract(epoch from at)::float8 * 1000 as at
    from bench_versions order by version`);
  await database.query(sql`drop trigger bench_note on evaluation_runs`);
  const byRun = new Map<string, { version: number; at: number }[]>();
  for (const { run_id: runId, ...commit } of rows) {
    const list = byRun.get(runId) ?? [];
    byRun.set(runId, list);
    list.push(commit);
  }
  return byRun;
}

function startClient(api: ProductProcess) {
  const child = fork(fileURLToPath(new URL('./sockets-client.ts', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(() => {
    throw new Error('A process of sockets ended.');
  });
  // It is asked about where it matters: below.
  gone.catch(() => {});
  const ask = async (asked: Order): Promise<unknown> => {
    child.send(asked);
    const [message] = await Promise.race([once(child, 'message'), gone]);
    return z.object({ answer: z.unknown() }).parse(message).answer;
  };
  return {
    child,
    connect: (runIds: string[]) => ask({ type: 'connect', url: api.url ?? '', key: KEY, runIds }),
    report: async () => z.array(received).parse(await ask({ type: 'report' })),
    leave: () => ask({ type: 'leave' }),
  };
}

async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-bench-'));
  const postgres = await startPostgres({
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
  });
  const redis = await startTestRedis();
  if (!redis) throw new Error('This measurement needs redis-server on the PATH.');
  const environment = {
    PORT: '0',
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    LLM_EVAL_ADMIN_KEY: KEY,
    LOG_LEVEL: 'error',
    // All come from one address, with one key.
    LIVE_MAX_SOCKETS_PER_KEY: String(SOCKETS),
    LIVE_MAX_SOCKETS_PER_ADDRESS: String(SOCKETS),
  };
  const apis = [await startProcess('api', environment), await startProcess('api', environment)];
  const database = await openDatabase({ url: postgres.url, poolMax: 2 });
  return {
    client: createClient({ baseUrl: apis[0]?.url ?? '', key: KEY }),
    database,
    apis,
    startWorker: () => startProcess('worker', environment),
    async stop() {
      await database.close();
      await Promise.all(apis.map((api) => api.stop()));
      await redis.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function upload(client: Client): Promise<Input> {
  const dataset = await client.createDataset({ body: { name: 'bench' } });
  await client.createDatasetVersion({
    params: { id: dataset.id },
    contentType: 'application/x-ndjson',
    body: lines(ITEMS, (at) => ({ key: `item-${at}`, input: at, expected: String(at) })),
  });
  const recording = await client.createRecording({
    query: { name: 'bench' },
    contentType: 'application/x-ndjson',
    body: lines(ITEMS, (at) => ({ key: `item-${at}`, output: at % 4 === 0 ? 'no' : String(at) })),
  });
  return { datasetId: dataset.id, recordingId: recording.id };
}

const submit = async ({ client }: Cluster, { datasetId, recordingId }: Input): Promise<string> => {
  const { id } = await client.submitRun({
    body: {
      name: 'bench',
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric: 'exact_match' }],
    },
  });
  return id;
};

async function untilCompleted({ database }: Cluster, runIds: readonly string[]): Promise<void> {
  for (;;) {
    const going = await database.query(sql`
      select 1 from evaluation_runs
      where id = any(${[...runIds]}::uuid[]) and state <> 'completed' limit 1`);
    if (going.length === 0) return;
    await delay(100);
  }
}

async function untilNoSockets(apis: readonly ProductProcess[]): Promise<void> {
  for (const api of apis) while ((await metricOf(api, 'llm_eval_sockets')) > 0) await delay(50);
}

async function metricOf({ url }: ProductProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** Resident memory of now, in bytes. */
async function memoryOf({ child }: ProductProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Linux counts in hundredths of a second. */
async function cpuSecondsOf({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const megabytes = (bytes: number): string =>
  `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 2 : 0)} MB`;

const describe = (sorted: readonly number[]): string => {
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(
      0,
    );
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, highest ${at(1)} ms, of ${sorted.length}`;
};
