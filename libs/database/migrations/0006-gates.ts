import { Migration } from '@mikro-orm/migrations';

/** Baselines of datasets, gates and their results; runs of a dataset by their name. */
export class Migration0006Gates extends Migration {
  override name = '0006-gates';

  override up(): void {
    this.addSql(`create table "dataset_baselines" (
      "dataset_id" uuid not null,
      "run_id" uuid not null,
      "pinned_at" timestamptz not null default now(),
      primary key ("dataset_id")
    )`);
    this.addSql(`create table "gates" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "dataset_id" uuid null,
      "rules" json not null,
      "rules_version" int not null default 1,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(`create index "gates_project_index" on "gates" ("project_id", "id")`);
    this.addSql(`create table "gate_results" (
      "id" uuid not null,
      "project_id" uuid not null,
      "gate_id" uuid not null,
      "run_id" uuid not null,
      "baseline_run_id" uuid not null,
      "comparison_id" uuid null,
      "outcome" text not null,
      "rules" json not null,
      "rules_version" int not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "gate_results" add constraint "gate_results_unique" unique ("gate_id", "run_id", "baseline_run_id")`,
    );
    this.addSql(`create index "gate_results_project_index" on "gate_results" ("project_id", "id")`);
    this.addSql(`create index "gate_results_run_index" on "gate_results" ("run_id", "id")`);
    this.addSql(`create index "gate_results_gate_index" on "gate_results" ("gate_id", "id")`);
    this.addSql(`create table "run_follow_ups" (
      "run_id" uuid not null,
      "token" uuid not null,
      "comparison_id" uuid null,
      "created_at" timestamptz not null default now(),
      "touched_at" timestamptz not null default now(),
      primary key ("run_id")
    )`);
    this.addSql(`create index "run_follow_ups_touched_index" on "run_follow_ups" ("touched_at")`);
    this.addSql(
      `create index "run_follow_ups_comparison_index" on "run_follow_ups" ("comparison_id") where comparison_id is not null`,
    );
    this.addSql(
      `create index "evaluation_runs_series_index" on "evaluation_runs" ("dataset_id", "name", "created_at", "id")`,
    );
  }
}
