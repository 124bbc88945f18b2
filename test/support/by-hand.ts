import type { BatchJob } from '#libs/contracts';
import { sql } from '#libs/database';
import { openItems, startBatches, storeBatches } from '#libs/runs';
import type { Batch, ItemResult, OpenItem, Start, Stored } from '#libs/runs';
import type { World } from './world.ts';

/** The batches of a run that are claimed, as their jobs say it, in their order. */
export async function claimedBatches(world: World, runId: string): Promise<BatchJob[]> {
  const rows = await world.database.query<{ no: number; attempt: number }>(sql`
    select no, attempt from run_batches where run_id = ${runId} and state = 'claimed' order by no`);
  return rows.map(({ no, attempt }) => ({ runId, batch: no, attempt }));
}

/** Starts one batch, and answers with whatever a worker would be told. */
export async function start(
  world: World,
  job: BatchJob,
  how: { alone: boolean } = { alone: false },
): Promise<Start> {
  const [answer] = await startBatches(world.context, [job], how);
  if (!answer) throw new Error('a start was left unanswered');
  return answer;
}

/** Stores what became of one batch. */
export async function store(
  world: World,
  batch: Batch,
  results: readonly ItemResult[],
): Promise<Stored> {
  const [stored] = await storeBatches(world.context, [{ batch, results }]);
  if (!stored) throw new Error('a batch was left unanswered');
  return stored;
}

/** Starts a batch as a worker does; fails where a worker would not get work. */
export async function begin(world: World, job: BatchJob): Promise<Batch> {
  const begun = await start(world, job, { alone: true });
  if (begun.kind !== 'work') throw new Error(`batch ${job.batch} is ${begun.kind}`);
  return begun.batch;
}

/** Results for the open items of a batch, completed without scores but for what `resultOf` says. */
export async function resultsOf(
  world: World,
  batch: Batch,
  resultOf: (item: OpenItem) => Partial<ItemResult> = () => ({}),
): Promise<ItemResult[]> {
  const [items = []] = await openItems(world.database, [batch]);
  return items.map((item) => ({
    no: item.no,
    key: item.key,
    repeat: item.repeat,
    attempt: item.attempt,
    output: 'output',
    scores: [],
    ...resultOf(item),
  }));
}

/** A score of the run's metric `metric`, or its outcome where it has no value. */
export function scored(value: number, metric = 0): ItemResult['scores'][number] {
  return {
    metric,
    outcome: 'scored',
    value,
    category: null,
    passed: value === 1,
    reason: null,
    details: null,
    errorClass: null,
  };
}

/** Works on a batch from its start to its end. */
export async function work(
  world: World,
  job: BatchJob,
  resultOf?: (item: OpenItem) => Partial<ItemResult>,
): Promise<Stored> {
  const batch = await begin(world, job);
  return store(world, batch, await resultsOf(world, batch, resultOf));
}

/** What a failed item looks like. */
export const failedItem: Partial<ItemResult> = {
  output: undefined,
  error: { class: 'target_error', message: 'the target failed' },
};
