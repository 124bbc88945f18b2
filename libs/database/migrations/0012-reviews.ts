import { Migration } from '@mikro-orm/migrations';

/** What people say of outputs: human metrics and scores, notes, and queues of items to score. */
export class Migration0012Reviews extends Migration {
  override name = '0012-reviews';

  override up(): void {
    this.addSql(`create table "human_metrics" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "scale" json not null,
      "guidelines" text null,
      "created_at" timestamptz not null default now(),
      "archived_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(
      `alter table "human_metrics" add constraint "human_metrics_name_unique" unique ("project_id", "name")`,
    );

    this.addSql(`create table "human_scores" (
      "run_id" uuid not null,
      "no" int not null,
      "human_metric_id" uuid not null,
      "key_id" uuid not null,
      "value" double precision null,
      "category" text null,
      "comment" text null,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      primary key ("run_id", "no", "human_metric_id", "key_id")
    )`);

    this.addSql(`create table "item_notes" (
      "id" uuid not null,
      "run_id" uuid not null,
      "no" int not null,
      "key_id" uuid not null,
      "text" text not null,
      "created_at" timestamptz not null default now(),
      "updated_at" timestamptz not null default now(),
      primary key ("id")
    )`);
    this.addSql(`create index "item_notes_item_index" on "item_notes" ("run_id", "no", "id")`);

    this.addSql(`create table "review_queues" (
      "id" uuid not null,
      "project_id" uuid not null,
      "name" text not null,
      "guidelines" text null,
      "human_metric_ids" uuid[] not null,
      "reviewers_per_item" int not null,
      "blind" boolean not null,
      "show_expected" boolean not null,
      "items" int not null default 0,
      "complete" int not null default 0,
      "reviews" int not null default 0,
      "next_place" int not null default 0,
      "version" bigint not null default '1',
      "created_by" uuid null,
      "created_at" timestamptz not null default now(),
      "deleted_at" timestamptz null,
      primary key ("id")
    )`);
    this.addSql(
      `create index "review_queues_project_index" on "review_queues" ("project_id", "id")`,
    );

    this.addSql(`create table "review_items" (
      "queue_id" uuid not null,
      "place" int not null,
      "run_id" uuid not null,
      "no" int not null,
      "done" int not null default 0,
      primary key ("queue_id", "place")
    )`);
    this.addSql(`create index "review_items_item_index" on "review_items" ("run_id", "no")`);
    this.addSql(
      `alter table "review_items" add constraint "review_items_unique" unique ("queue_id", "run_id", "no")`,
    );

    this.addSql(`create table "reviews" (
      "queue_id" uuid not null,
      "place" int not null,
      "key_id" uuid not null,
      "state" text not null,
      "held_until" timestamptz null,
      "note_id" uuid null,
      "updated_at" timestamptz not null default now(),
      primary key ("queue_id", "place", "key_id")
    )`);
    this.addSql(
      `create index "reviews_person_index" on "reviews" ("queue_id", "key_id", "state", "place")`,
    );
  }
}
