import { Migration } from '@mikro-orm/migrations';

/** Comparisons of runs. */
export class Migration0005Comparisons extends Migration {
  override name = '0005-comparisons';

  override up(): void {
    this.addSql(`create table "comparisons" (
      "id" uuid not null,
      "project_id" uuid not null,
      "question" text not null,
      "run_ids" uuid[] not null,
      "options" json not null,
      "state" text not null,
      "progress" double precision not null default 0,
      "round" int not null default 1,
      "begun" int not null default 0,
      "version" bigint not null default '1',
      "result_of" text null,
      "result" json null,
      "verdicts" json not null default '[]',
      "reason" text null,
      "created_at" timestamptz not null default now(),
      "computed_at" timestamptz null,
      "touched_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(
      `alter table "comparisons" add constraint "comparisons_question_unique" unique ("project_id", "question")`,
    );
    this.addSql(`create index "comparisons_project_index" on "comparisons" ("project_id", "id")`);
    this.addSql(`create index "comparisons_runs_index" on "comparisons" using gin ("run_ids")`);
    this.addSql(
      `create index "comparisons_unfinished_index" on "comparisons" ("touched_at") where state in ('queued', 'running', 'refining')`,
    );
  }
}
