import { RequestError, type Json } from '#libs/contracts';
import type { MetricCase, ModelsOf, Target, TargetResult } from '#libs/evaluation';
import type { Handler, JobHandle } from '#libs/queues';
import {
  clientOutputs,
  faultBatch,
  fill,
  openItems,
  recordedOutputs,
  releaseBatch,
  reopen,
  splitBatch,
  startBatch,
  storeBatch,
  type Batch,
  type ItemResult,
  type OpenItem,
  type RunContext,
  type Stored,
} from '#libs/runs';
import type { createTarget, TargetPorts } from '#libs/targets';
import pMap from 'p-map';
import { createGate } from './alone.ts';
import type { CanceledRuns } from './canceled-runs.ts';
import type { ItemScorer } from './scorers.ts';

/** What an item goes through. */
export interface Tools {
  createTarget: typeof createTarget;
  scorer: ItemScorer;
  /** What targets use of the world, beside what belongs to one run. */
  ports: Pick<TargetPorts, 'caller' | 'http' | 'secrets'> & { models: ModelsOf };
}

/** Scoring gives way to the event loop this often, so that locks are renewed in time. */
const YIELD_EVERY_MS = 50;

export interface BatchHandler {
  handle: Handler<'batches'>;
  /** Ends what is at work here and hands it back: the process must stop. */
  abort(): void;
}

/** Works on batches: asks the target for the open items, scores, stores, fills the window again. */
export function createBatchHandler(
  context: RunContext,
  canceledRuns: CanceledRuns,
  tools: Tools,
): BatchHandler {
  const gate = createGate();
  const stopping = new AbortController();

  const work = async (batch: Batch): Promise<Stored | undefined> => {
    const items = await openItems(context.database, batch);
    const target = tools.createTarget(batch.run.target, {
      ...tools.ports,
      recordedOutputs: (source) => recordedOutputs(context.database, source),
      clientOutputs: () => clientOutputs(context.database, batch.run.id, items),
      models: tools.ports.models(batch.run),
      settings: batch.run,
    });
    const results = await canceledRuns.during(batch.run.id, async (canceled) => {
      const signal = AbortSignal.any([canceled, stopping.signal]);
      try {
        return await produceAndScore(batch, items, { target, scorer: tools.scorer }, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        throw error;
      }
    });
    if (results === undefined) {
      await releaseBatch(context.database, batch.job);
      return undefined;
    }
    return storeBatch(context, batch, results);
  };

  const handle: Handler<'batches'> = async (job, handleOfJob) => {
    if (handleOfJob.attemptsMade > 0) {
      await retryOneBatch(context, job.runId, job.batch);
      return;
    }
    const attempt = async (how: { alone: boolean }) => {
      const started = await startBatch(context, job, how);
      if (started.kind !== 'work') return started;
      return { kind: 'done', stored: await owned(context, started.batch, work) } as const;
    };
    let start = await gate.together(() => attempt({ alone: false }));
    if (start.kind === 'alone') start = await gate.alone(() => attempt({ alone: true }));
    let stored: Stored | undefined;
    if (start.kind === 'done') stored = start.stored;
    else if (start.kind === 'poisoned') stored = await giveUpOrSplit(context, start);
    await goOn(context, job.runId, stored, handleOfJob);
  };

  return { handle, abort: () => stopping.abort() };
}

/** Counts an unexpected error against its batch, so that one that always fails is given up in the end. */
async function owned(
  context: RunContext,
  batch: Batch,
  work: (batch: Batch) => Promise<Stored | undefined>,
): Promise<Stored | undefined> {
  try {
    return await work(batch);
  } catch (error) {
    await faultBatch(context.database, batch.job).catch((fault: unknown) => {
      context.logger.warn({ err: fault }, 'a fault could not be counted');
    });
    context.logger.error({ err: error, ...batch.job }, 'a batch failed unexpectedly');
    // What went wrong stands in the log; Bull Board shows this message to people, and it could quote data.
    throw new Error(
      'The batch failed unexpectedly and will be tried again; see the worker’s log.',
      {
        cause: error,
      },
    );
  }
}

async function produceAndScore(
  batch: Batch,
  items: readonly OpenItem[],
  { target, scorer }: { target: Target; scorer: ItemScorer },
  signal: AbortSignal,
): Promise<ItemResult[]> {
  signal.throwIfAborted();
  const outputs = await target.produce(
    items.map(({ key, repeat, input }) => ({ key, repeat, input })),
    { signal },
  );
  let yieldAt = performance.now() + YIELD_EVERY_MS;
  const resultOf = async (item: OpenItem, index: number): Promise<ItemResult> => {
    // Between items only: what the last one cost and gave is stored, or booked, in any case.
    if (performance.now() > yieldAt) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      yieldAt = performance.now() + YIELD_EVERY_MS;
    }
    const produced = outputs[index];
    if (produced === undefined) throw new Error('a target left an item unanswered');
    const scores =
      produced.error === undefined
        ? await scorer.score(batch.run, caseOf(item, produced), signal)
        : [];
    return {
      no: item.no,
      key: item.key,
      repeat: item.repeat,
      attempt: item.attempt,
      output: produced.output,
      error: produced.error,
      latencyMs: produced.latencyMs,
      inputTokens: produced.inputTokens,
      outputTokens: produced.outputTokens,
      costUsd: produced.costUsd,
      finishReason: produced.finishReason,
      toolCalls: produced.toolCalls,
      scores,
    };
  };
  const concurrency = scorer.sideBySide(batch.run);
  // One after the other where all is computed here: side by side would only cost more.
  if (concurrency > 1) return pMap(items, resultOf, { concurrency });
  const results: ItemResult[] = [];
  for (const [index, item] of items.entries()) results.push(await resultOf(item, index));
  return results;
}

function caseOf(item: OpenItem, produced: TargetResult & { output: Json }): MetricCase {
  const { output, toolCalls, error: _, ...usage } = produced;
  return {
    input: item.input,
    output,
    expected: item.expected ?? undefined,
    metadata: item.metadata,
    usage,
    ...(toolCalls && { toolCalls }),
  };
}

async function giveUpOrSplit(
  context: RunContext,
  { batch, cause }: { batch: Batch; cause: 'worker_lost' | 'internal_error' },
): Promise<Stored | undefined> {
  const items = await openItems(context.database, batch);
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
  return storeBatch(
    context,
    batch,
    items.map(({ no, key, repeat, attempt }) => ({
      no,
      key,
      repeat,
      attempt,
      output: undefined,
      error: { class: cause, message },
      latencyMs: undefined,
      inputTokens: undefined,
      outputTokens: undefined,
      costUsd: undefined,
      finishReason: undefined,
      toolCalls: undefined,
      scores: [],
    })),
  );
}

/** Whatever a batch ended with: show it, fill the window again, and let Bull Board see what failed. */
async function goOn(
  context: RunContext,
  runId: string,
  stored: Stored | undefined,
  job: JobHandle,
): Promise<void> {
  if (context.queues.kind === 'redis' && stored?.hint === true) {
    await job.hint(runId);
  }
  await fill(context, runId);
  if (stored && stored.failed > 0) {
    throw new Error(
      `${stored.failed} of ${stored.closed} items failed; the run's page says which.`,
    );
  }
}

/** A person retried this job in Bull Board: its failed items are opened again like everywhere else. */
async function retryOneBatch(context: RunContext, runId: string, batch: number): Promise<void> {
  try {
    await reopen(context, runId, { batch });
  } catch (error) {
    // A canceled run refuses; its message is made for people.
    if (error instanceof RequestError) throw new Error(error.message, { cause: error });
    throw error;
  }
  await fill(context, runId);
}
