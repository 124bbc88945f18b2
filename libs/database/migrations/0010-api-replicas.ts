import { Migration } from '@mikro-orm/migrations';

/** Replicas of the API, each by its last sign of life. */
export class Migration0010ApiReplicas extends Migration {
  override name = '0010-api-replicas';

  override up(): void {
    this.addSql(`create table "api_replicas" (
      "id" uuid not null,
      "version" text not null,
      "hostname" text not null,
      "pid" int not null,
      "rss_bytes" bigint not null,
      "load" json not null,
      "started_at" timestamptz not null,
      "seen_at" timestamptz not null,
      primary key ("id")
    )`);
  }
}
