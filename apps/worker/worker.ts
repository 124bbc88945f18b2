import { concurrencyOf, ConfigurationError, type Config, type Logger } from '#libs/config';
import { createComparisons, createResampler } from '#libs/comparisons';
import { openDatabase } from '#libs/database';
import { joinFleet } from '#libs/fleet';
import { createCalls } from '#libs/calls';
import { createModels } from '#libs/models';
import { createOutgoingHttp } from '#libs/outgoing';
import { createProviders, warnOfUnopened } from '#libs/providers';
import { openQueues, type Handler, type QueueName, type RunningWorker } from '#libs/queues';
import { createSandbox } from '#libs/sandbox';
import { createTarget } from '#libs/targets';
import { createBatchHandler, type Tools } from './batches.ts';
import { createComparisonHandler } from './comparisons.ts';
import { watchCanceledRuns } from './canceled-runs.ts';
import { serveHealth } from './health.ts';
import { startReconciler } from './reconciler.ts';
import { createRunStepHandler } from './run-steps.ts';
import { createItemScorer } from './scorers.ts';

/** A worker process at work; `stop` hands back what does not end by the deadline. */
export interface WorkerProcess {
  /** Where its health is served, if it is. */
  healthPort: number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts everything that a worker process does: batches, steps of runs, and a share in reconciling.
 * Any number of such processes work beside each other.
 * @param given replaces what items go through
 * @throws {ConfigurationError} without a database
 */
export async function startWorker(
  config: Config,
  logger: Logger,
  given: Partial<Tools> = {},
): Promise<WorkerProcess> {
  if (config.databaseUrl === undefined) {
    throw new ConfigurationError(
      'DATABASE_URL is not set: a worker needs the tables. Set it, or run `npm start` for the embedded mode.',
    );
  }
  const database = await openDatabase({
    url: config.databaseUrl,
    poolMax: config.databasePoolMax,
    onWarning: (message) => logger.warn(message),
  });
  await database.migrate();
  const queues = await openQueues(config, logger);

  const context = { database, queues, logger };
  const gates = { database, comparisons: createComparisons(context), logger };
  const canceledRuns = watchCanceledRuns(context);
  const sandbox = createSandbox();
  const http = createOutgoingHttp({ allow: config.outgoingAllow });
  const calls = createCalls({ database, logger });
  const providers = createProviders({ database, secretKeys: config.secretKeys });
  await warnOfUnopened({ database, secretKeys: config.secretKeys, logger });
  const models = createModels({ caller: calls, http, providers });
  const concurrency = concurrencyOf(config);
  const member = joinFleet({
    database,
    logger,
    // A queue that this process does not work for is not its own.
    queues: Object.fromEntries(Object.entries(concurrency).filter(([, most]) => most > 0)),
  });
  const tools = {
    createTarget,
    scorer: createItemScorer({ sandbox, http, models }),
    lanes: calls,
    ports: { caller: calls, http, secrets: providers, models },
    ...given,
  };
  const batches = createBatchHandler(context, canceledRuns, tools, (queue, items) =>
    member.closed(queue, items),
  );
  const resampler = createResampler();
  const work = <Name extends QueueName>(name: Name, handler: Handler<Name>): RunningWorker[] =>
    concurrency[name] === 0
      ? []
      : [queues.startWorker(name, concurrency[name], handler, member.observer)];
  const workers = [
    ...work('batches', batches.handle('batches')),
    ...work('calls', batches.handle('calls')),
    ...work('runs', createRunStepHandler(context, gates)),
    ...work('comparisons', createComparisonHandler(context, gates, resampler)),
  ];
  const reconciler = startReconciler(context, gates, config.reconcileIntervalMs);
  const health =
    config.workerHealthPort === undefined
      ? undefined
      : await serveHealth(context, calls, config.host, config.workerHealthPort);

  return {
    healthPort: health?.port,
    async stop() {
      // Half of the time for what is at work to end by itself, then it is handed back.
      const handBack = setTimeout(() => batches.abort(), config.shutdownDeadlineMs / 2);
      const closing = (async () => {
        await Promise.all([reconciler.stop(), ...workers.map((worker) => worker.close())]);
        await queues.close();
      })();
      // BullMQ waits without end for a Redis that is away, and for a job that does not heed its signal.
      try {
        const inTime = await isWithin(config.shutdownDeadlineMs, closing);
        if (!inTime) logger.warn('what is still at work here is left to others');
      } finally {
        clearTimeout(handBack);
        await canceledRuns.stop();
        await resampler.close();
        await calls.close();
        await sandbox.close();
        await http.close();
        await health?.close();
        await member.leave();
        await database.close();
      }
    },
  };
}

/** False when the time is over before the work is; its failure, in time, is the caller's. */
async function isWithin(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
