import { Migration } from '@mikro-orm/migrations';

/** What datasets, runs on a part of them, and metrics of whole runs need. */
export class Migration0002DatasetsAndMetrics extends Migration {
  override name = '0002-datasets-and-metrics';

  override up(): void {
    this.addSql(`alter table "datasets"
      add column "tags" text[] not null default '{}',
      add column "input_schema" json null,
      add column "expected_schema" json null,
      add column "deleted_at" timestamptz null`);
    this.addSql(
      `create index "datasets_deleted_index" on "datasets" ("project_id", "created_at", "id") where deleted_at is not null`,
    );
    this.addSql(
      `alter table "dataset_versions" add column "origin" json not null default '{"kind": "upload"}'`,
    );
    this.addSql(`alter table "dataset_items" add column "split" text null`);
    this.addSql(
      `create index "dataset_items_split_index" on "dataset_items" ("version_id", "split", "position") where split is not null`,
    );
    this.addSql(`alter table "recorded_outputs"
      add column "finish_reason" text null,
      add column "tool_calls" json null`);
    this.addSql(`alter table "evaluation_items"
      add column "finish_reason" text null,
      add column "tool_calls" json null`);
    this.addSql(`alter table "evaluation_runs"
      add column "filter" json null,
      add column "deleted_at" timestamptz null`);
    this.addSql(
      `create index "evaluation_runs_deleted_index" on "evaluation_runs" ("project_id", "created_at", "id") where deleted_at is not null`,
    );
    this.addSql(`create table "run_selections" (
      "run_id" uuid not null,
      "place" int not null,
      "position" int not null,
      primary key ("run_id", "place")
    )`);
    this.addSql(`alter table "run_metrics"
      add column "failed" int not null default 0,
      add column "worst_case" double precision null,
      add column "best_case" double precision null,
      add column "reduced" json null,
      add column "categories" json null,
      add column "run_level" json null`);
    this.addSql(`create table "imports" (
      "id" uuid not null,
      "project_id" uuid not null,
      "state" text not null,
      "lines" int not null default 0,
      "bytes" bigint not null default '0',
      "detail" text null,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(`create index "imports_updated_index" on "imports" ("updated_at")`);
  }
}
