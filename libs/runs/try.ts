import { RequestError, type TriedItem, type TryRun } from '#libs/contracts';
import { uuid, type Database } from '#libs/database';
import type { Caller, ItemScore, ModelsOf, SecretSource, TargetResult } from '#libs/evaluation';
import { compileMetric, toScore, type ScorerTools } from '#libs/metrics';
import { createTarget } from '#libs/targets';
import { caseOf } from './case.ts';
import { recordedOutputs } from './outputs.ts';
import { inVain, sampleOf, type Sampled } from './sample.ts';
import { settle, settleMetrics } from './submit.ts';

/** Somebody waits for the answer: what takes longer is told as an error. */
const LONGEST_CALL_MS = 60_000;
const MOST_RETRIES = 1;

/** What items go through, as in a worker. */
export interface TryTools extends Omit<ScorerTools, 'models'> {
  database: Database;
  models: ModelsOf;
  caller: Caller;
  secrets: SecretSource;
}

/**
 * Evaluates a few items as a run would, and stores nothing. An item that fails, and a score that
 * breaks, are answers too.
 * @throws {RequestError} as `submit`; `target_not_tried` for a target that only its client can ask
 */
export async function tryItems(
  { database, models, ...tools }: TryTools,
  projectId: string,
  { items: count, skip, ...request }: TryRun,
  signal: AbortSignal,
): Promise<TriedItem[]> {
  const metrics = settleMetrics(request);
  const { target, sample } = await inVain(database, async (tx) => {
    const runId = uuid();
    const { version, target, items } = await settle(tx, projectId, runId, { ...request, metrics });
    if (target.kind === 'client') throw notTried();
    const length = Math.max(0, Math.min(items - skip, count));
    const places = Array.from({ length }, (_, index) => skip + index);
    const filtered = request.filter !== undefined;
    const sample = await sampleOf(tx, { runId, versionId: version.id, filtered, places });
    return { target, sample };
  });
  const settings = {
    projectId,
    timeoutMs: Math.min(request.timeoutMs, LONGEST_CALL_MS),
    maxRetries: Math.min(request.maxRetries, MOST_RETRIES),
    cache: request.cache,
  };
  const asked = models(settings);
  const outputs = await createTarget(target, {
    ...tools,
    models: asked,
    settings,
    recordedOutputs: (source) => recordedOutputs(database, source),
    clientOutputs: () => {
      throw notTried();
    },
  }).produce(
    sample.map(({ expected, ...item }) => ({
      ...item,
      repeat: 0,
      ...(expected !== null && { expected }),
    })),
    { signal },
  );
  const scorers = metrics.map(({ name, ...spec }, index) => ({
    name,
    scorer: compileMetric(spec, index, { ...tools, models: asked }),
  }));
  return Promise.all(
    sample.map(async (item, index) => {
      const produced = outputs[index];
      if (produced === undefined) throw new Error('a target left an item unanswered');
      const { error, output } = produced;
      if (error !== undefined) return { ...shown(item, produced), output: null, error, scores: [] };
      const judged = caseOf({ ...item, repeat: 0 }, { ...produced, output });
      const scores = await Promise.all(
        scorers.map(async ({ name, scorer }) => ({
          name,
          kind: scorer.shape.kind,
          given: await scorer.score(judged, signal),
        })),
      );
      return {
        ...shown(item, produced),
        ...judgeCostOf(scores.map(({ given }) => given)),
        output,
        scores: scores.map(({ name, kind, given }) => toScore(given, name, kind)),
      };
    }),
  );
}

const notTried = (): RequestError =>
  new RequestError(
    'unprocessable',
    'target_not_tried',
    'The outputs of this target come from code of yours, which is not called from here; submit the run and let the code take its items.',
    [{ field: 'target.kind', message: 'cannot be tried from here' }],
  );

function usageOf({ latencyMs, inputTokens, outputTokens, costUsd, finishReason }: TargetResult) {
  return {
    ...(latencyMs !== undefined && { latencyMs }),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(costUsd !== undefined && { costUsd }),
    ...(finishReason !== undefined && { finishReason }),
  };
}

function shown({ key, input, expected }: Sampled, produced: TargetResult) {
  const { queueMs, cached, traceId, toolCalls, context } = produced;
  return {
    key,
    repeat: 0,
    input,
    expected,
    ...usageOf(produced),
    ...(queueMs !== undefined && { queueMs }),
    ...(cached === true && { cached }),
    ...(traceId !== undefined && { traceId }),
    ...(toolCalls && { toolCalls: [...toolCalls] }),
    ...(context !== undefined && { context }),
  };
}

/** Of those judges whose price is known. */
function judgeCostOf(scores: readonly ItemScore[]): { judgeCostUsd?: number } {
  const costs = scores.flatMap(({ spend }) => spend?.costUsd ?? []);
  return costs.length === 0 ? {} : { judgeCostUsd: costs.reduce((sum, cost) => sum + cost, 0) };
}
