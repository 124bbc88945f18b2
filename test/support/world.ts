import { randomBytes } from 'node:crypto';
import { createLogger, loadConfig, type Config, type Logger } from '#libs/config';
import { operations, type Json, type Run, type SubmitRun } from '#libs/contracts';
import { openDatabase, sql, uuid, type Database } from '#libs/database';
import { openQueues, type Queues } from '#libs/queues';
import { createRuns, type RunContext, type Runs } from '#libs/runs';
import type { z } from 'zod';
import type { Tools } from '../../apps/worker/batches.ts';
import { startWorker, type WorkerProcess } from '../../apps/worker/worker.ts';
import { createTestDatabase } from './databases.ts';
import { redisAvailable, testRedisUrl } from './redis.ts';
import { waitFor } from './wait.ts';

export type BackendKind = 'postgresql' | 'redis';

/** The backends that can be tested here; without Redis the set-up has said so already. */
export const backends: BackendKind[] = redisAvailable ? ['postgresql', 'redis'] : ['postgresql'];

/** A database, a queue and a project of their own, for one test file. */
export interface World {
  kind: BackendKind;
  /** The environment that processes of this world are started with. */
  environment: Record<string, string>;
  config: Config;
  logger: Logger;
  database: Database;
  queues: Queues;
  context: RunContext;
  runs: Runs;
  projectId: string;
  /** Starts a worker in this process; it is stopped with the world, if not before. */
  startWorker(overrides?: Partial<Config>, tools?: Partial<Tools>): Promise<WorkerProcess>;
  /** A dataset of `count` items, keys `item-0…`, input their number, expected the same as text. */
  seedDataset(count: number, expectedOf?: (index: number) => Json | undefined): Promise<string>;
  /** Outputs for items `item-0…`, each for `repeats`; what `outputOf` leaves undefined gets none. */
  seedRecording(
    count: number,
    outputOf?: (index: number, repeat: number) => unknown,
    repeats?: number,
  ): Promise<string>;
  /** Runs as the API lists them. */
  list(query: z.input<typeof operations.listRuns.query>): ReturnType<Runs['list']>;
  submit(request: Partial<SubmitRun> & Pick<SubmitRun, 'datasetId' | 'target'>): Promise<Run>;
  waitForState(runId: string, state: Run['state'], timeoutMs?: number): Promise<Run>;
  close(): Promise<void>;
}

export async function createWorld(
  kind: BackendKind,
  overrides: Record<string, string> = {},
): Promise<World> {
  const testDatabase = await createTestDatabase();
  const environment: Record<string, string> = {
    DATABASE_URL: testDatabase.url,
    ...(kind === 'redis' && { REDIS_URL: testRedisUrl() }),
    QUEUE_PREFIX: `test-${randomBytes(6).toString('hex')}`,
    QUEUE_LOCK_MS: '2000',
    RECONCILE_INTERVAL_MS: '200',
    SHUTDOWN_DEADLINE_MS: '4000',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...overrides,
  };
  const config = loadConfig(environment);
  const logger = createLogger('test', config.logLevel);
  const database = await openDatabase({ url: testDatabase.url, poolMax: 8 });
  await database.migrate();
  const queues = await openQueues(config, logger);
  const workers: WorkerProcess[] = [];
  const context = { database, queues, logger };
  const runs = createRuns(context);
  const projectId = uuid();
  await database.query(sql`insert into projects (id, name) values (${projectId}, 'test')`);

  const world: World = {
    kind,
    environment,
    config,
    logger,
    database,
    queues,
    context,
    runs,
    projectId,

    async startWorker(workerOverrides = {}, tools = {}) {
      const worker = await startWorker({ ...config, ...workerOverrides }, logger, tools);
      let stopped: Promise<void> | undefined;
      const owned = { ...worker, stop: () => (stopped ??= worker.stop()) };
      workers.push(owned);
      return owned;
    },

    async seedDataset(count, expectedOf = (index) => String(index)) {
      const datasetId = uuid();
      const versionId = uuid();
      await database.query(sql`
        insert into datasets (id, project_id, name) values (${datasetId}, ${projectId}, 'numbers')`);
      await database.query(sql`
        insert into dataset_versions (id, dataset_id, version, item_count)
        values (${versionId}, ${datasetId}, 1, ${count})`);
      await database.query(sql`
        insert into dataset_items (version_id, position, key, input, expected)
        select ${versionId}, e.place - 1, 'item-' || (e.place - 1), to_json(e.place - 1),
          e.expected::json
        from unnest(${Array.from({ length: count }, (_, index) => {
          const expected = expectedOf(index);
          return expected === undefined ? null : JSON.stringify(expected);
        })}::text[]) with ordinality as e (expected, place)`);
      return datasetId;
    },

    async seedRecording(count, outputOf = (index) => String(index), repeats = 1) {
      const recordingId = uuid();
      await database.query(sql`
        insert into recordings (id, project_id, name, output_count)
        values (${recordingId}, ${projectId}, 'outputs', ${count})`);
      const outputs = Array.from({ length: count * repeats }, (_, place) => {
        const index = Math.floor(place / repeats);
        const repeat = place % repeats;
        return { key: `item-${index}`, repeat, output: outputOf(index, repeat) };
      }).filter(({ output }) => output !== undefined);
      await database.query(sql`
        insert into recorded_outputs (recording_id, key, repeat, output)
        select ${recordingId}, key, repeat, output::json
        from unnest(${outputs.map(({ key }) => key)}::text[],
          ${outputs.map(({ repeat }) => repeat)}::int[],
          ${outputs.map(({ output }) => JSON.stringify(output))}::text[]
        ) as o (key, repeat, output)`);
      return recordingId;
    },

    submit: (request) =>
      runs.submit(projectId, {
        name: 'test',
        metrics: [{ metric: 'exact_match' }],
        repeats: 1,
        concurrency: 10,
        timeoutMs: 120_000,
        maxRetries: 4,
        cache: false,
        tags: [],
        metadata: {},
        ...request,
      }),

    list: (query) => runs.list(projectId, operations.listRuns.query.parse(query)),

    waitForState: (runId, state, timeoutMs = 20_000) =>
      waitFor(
        async () => {
          const run = await runs.get(projectId, runId);
          return run.state === state ? run : undefined;
        },
        async () => {
          const run = await runs.get(projectId, runId);
          return `run is ${run.state}, ${run.done} of ${run.total} done, expected ${state}`;
        },
        timeoutMs,
      ),

    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await queues.close();
      await database.close();
      await testDatabase.drop();
    },
  };
  return world;
}
