import { ConfigurationError, createLogger, loadConfig } from '#libs/config';
import { openDatabase } from '#libs/database';
import { openQueues } from '#libs/queues';

/**
 * `npm run migrate`: brings the tables, and the queue's own where it lives in PostgreSQL, up to date
 * and ends. Any number may run at once; api and worker do the same when they start.
 */
async function migrate(): Promise<void> {
  const config = loadConfig();
  if (config.databaseUrl === undefined) {
    throw new ConfigurationError('DATABASE_URL is not set: name the database to migrate.');
  }
  const logger = createLogger('migrate', config.logLevel);
  const database = await openDatabase({ url: config.databaseUrl, poolMax: 2 });
  try {
    await database.migrate();
    // Redis needs no tables; opening the queues on PostgreSQL makes theirs.
    if (config.redisUrl === undefined) await (await openQueues(config, logger)).close();
  } finally {
    await database.close();
  }
  logger.info('the tables are up to date');
}

migrate().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
