import type { Json, MetricSpec } from '#libs/contracts';
import type { ItemScore, MetricCase } from '#libs/evaluation';
import { compileMetric, type ScorerTools } from '#libs/metrics';

const away = (): never => {
  throw new Error('this test was not given what the metric asks for');
};

/** Tools for metrics that use none; a metric that asks for one after all breaks. */
export const noTools: ScorerTools = {
  sandbox: {
    callFunction: away,
    parseSql: away,
    parseCode: away,
    parseXml: away,
    validateJson: away,
    checkSchema: away,
    close: async () => {},
  },
  http: { request: away, close: async () => {} },
  models: { generate: away, embed: away },
};

export const unaborted: AbortSignal = new AbortController().signal;

/** One case scored by one metric, as a run would. */
export async function scoreCase(
  spec: MetricSpec,
  item: Partial<MetricCase> & { output: Json },
  tools: ScorerTools = noTools,
): Promise<ItemScore> {
  return compileMetric(spec, 0, tools).score(
    { input: null, expected: undefined, ...item },
    unaborted,
  );
}

/** The value that a metric gives, its category, or what came instead of a value. */
export async function verdictOf(
  metric: string,
  config: NonNullable<MetricSpec['config']>,
  item: Partial<MetricCase> & { output: Json },
  tools?: ScorerTools,
): Promise<number | string> {
  const { outcome, value, category } = await scoreCase({ metric, config }, item, tools);
  return outcome === 'scored' ? (value ?? category ?? 'nothing') : outcome;
}
