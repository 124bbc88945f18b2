import { Migration } from '@mikro-orm/migrations';

/** What targets that call elsewhere, judges, prompts and templates need. */
export class Migration0003TargetsAndJudges extends Migration {
  override name = '0003-targets-and-judges';

  override up(): void {
    this.addSql(`alter table "evaluation_runs"
      add column "queue" text not null default 'batches',
      add column "max_cost_usd" double precision null,
      add column "max_duration_ms" bigint null,
      add column "deadline_at" timestamptz null,
      add column "paused_at" timestamptz null,
      add column "timeout_ms" int not null default 120000,
      add column "max_retries" int not null default 4,
      add column "cache" boolean not null default false,
      add column "judge_cost_usd" numeric not null default '0',
      add column "judge_input_tokens" bigint not null default '0',
      add column "judge_output_tokens" bigint not null default '0',
      add column "cache_hits" int not null default 0,
      add column "stop_code" text null,
      add column "streak_class" text null,
      add column "streak" int not null default 0`);
    this.addSql(
      `create index "evaluation_runs_deadline_index" on "evaluation_runs" ("deadline_at") where state = 'running' and deadline_at is not null`,
    );
    this.addSql(`alter table "run_batches"
      add column "tries" json null,
      add column "lease_id" uuid null,
      add column "lease_expires_at" timestamptz null`);
    this.addSql(
      `create index "run_batches_leased_index" on "run_batches" ("run_id", "no") where state = 'leased'`,
    );
    this.addSql(`alter table "evaluation_items"
      add column "queue_ms" double precision null,
      add column "cached" boolean not null default false,
      add column "trace_id" text null,
      add column "context" json null,
      add column "judge_cost_usd" double precision null`);
    this.addSql(
      `create index "evaluation_items_error_index" on "evaluation_items" ("run_id", "error_class", "no") where error_class is not null`,
    );
    this.addSql(`alter table "recorded_outputs" add column "context" json null`);
    this.addSql(`alter table "scores"
      add column "error_class" text null,
      add column "cost_usd" double precision null`);
    this.addSql(`create table "item_tries" (
      "run_id" uuid not null,
      "no" int not null,
      "attempt" int not null,
      "try" smallint not null,
      "class" text not null,
      "message" text not null,
      "latency_ms" double precision null,
      "at" timestamptz not null,
      primary key ("run_id", "no", "attempt", "try")
    )`);
    this.addSql(`create table "run_errors" (
      "run_id" uuid not null,
      "class" text not null,
      "items" int not null default 0,
      "tries" int not null default 0,
      "scores" int not null default 0,
      primary key ("run_id", "class")
    )`);
    this.addSql(`create table "client_outputs" (
      "run_id" uuid not null,
      "no" int not null,
      "attempt" int not null,
      "output" json null,
      "error" text null,
      "latency_ms" double precision null,
      "input_tokens" int null,
      "output_tokens" int null,
      "cost_usd" double precision null,
      "finish_reason" text null,
      "tool_calls" json null,
      "context" json null,
      "trace_id" text null,
      primary key ("run_id", "no", "attempt")
    )`);
    this.addSql(`create table "client_leases" (
      "id" uuid not null,
      "run_id" uuid not null,
      "items" json not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(`create index "client_leases_created_index" on "client_leases" ("created_at")`);
    this.addSql(`create table "secrets" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "sealed" text not null,
      "key_id" text not null,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "secrets" add constraint "secrets_name_unique" unique ("project_id", "name")`,
    );
    this.addSql(`create table "providers" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "kind" text not null,
      "settings" json not null default '{}',
      "prices" json not null default '{}',
      "requests_per_minute" int null,
      "tokens_per_minute" int null,
      "max_concurrency" int null,
      "sealed" text null,
      "key_id" text null,
      "sealed_at" timestamptz null,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "providers" add constraint "providers_name_unique" unique ("project_id", "name")`,
    );
    this.addSql(`create table "prompts" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "description" text null,
      "created_at" timestamptz not null default now(),
      "deleted_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(`create index "prompts_project_index" on "prompts" ("project_id", "id")`);
    this.addSql(`create table "prompt_versions" (
      "prompt_id" uuid not null,
      "version" int not null,
      "content" json not null,
      "variables" text[] not null default '{}',
      "note" text null,
      "created_at" timestamptz not null default now(),
      primary key ("prompt_id", "version")
    )`);
    this.addSql(`create table "templates" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "created_at" timestamptz not null default now(),
      "deleted_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(`create index "templates_project_index" on "templates" ("project_id", "id")`);
    this.addSql(`create table "template_versions" (
      "template_id" uuid not null,
      "version" int not null,
      "content" json not null,
      "created_at" timestamptz not null default now(),
      primary key ("template_id", "version")
    )`);
    this.addSql(`create table "response_cache" (
      "project_id" uuid not null,
      "key" text not null,
      "answer" json not null,
      "created_at" timestamptz not null default now(),
      primary key ("project_id", "key")
    )`);
    this.addSql(`create index "response_cache_created_index" on "response_cache" ("created_at")`);
    this.addSql(`create table "call_lanes" (
      "key" text not null,
      "next_request_at" timestamptz null,
      "next_token_at" timestamptz null,
      "blocked_until" timestamptz null,
      "concurrency" double precision null,
      "halved_at" timestamptz null,
      "updated_at" timestamptz not null default now(),
      primary key ("key")
    )`);
    this.addSql(`create index "call_lanes_updated_index" on "call_lanes" ("updated_at")`);
    this.addSql(`create table "call_lane_holders" (
      "key" text not null,
      "holder" uuid not null,
      "permits" int not null,
      "in_use" int not null,
      "wanted" int not null,
      "expires_at" timestamptz not null,
      primary key ("key", "holder")
    )`);
  }
}
