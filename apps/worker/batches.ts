import { RequestError, type BatchJob } from '#libs/contracts';
import {
  CallDeferred,
  ScoringAborted,
  type CallLanes,
  type ModelsOf,
  type Target,
  type TargetResult,
} from '#libs/evaluation';
import { JobFailure, type BatchQueue, type Handler, type JobHandle } from '#libs/queues';
import {
  bookPaid,
  caseOf,
  clientOutputs,
  deferBatch,
  faultBatch,
  fill,
  openItems,
  recordedOutputs,
  releaseBatch,
  reopen,
  runsThatGoOn,
  splitBatch,
  startBatches,
  storeBatches,
  type Batch,
  type BatchResults,
  type ItemResult,
  type OpenItem,
  type Paid,
  type RunContext,
  type RunPlan,
  type Start,
  type Stored,
} from '#libs/runs';
import { localityOf, type createTarget, type TargetPorts } from '#libs/targets';
import pMap, { pMapSkip } from 'p-map';
import { createGate } from './alone.ts';
import type { CanceledRuns } from './canceled-runs.ts';
import { coalesce, gather } from './gather.ts';
import { askWhetherRunsGoOn } from './going-runs.ts';
import type { ItemScorer } from './scorers.ts';

/** What an item goes through. */
export interface Tools {
  createTarget: typeof createTarget;
  scorer: ItemScorer;
  lanes: CallLanes;
  /** What targets use of the world, beside what belongs to one run. */
  ports: Pick<TargetPorts, 'caller' | 'http' | 'secrets'> & { models: ModelsOf };
}

/** Scoring gives way to the event loop this often, so that locks are renewed in time. */
const YIELD_EVERY_MS = 50;

export interface BatchHandler {
  /** Works on the batches of one queue; all queues of a process share one handler. */
  handle(queue: BatchQueue): Handler<BatchQueue>;
  /** Ends what is at work here and hands it back: the process must stop. */
  abort(): void;
}

/** Longer waits before a call give their place to other items. */
const CALL_PATIENCE_MS = 1_000;
/** Of a lease, items whose judges are asked at the same time; their run and the limits may allow fewer. */
const SIDE_BY_SIDE = 20;
const REMEMBERED_TARGETS = 100;
/** Items of a batch, computed here, that is too small to have statements of its own. */
const SHARES_STATEMENTS = 50;

/**
 * Works on batches: asks the target for the open items, scores, stores, fills the window again.
 *
 * A batch of calls is one item, and hundreds are at work at a time. Those that start together share
 * statements, and so do those of one run that end together; of what is computed here, only the small
 * batches of small runs.
 * @param closed is told how many items each batch closed
 */
export function createBatchHandler(
  context: RunContext,
  canceledRuns: CanceledRuns,
  tools: Tools,
  closed: (queue: BatchQueue, items: number) => void = () => {},
): BatchHandler {
  const gate = createGate();
  const stopping = new AbortController();
  const targets = new Map<string, Target>();

  const targetOf = (run: RunPlan, items: readonly OpenItem[]): Target => {
    const known = targets.get(run.id);
    if (known) return known;
    const target = tools.createTarget(run.target, {
      ...tools.ports,
      recordedOutputs: (source) => recordedOutputs(context.database, source),
      clientOutputs: () => clientOutputs(context.database, run.id, items),
      models: tools.ports.models(run),
      settings: run,
    });
    // That of a client run belongs to its batch.
    if (run.target.kind === 'client') return target;
    if (targets.size >= REMEMBERED_TARGETS) targets.clear();
    targets.set(run.id, target);
    return target;
  };

  /** Waits for a place among the items of a run that may be in flight, over all workers. */
  const placeFor = ({ id, concurrency }: RunPlan, signal: AbortSignal) =>
    tools.lanes.hold({ key: `run:${id}`, maxConcurrency: concurrency }, signal);
  const idOf = ({ runId, batch, attempt }: BatchJob) => `${runId}-${batch}-${attempt}`;
  const isSmall = ({ run, count }: Batch) => run.queue === 'calls' || count <= SHARES_STATEMENTS;
  const begin = gather(
    ({ queue }: { queue: BatchQueue; job: BatchJob }) => queue,
    (asked) =>
      startBatches(
        context,
        asked.map(({ job }) => job),
        { alone: false },
      ),
  );
  const open = gather(
    (batch: Batch) => (isSmall(batch) ? batch.run.queue : idOf(batch.job)),
    (batches) => openItems(context.database, batches),
  );
  const store = gather(
    ({ batch }: BatchResults) => (isSmall(batch) ? batch.run.id : idOf(batch.job)),
    (results) => storeBatches(context, results),
  );
  const goesOn = askWhetherRunsGoOn((runIds) => runsThatGoOn(context.database, runIds));
  const fillAgain = coalesce((runId) => fill(context, runId));

  const work = async (batch: Batch): Promise<Stored | CallDeferred | undefined> => {
    const items = await open(batch);
    const target = targetOf(batch.run, items);
    let held: (() => void) | undefined;
    const leave = () => {
      held?.();
      held = undefined;
    };
    const producing = canceledRuns.during(batch.run.id, async (canceled) => {
      const signal = AbortSignal.any([canceled, stopping.signal]);
      try {
        const { scorer } = tools;
        let place: (() => Promise<() => void>) | undefined;
        if (batch.run.queue === 'calls' && items.length > 0) {
          // Of a lease, which holds many, each item has a place of its own.
          if (items.length > 1) place = async () => placeFor(batch.run, signal);
          else held = await placeFor(batch.run, signal);
          // It may have stopped while this one waited.
          if (!(await goesOn(batch.run))) return undefined;
        }
        return await produceAndScore(batch, items, { target, scorer, place }, signal);
      } catch (error) {
        if (signal.aborted) {
          if (error instanceof GivenUp) await bookPaid(context.database, batch.run, error.paid);
          return undefined;
        }
        if (error instanceof CallDeferred) return error;
        throw error;
      } finally {
        // What is produced needs its place no more: while it is stored, the next item is in flight. But
        // where the cost is capped, what this one cost must be known before the next asks to go on.
        if (!batch.run.capped) leave();
      }
    });
    try {
      const results = await producing;
      if (results instanceof CallDeferred) {
        await deferBatch(context.database, batch.job, results.tries);
        return results;
      }
      if (results === undefined) {
        await releaseBatch(context.database, batch.job);
        return undefined;
      }
      return await store({ batch, results });
    } finally {
      leave();
    }
  };

  const handle = async (queue: BatchQueue, job: BatchJob, handleOfJob: JobHandle) => {
    if (handleOfJob.attemptsMade > 0) {
      await retryOneBatch(context, job.runId, job.batch);
      return;
    }
    const attempt = async (start: Start | undefined) => {
      if (start?.kind !== 'work') return start;
      return { kind: 'done', end: await owned(context, start.batch, work) } as const;
    };
    let start = await gate.together(async () => attempt(await begin({ queue, job })));
    if (start?.kind === 'alone') {
      start = await gate.alone(async () => {
        const [alone] = await startBatches(context, [job], { alone: true });
        return attempt(alone);
      });
    }
    let end: Stored | CallDeferred | undefined;
    if (start?.kind === 'done') end = start.end;
    else if (start?.kind === 'poisoned') end = await giveUpOrSplit(context, start);
    const stored = end instanceof CallDeferred ? await handleOfJob.defer(end.delayMs) : end;
    if (stored) closed(queue, stored.closed);
    if (context.queues.kind === 'redis' && stored?.hint === true) {
      await handleOfJob.hint(job.runId);
    }
    if (stored?.more ?? true) await fillAgain(job.runId);
    // So that Bull Board shows what failed.
    if (stored && stored.failed > 0) {
      throw new JobFailure(
        `${stored.failed} of ${stored.closed} items failed; the run's page says which.`,
      );
    }
  };

  return {
    handle: (queue) => (job, handleOfJob) => handle(queue, job, handleOfJob),
    abort: () => stopping.abort(),
  };
}

/** Counts an unexpected error against its batch, so that one that always fails is given up in the end. */
async function owned<Result>(
  context: RunContext,
  batch: Batch,
  work: (batch: Batch) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(batch);
  } catch (error) {
    await faultBatch(context.database, batch.job).catch((fault: unknown) => {
      context.logger.warn({ err: fault }, 'a fault could not be counted');
    });
    context.logger.error({ err: error, ...batch.job }, 'a batch failed unexpectedly');
    // What went wrong stands in the log; Bull Board shows this message to people, and it could quote data.
    throw new JobFailure(
      'The batch failed unexpectedly and will be tried again; see the worker’s log.',
      {
        cause: error,
      },
    );
  }
}

/** @param how.place where each item waits for a place of its own to be scored, side by side with others */
async function produceAndScore(
  batch: Batch,
  items: readonly OpenItem[],
  how: { target: Target; scorer: ItemScorer; place: (() => Promise<() => void>) | undefined },
  signal: AbortSignal,
): Promise<ItemResult[]> {
  const { target, scorer, place } = how;
  signal.throwIfAborted();
  const outputs = await target.produce(
    items.map(({ key, repeat, input, expected, metadata }) => ({
      key,
      repeat,
      input,
      ...(expected !== null && { expected }),
      metadata,
      ...(batch.earlier.length > 0 && { earlier: batch.earlier }),
    })),
    // Only a batch of one item can be put off as a whole.
    { signal, ...(batch.count === 1 && { patienceMs: CALL_PATIENCE_MS }) },
  );
  let yieldAt = performance.now() + YIELD_EVERY_MS;
  const scored = async (item: OpenItem, index: number): Promise<ItemResult> => {
    // Between items only: what the last one cost and gave is stored, or booked, in any case.
    if (performance.now() > yieldAt) {
      await new Promise((resolve) => setImmediate(resolve));
      yieldAt = performance.now() + YIELD_EVERY_MS;
    }
    if (items.length > 1) signal.throwIfAborted();
    const produced = outputs[index];
    if (produced === undefined) throw new Error('a target left an item unanswered');
    const { no, key, repeat, attempt } = item;
    if (produced.error !== undefined) return { no, key, repeat, attempt, ...produced, scores: [] };
    const leave = await place?.();
    try {
      const scores = await scorer
        .score(batch.run, caseOf(item, produced), signal)
        .catch(giveUp(batch, produced));
      return { no, key, repeat, attempt, ...produced, scores };
    } finally {
      leave?.();
    }
  };
  const aborted: unknown[] = [];
  const paid: Paid[] = [];
  const results = await pMap(
    items,
    async (item, index) => {
      try {
        return await scored(item, index);
      } catch (error) {
        if (!signal.aborted) throw error;
        aborted.push(error);
        if (error instanceof GivenUp) paid.push(...error.paid);
        return pMapSkip;
      }
    },
    // What is computed here gains nothing from company.
    { concurrency: place ? SIDE_BY_SIDE : 1 },
  );
  if (aborted.length === 0) return results;
  // Those that ended before are open again too.
  throw new GivenUp(aborted[0], [...paid, ...results.map((result) => paidOf(batch, result))]);
}

/** Items were aborted halfway: they are open again, and what was paid for them is owed. */
class GivenUp extends Error {
  readonly paid: readonly Paid[];

  constructor(cause: unknown, paid: readonly Paid[]) {
    super('items were given up', { cause });
    this.paid = paid;
  }
}

const giveUp =
  (batch: Batch, produced: TargetResult) =>
  (error: unknown): never => {
    if (!(error instanceof ScoringAborted)) throw error;
    const scores = error.spends.map((spend) => ({ spend }));
    throw new GivenUp(error, [paidOf(batch, { ...produced, scores })]);
  };

/** An output that was recorded, or came from a client, is used again, and so is what it cost. */
function paidOf({ run }: Batch, { costUsd, inputTokens, outputTokens, scores }: Paid): Paid {
  const isPaid = localityOf(run.target) === 'network';
  return { ...(isPaid && { costUsd, inputTokens, outputTokens }), scores };
}

async function giveUpOrSplit(
  context: RunContext,
  { batch, cause }: { batch: Batch; cause: 'worker_lost' | 'internal_error' },
): Promise<Stored | undefined> {
  const [items = []] = await openItems(context.database, [batch]);
  if (items.length > 1) {
    context.logger.warn(
      { ...batch.job, cause },
      'a batch is split to find the item that breaks it',
    );
    await splitBatch(context, batch);
    return undefined;
  }
  const message =
    cause === 'worker_lost'
      ? 'Every worker that took this item was lost; retry it when its cause is mended.'
      : 'This item failed unexpectedly every time; the worker’s log says why.';
  const results = items.map(({ no, key, repeat, attempt }) => ({
    no,
    key,
    repeat,
    attempt,
    error: { class: cause, message },
    tries: batch.earlier,
    scores: [],
  }));
  const [stored] = await storeBatches(context, [{ batch, results }]);
  return stored;
}

/** A person retried this job in Bull Board: its failed items are opened again like everywhere else. */
async function retryOneBatch(context: RunContext, runId: string, batch: number): Promise<void> {
  try {
    await reopen(context, runId, { batches: [batch] });
  } catch (error) {
    // A canceled run refuses; its message is made for people.
    if (error instanceof RequestError) throw new JobFailure(error.message, { cause: error });
    throw error;
  }
  await fill(context, runId);
}
