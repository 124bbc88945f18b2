import type { Logger } from '#libs/config';
import type { Database } from '#libs/database';
import type { Queues } from '#libs/queues';

/** What every step of a run's life works with. */
export interface RunContext {
  database: Database;
  queues: Queues;
  logger: Logger;
}
