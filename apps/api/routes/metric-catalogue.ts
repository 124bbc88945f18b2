import { metricOperations, RequestError, type MetricSpec } from '#libs/contracts';
import type { CallSettings, MetricCase, ModelsOf } from '#libs/evaluation';
import {
  checkMetricSpecs,
  compileMetric,
  describeMetrics,
  MetricSpecError,
  toScore,
  type ScorerTools,
} from '#libs/metrics';
import { route, type Route } from '../http/route.ts';

/** One item, tried by a person who waits for it. */
const patience: Omit<CallSettings, 'projectId'> = {
  timeoutMs: 60_000,
  maxRetries: 2,
  cache: false,
};

export function metricCatalogueRoutes({
  sandbox,
  http,
  models,
}: Omit<ScorerTools, 'models'> & { models: ModelsOf }): Route[] {
  const described = describeMetrics();
  return [
    route(metricOperations.listMetrics, async ({ query }) => ({
      items: described.filter(
        ({ family }) => query.family === undefined || family === query.family,
      ),
      nextCursor: null,
    })),
    route(metricOperations.getMetric, async ({ params }) => {
      const found = described.find(({ name }) => name === params.name);
      if (found) return found;
      throw new RequestError(
        'not_found',
        'metric_not_found',
        `There is no metric "${params.name}"; GET /api/v1/metrics lists those that are.`,
      );
    }),
    route(metricOperations.tryMetric, async ({ project, body, response }) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const { name, ...spec } = check(body.metric);
      const scorer = compileMetric(spec, 0, {
        sandbox,
        http,
        models: models({ ...patience, projectId: project.id }),
      });
      const { input, output, expected, metadata, usage, toolCalls, context } = body.item;
      const item: MetricCase = {
        input,
        output,
        expected,
        ...(metadata && { metadata }),
        ...(usage && { usage: defined(usage) }),
        ...(toolCalls && { toolCalls }),
        ...(context !== undefined && { context }),
      };
      return toScore(await scorer.score(item, gone.signal), name, scorer.shape.kind);
    }),
  ];
}

function check(spec: MetricSpec) {
  try {
    const [checked = { ...spec, name: spec.metric }] = checkMetricSpecs([spec]);
    return checked;
  } catch (error) {
    if (!(error instanceof MetricSpecError)) throw error;
    const errors = error.errors.map(({ field, message }) => ({
      field: field.replace(/^metrics\.0/, 'metric'),
      message,
    }));
    const message = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    throw new RequestError('invalid', 'invalid_metric', message, errors);
  }
}

/** The same without what is undefined: left out and not known are one here. */
function defined({
  latencyMs,
  inputTokens,
  outputTokens,
  costUsd,
  finishReason,
}: {
  [Name in keyof NonNullable<MetricCase['usage']>]:
    NonNullable<MetricCase['usage']>[Name] | undefined;
}): NonNullable<MetricCase['usage']> {
  return {
    ...(latencyMs !== undefined && { latencyMs }),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(costUsd !== undefined && { costUsd }),
    ...(finishReason !== undefined && { finishReason }),
  };
}
