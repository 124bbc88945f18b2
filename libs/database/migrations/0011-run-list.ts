import { Migration } from '@mikro-orm/migrations';

/**
 * What a list of many runs is filtered and ordered by, each with its index: who made them, what gave
 * the outputs, tags, names, ends, durations and final means; and views of the list under names.
 */
export class Migration0011RunList extends Migration {
  override name = '0011-run-list';

  override up(): void {
    // Nothing here changes while a run goes, so its row is still updated without touching an index.
    this.addSql(`alter table "evaluation_runs"
      add column "created_by" uuid null,
      add column "target_kind" text generated always as (target ->> 'kind') stored null,
      add column "model" text generated always as (target ->> 'model') stored null,
      add column "sort_name" text collate "C" generated always as (lower(name)) stored null,
      add column "duration_ms" double precision generated always as (extract(epoch from finished_at - started_at) * 1000) stored null`);
    this.addSql(
      `create index "evaluation_runs_creator_index" on "evaluation_runs" ("project_id", "created_by", "created_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_target_index" on "evaluation_runs" ("project_id", "target_kind", "created_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_model_index" on "evaluation_runs" ("project_id", "model", "created_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_name_index" on "evaluation_runs" ("project_id", "sort_name", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_finished_index" on "evaluation_runs" ("project_id", "finished_at", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_duration_index" on "evaluation_runs" ("project_id", "duration_ms", "id")`,
    );
    this.addSql(
      `create index "evaluation_runs_tags_index" on "evaluation_runs" using gin ("tags")`,
    );

    this.addSql(`alter table "run_metrics" add column "project_id" uuid null`);
    this.addSql(
      `update run_metrics m set project_id = r.project_id from evaluation_runs r where r.id = m.run_id`,
    );
    // Still null from a worker of an older version: its runs are not found by their means.
    this.addSql(
      `create index "run_metrics_mean_index" on "run_metrics" ("project_id", "name", "mean", "run_id") where mean is not null`,
    );

    this.addSql(`create table "run_views" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "search" json not null,
      "created_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "run_views" add constraint "run_views_name_unique" unique ("project_id", "name")`,
    );
  }
}
