import { Migration } from '@mikro-orm/migrations';

/** The first schema. */
export class Migration0001Initial extends Migration {
  override name = '0001-initial';

  override up(): void {
    this.addSql(`create table "api_keys" (
      "id" uuid not null,
      "project_id" uuid null,
      "name" text not null,
      "role" text not null,
      "hash" text not null,
      "created_at" timestamptz not null default now(),
      "revoked_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_hash_unique" unique ("hash")`);
    this.addSql(`create index "api_keys_project_index" on "api_keys" ("project_id", "id")`);
    this.addSql(`create table "datasets" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "description" text null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `create index "datasets_project_index" on "datasets" ("project_id", "created_at", "id")`,
    );
    this.addSql(`create table "dataset_items" (
      "version_id" uuid not null,
      "position" int not null,
      "key" text not null,
      "input" json not null,
      "expected" json null,
      "metadata" jsonb not null default '{}',
      "tags" text[] not null default '{}',
      primary key ("version_id", "position")
    )`);
    this.addSql(
      `alter table "dataset_items" add constraint "dataset_items_key_unique" unique ("version_id", "key")`,
    );
    this.addSql(`create table "dataset_versions" (
      "id" uuid not null,
      "dataset_id" uuid not null,
      "version" int not null,
      "item_count" int not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "dataset_versions" add constraint "dataset_versions_number_unique" unique ("dataset_id", "version")`,
    );
    this.addSql(`create table "evaluation_items" (
      "run_id" uuid not null,
      "no" int not null,
      "key" text not null,
      "repeat" int not null,
      "status" text not null,
      "attempt" int not null,
      "output" json null,
      "error_class" text null,
      "error_message" text null,
      "latency_ms" double precision null,
      "input_tokens" int null,
      "output_tokens" int null,
      "cost_usd" double precision null,
      "created_at" timestamptz not null default now(),
      primary key ("run_id", "no")
    )`);
    this.addSql(
      `create index "evaluation_items_status_index" on "evaluation_items" ("run_id", "status", "no")`,
    );
    this.addSql(
      `alter table "evaluation_items" add constraint "evaluation_items_key_unique" unique ("run_id", "key", "repeat")`,
    );
    this.addSql(`create table "idempotency_keys" (
      "project_id" uuid not null,
      "key" text not null,
      "body_hash" text not null,
      "run_id" uuid not null,
      "created_at" timestamptz not null default now(),
      primary key ("project_id", "key")
    )`);
    this.addSql(
      `create index "idempotency_keys_created_index" on "idempotency_keys" ("created_at")`,
    );
    this.addSql(`create table "outbox" (
      "id" bigserial primary key,
      "run_id" uuid not null,
      "generation" int not null,
      "job" text not null,
      "created_at" timestamptz not null default now()
    )`);
    this.addSql(
      `alter table "outbox" add constraint "outbox_job_unique" unique ("run_id", "generation", "job")`,
    );
    this.addSql(`create table "projects" (
      "id" uuid not null,
      "name" text not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(`alter table "projects" add constraint "projects_name_unique" unique ("name")`);
    this.addSql(`create table "recorded_outputs" (
      "recording_id" uuid not null,
      "key" text not null,
      "repeat" int not null,
      "output" json null,
      "error" text null,
      "latency_ms" double precision null,
      "input_tokens" int null,
      "output_tokens" int null,
      "cost_usd" double precision null,
      primary key ("recording_id", "key", "repeat")
    )`);
    this.addSql(`create table "recordings" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "output_count" int not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `create index "recordings_project_index" on "recordings" ("project_id", "created_at", "id")`,
    );
    this.addSql(`create table "evaluation_runs" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "state" text not null,
      "reason" text null,
      "dataset_id" uuid not null,
      "dataset_version_id" uuid not null,
      "target" json not null,
      "metrics" json not null,
      "repeats" int not null,
      "concurrency" int not null,
      "tags" text[] not null default '{}',
      "metadata" jsonb not null default '{}',
      "total" int not null,
      "done" int not null default 0,
      "failed" int not null default 0,
      "cost_usd" numeric not null default '0',
      "input_tokens" bigint not null default '0',
      "output_tokens" bigint not null default '0',
      "version" bigint not null default '1',
      "generation" int not null default 1,
      "batch_size" int not null,
      "batch_window" int not null,
      "next_item" int not null default 0,
      "next_batch" int not null default 0,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      "started_at" timestamptz null,
      "finished_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(
      `create index "evaluation_runs_project_index" on "evaluation_runs" ("project_id", "created_at", "id", "state")`,
    );
    this.addSql(
      `create index "evaluation_runs_state_index" on "evaluation_runs" ("project_id", "state", "created_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_dataset_index" on "evaluation_runs" ("dataset_id", "created_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_unfinished_index" on "evaluation_runs" ("created_at") where state in ('queued', 'running')`,
    );
    this.addSql(`create table "run_batches" (
      "run_id" uuid not null,
      "no" int not null,
      "first" int not null,
      "count" int not null,
      "attempt" int not null,
      "state" text not null,
      "losses" int not null default 0,
      "faults" int not null default 0,
      "claimed_at" timestamptz not null,
      "checked_at" timestamptz not null,
      primary key ("run_id", "no")
    )`);
    this.addSql(
      `create index "run_batches_claimed_index" on "run_batches" ("run_id") where state = 'claimed'`,
    );
    this.addSql(
      `create index "run_batches_open_index" on "run_batches" ("run_id", "no") where state = 'open'`,
    );
    this.addSql(
      `create index "run_batches_check_index" on "run_batches" ("checked_at") where state = 'claimed'`,
    );
    this.addSql(`create index "run_batches_range_index" on "run_batches" ("run_id", "first")`);
    this.addSql(`create table "run_metrics" (
      "run_id" uuid not null,
      "metric" smallint not null,
      "name" text not null,
      "n" int not null,
      "mean" double precision null,
      "standard_deviation" double precision null,
      "standard_error" double precision null,
      "confidence_low" double precision null,
      "confidence_high" double precision null,
      "min" double precision null,
      "max" double precision null,
      "p50" double precision null,
      "p95" double precision null,
      "passed" int null,
      "errors" int not null,
      "not_applicable" int not null,
      primary key ("run_id", "metric")
    )`);
    this.addSql(
      `alter table "run_metrics" add constraint "run_metrics_name_unique" unique ("run_id", "name")`,
    );
    this.addSql(`create table "run_metric_sums" (
      "run_id" uuid not null,
      "metric" smallint not null,
      "n" int not null default 0,
      "sum" numeric not null default '0',
      "sum_of_squares" numeric not null default '0',
      "judged" int not null default 0,
      "passed" int not null default 0,
      "errors" int not null default 0,
      "not_applicable" int not null default 0,
      primary key ("run_id", "metric")
    )`);
    this.addSql(`create table "scores" (
      "run_id" uuid not null,
      "no" int not null,
      "metric" smallint not null,
      "outcome" text not null,
      "value" double precision null,
      "category" text null,
      "passed" boolean null,
      "reason" text null,
      "details" json null,
      primary key ("run_id", "no", "metric")
    )`);
    this.addSql(
      `create index "scores_value_index" on "scores" ("run_id", "metric", "value", "no") where value is not null`,
    );
    this.addSql(`create table "sessions" (
      "hash" text not null,
      "key_id" uuid not null,
      "created_at" timestamptz not null default now(),
      "expires_at" timestamptz not null,
      primary key ("hash")
    )`);
    this.addSql(`create index "sessions_key_index" on "sessions" ("key_id")`);
    this.addSql(`create index "sessions_expiry_index" on "sessions" ("expires_at")`);
  }
}
