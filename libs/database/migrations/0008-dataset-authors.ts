import { Migration } from '@mikro-orm/migrations';

/** By whose key a version of a dataset was made. */
export class Migration0008DatasetAuthors extends Migration {
  override name = '0008-dataset-authors';

  override up(): void {
    this.addSql(`alter table "dataset_versions" add column "created_by" text null`);
  }
}
