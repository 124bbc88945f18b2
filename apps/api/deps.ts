import type { Access } from '#libs/access';
import type { Admin } from '#libs/admin';
import type { Comparisons } from '#libs/comparisons';
import type { Config, Logger } from '#libs/config';
import type { Database } from '#libs/database';
import type { Caller, ModelsOf, OutgoingHttp, Sandbox } from '#libs/evaluation';
import type { Providers } from '#libs/providers';
import type { AnyQueue } from '#libs/queues';
import type { Runs } from '#libs/runs';
import type { Registry } from 'prom-client';
import type { LiveGauges } from './live/sockets.ts';

/** What the API asks of the queues. */
export interface BoardQueues {
  /** What Bull Board shows. */
  boards: readonly AnyQueue[];
  /** Resolves when the queue's store answers. */
  ping(): Promise<void>;
}

/** All that the API stands on; tests put their own in. */
export interface ApiDeps {
  config: Pick<Config, 'databasePoolMax' | 'publicOrigins' | 'trustProxy'>;
  logger: Logger;
  database: Database;
  access: Access;
  runs: Runs;
  comparisons: Comparisons;
  queues: BoardQueues;
  /** For what spans all projects. */
  admin: Admin;
  /** For users' code and schemas. */
  sandbox: Sandbox;
  /** For addresses that users named. */
  http: OutgoingHttp;
  /** For judges, and items of runs, that are tried. */
  models: ModelsOf;
  /** For endpoints that are tried. */
  caller: Caller;
  providers: Providers;
  /** Where metrics are registered; one per app. */
  registry: Registry;
  /** What this process holds for its sockets, for the metrics; undefined before it takes any. */
  live?: () => LiveGauges | undefined;
  /** The built UI; left out: the one in this repository. */
  webRoot?: string;
}
