import { Migration } from '@mikro-orm/migrations';

/** What was held against a baseline, newest first. */
export class Migration0009Baselines extends Migration {
  override name = '0009-baselines';

  override up(): void {
    this.addSql(`create index "comparisons_baseline_index" on "comparisons" ((run_ids[1]), "id")`);
  }
}
