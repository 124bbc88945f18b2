import {
  RequestError,
  type Json,
  type JudgePrompts,
  type MetricSpec,
  type RunMetricSpec,
  type ToolCall,
} from '#libs/contracts';
import { sql, type Database } from '#libs/database';
import {
  OutgoingError,
  SandboxError,
  type ModelCalls,
  type ModelRequest,
  type ModelsOf,
  type OutgoingHttp,
  type Sandbox,
  type Usage,
} from '#libs/evaluation';
import { compileMetric, metricCatalogue } from '#libs/metrics';
import { caseOf } from './case.ts';
import { unknownMetric } from './item-order.ts';
import { runNotFound } from './rows.ts';

interface ItemRow {
  metrics: RunMetricSpec[];
  timeoutMs: number;
  maxRetries: number;
  cache: boolean;
  status: 'open' | 'completed' | 'failed' | null;
  repeat: number;
  input: Json;
  expected: Json;
  metadata: Record<string, Json>;
  output: Json;
  usage: Usage;
  toolCalls: ToolCall[] | null;
  context: Json | null;
}

/**
 * What a metric of a run asked of models about one item, rendered again by the code that scores: a
 * function of the run's settings, the item and its output, none of which ever change. Nobody is called.
 * A prompt that depends on what a model answered before is there where the run kept that answer in the
 * response cache.
 * @throws {RequestError} `run_not_found`, `unknown_metric`, `item_not_judged`
 */
export async function judgePromptsOf(
  { database, models }: { database: Database; models: ModelsOf },
  projectId: string,
  runId: string,
  { no, metric }: { no: number; metric: string },
): Promise<JudgePrompts> {
  const row = await readItem(database, projectId, runId, no);
  if (!row) throw runNotFound();
  const { metrics, timeoutMs, maxRetries, cache } = row;
  const index = metrics.findIndex(({ name }) => name === metric);
  const spec = metrics[index];
  if (!spec) throw unknownMetric(metrics, metric);
  if (row.status !== 'completed') {
    throw new RequestError(
      'not_found',
      'item_not_judged',
      `Item no. ${no} of this run has no output that was judged; GET /api/v1/runs/${runId}/items?status=completed lists those that have.`,
    );
  }
  const kept = models({ projectId, timeoutMs, maxRetries, cache, keptOnly: true });
  const { models: recorder, asked } = recording(kept);
  const scorer = compileMetric(spec, index, { ...nothingElse, models: recorder });
  await scorer.score(caseOf(row, producedBy(row)), new AbortController().signal);
  return {
    metric,
    prompts: togetherByText(asked.map(({ request }) => request)),
    complete: asked.every(({ answered }) => answered) || asked.length >= callsOf(spec),
  };
}

const producedBy = ({ output, usage, toolCalls, context }: ItemRow) => ({
  ...usage,
  output,
  ...(toolCalls && { toolCalls }),
  ...(context !== null && { context }),
});

const readItem = (
  database: Database,
  projectId: string,
  runId: string,
  no: number,
): Promise<ItemRow | undefined> =>
  database.queryOne<ItemRow>(sql`
    select r.metrics, r.timeout_ms as "timeoutMs", r.max_retries as "maxRetries", r.cache,
      i.status, i.repeat, d.input, d.expected, d.metadata,
      json_strip_nulls(json_build_object('latencyMs', i.latency_ms, 'inputTokens', i.input_tokens,
        'outputTokens', i.output_tokens, 'costUsd', i.cost_usd, 'finishReason', i.finish_reason))
        as usage, i.output, i.tool_calls as "toolCalls", i.context
    from evaluation_runs r
    left join evaluation_items i on i.run_id = r.id and i.no = ${no}
    left join dataset_items d on d.version_id = r.dataset_version_id and d.key = i.key
    where r.id = ${runId} and r.project_id = ${projectId}`);

interface Asked {
  request: ModelRequest;
  answered: boolean;
}

/** Models that write down what they are asked, and know only what was kept. */
function recording(kept: ModelCalls) {
  const asked: Asked[] = [];
  const models: ModelCalls = {
    async generate(request, options) {
      // The same is asked in other manners, where a model does not take the first.
      let entry = asked.find((one) => isSame(one.request, request));
      if (!entry) asked.push((entry = { request, answered: false }));
      const answer = await kept.generate(request, options);
      entry.answered = true;
      return answer;
    },
    embed: (request, options) => kept.embed(request, options),
  };
  return { models, asked };
}

const isSame = (a: ModelRequest, b: ModelRequest): boolean =>
  a.repeat === b.repeat && questionOf(a) === questionOf(b);

const questionOf = ({ provider, model, messages }: ModelRequest): string =>
  JSON.stringify([provider, model, messages]);

/** Votes ask the same several times. */
function togetherByText(requests: readonly ModelRequest[]): JudgePrompts['prompts'] {
  const groups = Map.groupBy(requests, questionOf);
  return [...groups.values()].flatMap((same) => {
    const [request] = same;
    if (!request) return [];
    const { provider, model, messages } = request;
    return [{ provider, model, messages: [...messages], times: same.length }];
  });
}

/** Calls that judging one item takes as a rule, those of metrics within it included. */
function callsOf(spec: MetricSpec): number {
  const definition = metricCatalogue.get(spec.metric);
  const parsed = definition?.config.safeParse(spec.config ?? {});
  if (!definition || !parsed?.success) return 0;
  const parts = definition.parts?.(parsed.data) ?? [];
  return parts.reduce(
    (sum, part) => sum + callsOf(part.spec),
    definition.callsPerItem?.(parsed.data).length ?? 0,
  );
}

const notHere = (): Promise<never> =>
  Promise.reject(new SandboxError('crashed', 'only prompts are rendered'));
const sandbox: Sandbox = {
  callFunction: notHere,
  parseSql: notHere,
  parseCode: notHere,
  parseXml: notHere,
  validateJson: notHere,
  checkSchema: notHere,
  close: () => Promise.resolve(),
};
const http: OutgoingHttp = {
  request: () => Promise.reject(new OutgoingError('refused', 'only prompts are rendered')),
  close: () => Promise.resolve(),
};
/** Metrics beside a judge in the same composite do not matter to its prompt, and are not to call anybody. */
const nothingElse = { sandbox, http };
