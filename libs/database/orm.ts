import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/postgresql';
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
    logger: (message: string) => options.onWarning?.(message),
    debug: options.onWarning ? ['info'] : false,
    colors: false,
  });
