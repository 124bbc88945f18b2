import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Logger } from '@mikro-orm/postgresql';
import * as entities from './entities/index.ts';
import { migrations } from './migrations/index.ts';

/** MikroORM's configuration: the same for the processes, the migrations and the tests. */
export const ormConfig = (options: {
  url: string;
  poolMax: number;
  onWarning?: (message: string) => void;
}) =>
  defineConfig({
    clientUrl: options.url,
    entities: Object.values(entities),
    extensions: [Migrator],
    migrations: {
      migrationsList: migrations,
      tableName: 'migrations',
      snapshot: false,
      transactional: true,
      allOrNothing: true,
    },
    // BullMQ keeps its own tables in a schema of its own, which is none of the ORM's business.
    schemaGenerator: { ignoreSchema: ['bullmq'] },
    pool: { min: 0, max: options.poolMax, idleTimeoutMillis: 30_000 },
    driverOptions: {
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      application_name: 'llm-eval',
    },
    forceUtcTimezone: true,
    loggerFactory: () => warningsOnly(options.onWarning),
  });

/** Only what a process should know of: connections that broke, rollbacks that failed. */
const warningsOnly = (onWarning: ((message: string) => void) | undefined): Logger => ({
  log: () => {},
  logQuery: () => {},
  setDebugMode: () => {},
  isEnabled: () => false,
  warn: (_namespace, message) => onWarning?.(message),
  error: (_namespace, message) => onWarning?.(message),
});
