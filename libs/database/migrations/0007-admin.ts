import { Migration } from '@mikro-orm/migrations';

/** Worker processes, how much they get done, what admins did, and failed items across runs. */
export class Migration0007Admin extends Migration {
  override name = '0007-admin';

  override up(): void {
    this.addSql(`create table "workers" (
      "id" uuid not null,
      "version" text not null,
      "hostname" text not null,
      "pid" int not null,
      "queues" json not null,
      "rss_bytes" bigint not null,
      "job_count" int not null,
      "jobs" json not null,
      "started_at" timestamptz not null,
      "seen_at" timestamptz not null,
      primary key ("id")
    )`);
    this.addSql(`create table "queue_throughput" (
      "queue" text not null,
      "at" timestamptz not null,
      "done" int not null,
      "failed" int not null,
      "items" int not null,
      "busy_ms" bigint not null,
      primary key ("queue", "at")
    )`);
    this.addSql(`create table "audit_events" (
      "id" uuid not null,
      "at" timestamptz not null default now(),
      "key_id" uuid not null,
      "key_name" text not null,
      "project_id" uuid null,
      "address" text not null,
      "request_id" text not null,
      "action" text not null,
      "target" text null,
      "details" json not null,
      primary key ("id")
    )`);
    this.addSql(`create index "audit_events_time_index" on "audit_events" ("at", "id")`);
    this.addSql(
      `create index "audit_events_action_index" on "audit_events" ("action", "at", "id")`,
    );
    this.addSql(`create index "run_errors_class_index" on "run_errors" ("class", "run_id")`);
    this.addSql(
      `create index "evaluation_items_failed_index" on "evaluation_items" ("error_class", "created_at", "run_id", "no") where status = 'failed'`,
    );
  }
}
