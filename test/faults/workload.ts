import assert from 'node:assert/strict';
import type { Run, SubmitRun } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { waitFor } from '../support/wait.ts';
import type { Cluster } from './cluster.ts';

export const ITEMS = 5_000;

/** What an undisturbed run has to be compared with, item by item. */
export interface Workload {
  request: SubmitRun;
  expected: ItemRow[];
}

interface ItemRow {
  no: number;
  key: string;
  repeat: number;
  status: string;
  output: string | null;
  error: string | null;
  scores: string;
}

/** Items of a run with everything that a fault could lose, double or change. */
async function rowsOf(cluster: Cluster, runId: string): Promise<ItemRow[]> {
  const database = await cluster.database();
  return database.query<ItemRow>(sql`
    select e.no, e.key, e.repeat, e.status, e.output::text as output,
      e.error_class || ': ' || e.error_message as error,
      (select string_agg(concat_ws(' ', s.metric, s.outcome, s.value, s.category, s.passed, s.reason,
          s.error_class), ' | ' order by s.metric)
        from scores s where s.run_id = e.run_id and s.no = e.no) as scores
    from evaluation_items e where e.run_id = ${runId} order by e.no`);
}

const lines = (objects: readonly unknown[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('');

/**
 * 5,000 recorded outputs, of which some are wrong, some are missing, and three metrics, of which one
 * computes long enough for things to happen meanwhile; and what a run of it gives where nothing does.
 */
export async function prepareWorkload(cluster: Cluster): Promise<Workload> {
  const client = cluster.client();
  const numbers = Array.from({ length: ITEMS }, (_, index) => index);
  const dataset = await client.createDataset({ body: { name: 'faults' } });
  await client.createDatasetVersion({
    params: { id: dataset.id },
    contentType: 'application/x-ndjson',
    body: lines(numbers.map((n) => ({ key: `item-${n}`, input: n, expected: `number ${n}` }))),
  });
  const recording = await client.createRecording({
    query: { name: 'faults' },
    contentType: 'application/x-ndjson',
    body: lines(
      numbers
        .filter((n) => n % 50 !== 7)
        .map((n) => ({ key: `item-${n}`, output: n % 4 === 0 ? `numbre ${n}` : `number ${n}` })),
    ),
  });
  const request: SubmitRun = {
    name: 'under faults',
    datasetId: dataset.id,
    target: { kind: 'recorded', recordingId: recording.id },
    metrics: [
      { metric: 'exact_match' },
      { metric: 'levenshtein_similarity' },
      {
        metric: 'javascript',
        config: {
          code: '({ output }) => { let sum = 0; for (let i = 0; i < 2000; i += 1) sum += output.charCodeAt(i % output.length) % 7; return sum; }',
          timeMs: 2_000,
        },
      },
    ],
    repeats: 1,
    concurrency: 40,
    timeoutMs: 120_000,
    maxRetries: 4,
    cache: false,
    tags: [],
    metadata: {},
  };
  const { id } = await submit(cluster, request);
  await cluster.waitForEnd(id, 60_000);
  const expected = await rowsOf(cluster, id);
  assert.equal(expected.length, ITEMS);
  return { request, expected };
}

/** Submits it once, however often the answer is lost. */
export function submit(cluster: Cluster, request: SubmitRun): Promise<Run> {
  const key = uuid();
  return cluster.ask((client) =>
    client.submitRun({ body: request, headers: { 'idempotency-key': key } }),
  );
}

/**
 * The run ended by itself, every item is what it is in the undisturbed run, the counters are what a
 * count says, and nothing of it is left anywhere.
 */
export async function expectUndisturbed(
  cluster: Cluster,
  { expected }: Workload,
  runId: string,
): Promise<void> {
  const rows = await rowsOf(cluster, runId);
  const differing = expected.filter((row, place) => !sameRow(row, rows[place]));
  assert.deepEqual(
    { count: rows.length, differing: differing.slice(0, 3) },
    { count: expected.length, differing: [] },
  );
  const database = await cluster.database();
  const [counted] = await database.query(sql`
    select done, failed, total from evaluation_runs where id = ${runId}`);
  assert.deepEqual(counted, {
    done: expected.length,
    failed: expected.filter(({ status }) => status === 'failed').length,
    total: expected.length,
  });
  const differences = await database.query(sql`
    select m.metric from run_metric_sums m
    join lateral (
      select count(value)::int as n, coalesce(sum(value::text::numeric), 0) as sum
      from scores s where s.run_id = m.run_id and s.metric = m.metric
    ) c on true
    where m.run_id = ${runId} and (m.n, m.sum) is distinct from (c.n, c.sum)`);
  assert.deepEqual(differences, []);
  // Who was killed after its decision was carried out has left the note; the reconciler takes it away.
  await waitFor(
    async () => {
      const left = await database.query(sql`
        select 'batch' as what, no::bigint as id, state from run_batches
        where run_id = ${runId} and state <> 'done'
        union all select 'decision', id, job from outbox where run_id = ${runId}`);
      return left.length === 0 ? true : undefined;
    },
    () => `something of run ${runId} is left in run_batches or the outbox`,
  );
}

const sameRow = (a: ItemRow, b: ItemRow | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
