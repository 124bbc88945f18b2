import { Migration } from '@mikro-orm/migrations';

/** Columns that say whose a row is, in tables that grow by thousands of rows within seconds. */
const owners = [
  ['evaluation_items', 'run_id'],
  ['scores', 'run_id'],
  ['item_tries', 'run_id'],
  ['run_batches', 'run_id'],
  ['run_selections', 'run_id'],
  ['client_outputs', 'run_id'],
  ['dataset_items', 'version_id'],
  ['recorded_outputs', 'recording_id'],
] as const;

/**
 * Statistics of these columns know the runs of before: of one that begins the planner then expects no
 * row at all, so that any index that begins with the run seems as good as the one that has the row, and
 * a look for one item reads all of its run. Without statistics it expects some rows of every run, and
 * takes the whole key.
 */
export class Migration0004NoStatisticsOfRuns extends Migration {
  override name = '0004-no-statistics-of-runs';

  override up(): void {
    for (const [table, column] of owners) {
      this.addSql(`alter table "${table}" alter column "${column}" set statistics 0`);
      // To the type that it has: rewrites nothing, and forgets what was known.
      this.addSql(`alter table "${table}" alter column "${column}" type uuid`);
    }
  }
}
