import type { Comparisons } from '#libs/comparisons';
import type { Logger } from '#libs/config';
import type { Database } from '#libs/database';

/** What gates are checked with. */
export interface GateContext {
  database: Database;
  comparisons: Pick<Comparisons, 'compare' | 'get'>;
  logger: Logger;
}
