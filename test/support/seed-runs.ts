import { sql, uuid, type Queryable } from '#libs/database';

export const seededModels = ['gpt-5-mini', 'gpt-5', 'claude-sonnet-5', 'gemini-3-flash', 'llama-4'];
export const seededDatasets = ['gsm8k', 'capitals', 'support tickets', 'contracts'];
export const seededTags = ['nightly', 'baseline', 'prompt-v2', 'release'];

export interface SeededRuns {
  datasetIds: string[];
  /** The newest first, as lists have them. */
  runIds: string[];
}

/**
 * Writes finished runs straight into the tables, without items: number 0 is the newest, and each is five
 * minutes older than the one before. What they are follows from their number:
 * - the name is `run 00042 of capitals`, the dataset and the model go round;
 * - every 10th has failed, every 25th was canceled, all others have completed;
 * - every 4th has the tag `nightly`, every 50th `release`;
 * - the mean of `accuracy` is ((number × 7919) mod 1000) / 1000, that of `brevity` 1 less that;
 * - they lasted number mod 97 seconds.
 * @param createdBy the keys that made them, in turn
 */
export async function seedRuns(
  database: Queryable,
  { projectId, count, createdBy = [] }: { projectId: string; count: number; createdBy?: string[] },
): Promise<SeededRuns> {
  const datasetIds = seededDatasets.map(() => uuid());
  const versionIds = seededDatasets.map(() => uuid());
  await database.query(sql`
    insert into datasets (id, project_id, name)
    select id, ${projectId}, name
    from unnest(${datasetIds}::uuid[], ${seededDatasets}::text[]) as d (id, name)`);
  await database.query(sql`
    insert into dataset_versions (id, dataset_id, version, item_count)
    select id, dataset_id, 1, 100
    from unnest(${versionIds}::uuid[], ${datasetIds}::uuid[]) as v (id, dataset_id)`);
  const runIds = Array.from({ length: count }, () => uuid()).toReversed();
  const metrics = [
    { metric: 'exact_match', name: 'accuracy', config: {} },
    { metric: 'length', name: 'brevity', config: {} },
  ];
  await database.query(sql`
    insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
      metrics, repeats, concurrency, tags, total, done, failed, cost_usd, version, batch_size,
      batch_window, created_at, started_at, finished_at, created_by)
    select r.id, ${projectId}, 'run ' || lpad(r.n::text, 5, '0') || ' of ' || d.name,
      case when r.n % 25 = 24 then 'canceled' when r.n % 10 = 9 then 'failed' else 'completed' end,
      d.id, d.version_id,
      json_build_object('kind', 'model', 'provider', 'openai', 'model', m.model,
        'prompt', json_build_object('content', json_build_object('text', '{{ input }}'))),
      ${JSON.stringify(metrics)}::json, 1, 10,
      array_remove(array[case when r.n % 4 = 0 then 'nightly' end,
        case when r.n % 50 = 0 then 'release' end], null),
      100, 100, 0, 0.01, 10, 100, 16,
      now() - r.n * interval '5 minutes' - interval '1 hour',
      now() - r.n * interval '5 minutes' - interval '1 hour',
      now() - r.n * interval '5 minutes' - interval '1 hour' + (r.n % 97) * interval '1 second',
      (${createdBy}::uuid[])[1 + r.n % greatest(1, cardinality(${createdBy}::uuid[]))]
    from (select id, place - 1 as n from unnest(${runIds}::uuid[]) with ordinality as i (id, place)) r
    join unnest(${datasetIds}::uuid[], ${versionIds}::uuid[], ${seededDatasets}::text[])
      with ordinality as d (id, version_id, name, place) on d.place = 1 + r.n % ${seededDatasets.length}
    join unnest(${seededModels}::text[]) with ordinality as m (model, place)
      on m.place = 1 + r.n % ${seededModels.length}`);
  const means = sql`
    select r.id, x.metric, x.name,
      case x.metric when 0 then a.mean else 1 - a.mean end as mean
    from unnest(${runIds}::uuid[]) with ordinality as r (id, place)
    cross join lateral (select ((r.place - 1) * 7919 % 1000)::float8 / 1000 as mean) a
    cross join (values (0, 'accuracy'), (1, 'brevity')) as x (metric, name)`;
  await database.query(sql`
    insert into run_metric_sums (run_id, metric, n, sum, sum_of_squares)
    select id, metric, 100, 100 * mean, 100 * mean from (${means}) s`);
  await database.query(sql`
    insert into run_metrics (run_id, project_id, metric, name, n, mean, errors, not_applicable)
    select s.id, ${projectId}, s.metric, s.name, 100, s.mean, 0, 0
    from (${means}) s join evaluation_runs r on r.id = s.id and r.state = 'completed'`);
  return { datasetIds, runIds };
}
