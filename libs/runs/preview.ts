import type {
  HttpTarget,
  MetricSpec,
  ModelRef,
  RunPreview,
  SettledTarget,
  SubmitRun,
} from '#libs/contracts';
import { sql, uuid, type Database, type Queryable } from '#libs/database';
import { CallError, type ConfiguredProvider, type ProviderSource } from '#libs/evaluation';
import { metricCatalogue } from '#libs/metrics';
import { costOf, estimateTokens, priceOf } from '#libs/models';
import { renderer } from './rendering.ts';
import { inVain, placesOf, sampleOf, type Sampled } from './sample.ts';
import { settle, settleMetrics } from './submit.ts';

/** Where nothing is known of a model yet. */
const ASSUMED = { outputTokens: 300, latencyMs: 2_000, verdictForm: 100, judgeOutput: 300 };
const EARLIER_RUNS = 50;
const EARLIER_ITEMS = 1_000;

/** Calls of one model, as they are expected. */
interface Expected {
  model: Pick<ModelRef, 'provider' | 'model' | 'prices'>;
  calls: number;
  inputTokens: number;
  outputTokens: number;
}

/**
 * What a run would do and cost. Checks exactly what a submit checks, in a transaction that is rolled
 * back; calls nothing, stores nothing. Its numbers are estimates, and `assumptions` says on what they rest.
 * @throws {RequestError} as `submit`
 */
export async function preview(
  { database, providers }: { database: Database; providers: ProviderSource },
  projectId: string,
  { items: shown, ...request }: SubmitRun & { items: number },
): Promise<RunPreview> {
  const metrics = settleMetrics(request);
  const settled = await inVain(database, async (tx) => {
    const runId = uuid();
    const { version, target, items, total } = await settle(tx, projectId, runId, {
      ...request,
      metrics,
    });
    const places = placesOf(items, { items: shown, skip: 0 });
    const filtered = request.filter !== undefined;
    const sample = await sampleOf(tx, { runId, versionId: version.id, filtered, places });
    return { target, total, sample };
  });
  const { target, total, sample } = settled;
  const assumptions: string[] = [];
  const warnings: string[] = [];
  const rendered = sample.map(renderer(target));
  const failing = rendered.filter(({ error }) => error).length;
  if (failing > 0) {
    warnings.push(
      `${failing} of ${sample.length} sampled items would fail before any call: ${rendered.find(({ error }) => error)?.error?.message}`,
    );
  }
  // What cannot be rendered is never sent, and no judge sees it.
  const going = Math.round((total * (rendered.length - failing)) / Math.max(1, rendered.length));
  const known = await lookUp(providers, projectId, [
    ...(target.kind === 'model' ? [target.provider] : []),
    ...metrics.flatMap(modelsOf).map(({ model }) => model.provider),
  ]);
  for (const { problem } of known.values()) if (problem !== undefined) warnings.push(problem);

  const asked: Expected[] = [];
  const earlier =
    target.kind === 'model' || target.kind === 'http'
      ? await earlierOf(database, projectId, target)
      : undefined;
  if (target.kind === 'model') {
    const given = rendered.flatMap(({ inputTokens }) => inputTokens ?? []);
    const outputTokens =
      earlier?.outputTokens ?? target.parameters?.maxOutputTokens ?? ASSUMED.outputTokens;
    assumptions.push(
      `Input tokens are a quarter of the bytes of the prompts of ${given.length} sampled items.`,
      typeof earlier?.outputTokens === 'number'
        ? `Outputs have ${Math.round(outputTokens)} tokens, as in earlier runs of this model.`
        : target.parameters?.maxOutputTokens !== undefined
          ? `Outputs have ${outputTokens} tokens, as maxOutputTokens allows.`
          : `Outputs have ${outputTokens} tokens; nothing is known of this model yet.`,
    );
    asked.push({
      model: target,
      calls: going,
      inputTokens: Math.round(mean(given) * going),
      outputTokens: Math.round(outputTokens * going),
    });
  }
  const judges = expectedOfJudges(metrics, sample, going);
  if (judges.length > 0) {
    assumptions.push(
      `A judge is asked all of its prompts for each vote; each has its own text, what it shows of the item, and an output of ${ASSUMED.outputTokens} tokens, and is answered in ${ASSUMED.judgeOutput} tokens.`,
    );
  }
  const price = ({ model, inputTokens, outputTokens }: Expected): number | undefined => {
    const provider = known.get(model.provider)?.provider;
    const prices = provider ? priceOf(provider, model.model, model.prices) : model.prices;
    return costOf(prices, { inputTokens, outputTokens });
  };
  const targetSpend =
    target.kind === 'http' ? spendOfEndpoint(target, going, earlier) : spendOf(asked, price);
  const judgeSpend = spendOf(judges, price);
  const unpriced = [...asked, ...judges].filter((one) => price(one) === undefined);
  for (const name of new Set(unpriced.map(({ model }) => model.model))) {
    warnings.push(
      `No price of ${name} is known, so its cost cannot be estimated and no cap on cost holds for it; set one at the provider.`,
    );
  }
  if (
    request.maxCostUsd !== undefined &&
    target.kind === 'http' &&
    target.costUsdPath === undefined
  ) {
    warnings.push(
      'Nothing says where in its answers the endpoint tells what they cost (costUsdPath), so no cap on cost holds for it.',
    );
  }
  const cost = (targetSpend.costUsd ?? 0) + (judgeSpend.costUsd ?? 0);
  if (request.maxCostUsd !== undefined && cost > request.maxCostUsd) {
    warnings.push(
      `The run would cost about ${cost.toPrecision(2)} USD, more than its cap of ${request.maxCostUsd} USD: it would stop early.`,
    );
  }
  const latencyMs = earlier?.latencyMs ?? ASSUMED.latencyMs;
  const waits = target.kind === 'model' || target.kind === 'http' || judges.length > 0;
  if (waits) {
    assumptions.push(
      typeof earlier?.latencyMs !== 'number'
        ? `A call takes ${latencyMs / 1000} s; nothing is known of this one yet.`
        : `A call takes ${(latencyMs / 1000).toFixed(1)} s, as in an earlier run of this ${target.kind === 'http' ? 'endpoint' : 'model'}.`,
    );
  }
  const seconds =
    target.kind === 'client'
      ? null
      : secondsOf([...asked, ...judges], {
          items: going,
          endpointCalls: target.kind === 'http' ? going : 0,
          latencyMs,
          concurrency: request.concurrency,
          providers: known,
        });
  if (
    seconds !== null &&
    request.maxDurationMs !== undefined &&
    seconds * 1000 > request.maxDurationMs
  ) {
    warnings.push(
      `The run would take about ${Math.ceil(seconds)} s, longer than its cap of ${request.maxDurationMs / 1000} s: it would stop early.`,
    );
  }
  return {
    total,
    items: rendered.slice(0, shown),
    failing,
    sampled: sample.length,
    target: targetSpend,
    judges: judgeSpend,
    seconds,
    assumptions,
    warnings,
  };
}

/** A model that a metric asks. */
interface Asked {
  model: Pick<ModelRef, 'provider' | 'model' | 'prices'>;
  /** For one item, the tokens of each prompt's own text; undefined: it embeds texts of the item. */
  promptTokens: readonly number[] | undefined;
}

/** The models that a metric asks, also by metrics within it. */
function modelsOf(spec: MetricSpec): Asked[] {
  const definition = metricCatalogue.get(spec.metric);
  const parsed = definition?.config.safeParse(spec.config ?? {});
  if (!definition || !parsed?.success) return [];
  const promptTokens = definition.callsPerItem?.(parsed.data).map(estimateTokens);
  return [
    ...(definition.models?.(parsed.data) ?? []).map(({ model }) => ({ model, promptTokens })),
    ...(definition.parts?.(parsed.data) ?? []).flatMap((part) => modelsOf(part.spec)),
  ];
}

function expectedOfJudges(
  metrics: readonly MetricSpec[],
  sample: readonly Sampled[],
  total: number,
): Expected[] {
  const ofItem = mean(
    sample.map(({ input, expected }) => estimateTokens(JSON.stringify([input, expected]))),
  );
  return metrics.flatMap(modelsOf).map(({ model, promptTokens }) => {
    if (!promptTokens) {
      return { model, calls: total, inputTokens: Math.round(ofItem * total), outputTokens: 0 };
    }
    const material = ofItem + ASSUMED.outputTokens + ASSUMED.verdictForm;
    const calls = promptTokens.length * total;
    return {
      model,
      calls,
      inputTokens: Math.round(sum(promptTokens) * total + material * calls),
      outputTokens: ASSUMED.judgeOutput * calls,
    };
  });
}

function spendOf(asked: readonly Expected[], price: (one: Expected) => number | undefined) {
  const costs = asked.map(price);
  return {
    calls: sum(asked.map(({ calls }) => calls)),
    inputTokens: sum(asked.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(asked.map(({ outputTokens }) => outputTokens)),
    costUsd: costs.includes(undefined) ? null : sum(costs.map((cost) => cost ?? 0)),
  };
}

type Known = Map<string, { provider?: ConfiguredProvider; problem?: string }>;

async function lookUp(
  providers: ProviderSource,
  projectId: string,
  names: readonly string[],
): Promise<Known> {
  const known: Known = new Map();
  for (const name of new Set(names)) {
    try {
      known.set(name, { provider: await providers.provider(projectId, name) });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      known.set(name, { problem: error.message });
    }
  }
  return known;
}

/** The longest of what the concurrency and each provider's limits make of it. */
function secondsOf(
  asked: readonly Expected[],
  how: {
    items: number;
    endpointCalls: number;
    latencyMs: number;
    concurrency: number;
    providers: Known;
  },
): number {
  const calls = how.endpointCalls + sum(asked.map((one) => one.calls));
  // The calls of one item come one after the other, also where there are fewer items than may be in flight.
  const rounds = Math.ceil(how.items / how.concurrency);
  const bounds = [(rounds * (calls / Math.max(1, how.items)) * how.latencyMs) / 1000];
  for (const [name, { provider }] of how.providers) {
    const ofProvider = asked.filter(({ model }) => model.provider === name);
    const calls = sum(ofProvider.map((one) => one.calls));
    const tokens = sum(ofProvider.map((one) => one.inputTokens + one.outputTokens));
    if (provider?.requestsPerMinute) bounds.push((calls / provider.requestsPerMinute) * 60);
    if (provider?.tokensPerMinute) bounds.push((tokens / provider.tokensPerMinute) * 60);
    if (provider?.maxConcurrency) {
      bounds.push((calls * how.latencyMs) / 1000 / provider.maxConcurrency);
    }
  }
  return Math.max(...bounds);
}

/** Means over the answers of an earlier run. */
interface Earlier {
  inputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  latencyMs: number | null;
}

/** What the last completed run of the same model or endpoint in this project says of its answers. */
async function earlierOf(
  database: Queryable,
  projectId: string,
  target: Extract<SettledTarget, { kind: 'model' | 'http' }>,
): Promise<Earlier | undefined> {
  const runs = await database.query<{ id: string; target: SettledTarget }>(sql`
    select id, target from evaluation_runs
    where project_id = ${projectId} and state = 'completed'
    order by created_at desc limit ${EARLIER_RUNS}`);
  const found = runs.find(({ target: before }) =>
    target.kind === 'model'
      ? before.kind === 'model' &&
        before.provider === target.provider &&
        before.model === target.model
      : before.kind === 'http' && before.url === target.url && before.method === target.method,
  );
  if (!found) return undefined;
  return database.queryOne<Earlier>(sql`
    select avg(input_tokens)::float8 as "inputTokens", avg(output_tokens)::float8 as "outputTokens",
      avg(cost_usd)::float8 as "costUsd", avg(latency_ms)::float8 as "latencyMs"
    from (
      select input_tokens, output_tokens, cost_usd, latency_ms from evaluation_items
      where run_id = ${found.id} and status = 'completed' and not cached limit ${EARLIER_ITEMS}
    ) i`);
}

/** What an endpoint takes is known only where it has said so before, and will be read again. */
function spendOfEndpoint(target: HttpTarget, calls: number, earlier: Earlier | undefined) {
  const expected = (path: string | undefined, mean: number | null | undefined) =>
    path === undefined || typeof mean !== 'number' ? null : mean * calls;
  const tokens = (path: string | undefined, mean: number | null | undefined) => {
    const all = expected(path, mean);
    return all === null ? null : Math.round(all);
  };
  return {
    calls,
    inputTokens: tokens(target.inputTokensPath, earlier?.inputTokens),
    outputTokens: tokens(target.outputTokensPath, earlier?.outputTokens),
    costUsd: expected(target.costUsdPath, earlier?.costUsd),
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : sum(values) / values.length;
