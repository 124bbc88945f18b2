import type { Json, MetricSpec } from '#libs/contracts';
import type {
  Caller,
  ItemScore,
  MetricCase,
  ModelAnswer,
  ModelCalls,
  ModelRequest,
} from '#libs/evaluation';
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

/** Calls no endpoint. */
export const noCaller: Caller = { call: away };

/** What a scripted model answers: its text, JSON as text, what it throws, or more of an answer. */
export type ScriptedAnswer =
  string | Readonly<Record<string, Json>> | Error | (() => Partial<ModelAnswer>);

/** Models that answer as they are told, and remember what they were asked. */
export interface ScriptedModels extends ModelCalls {
  /** In the order in which they were asked. */
  requests: readonly ModelRequest[];
}

/** What each scripted answer takes. */
export const scriptedSpend = { inputTokens: 100, outputTokens: 20, costUsd: 0.001 };

/**
 * Models that give scripted answers.
 * @param answers by the order of calls, one for each; or by the request, and its place from 0
 */
export function scriptedModels(
  answers: readonly ScriptedAnswer[] | ((request: ModelRequest, call: number) => ScriptedAnswer),
): ScriptedModels {
  const requests: ModelRequest[] = [];
  const answerTo = (request: ModelRequest, call: number): ScriptedAnswer => {
    const answer = typeof answers === 'function' ? answers(request, call) : answers[call];
    return answer ?? new Error(`this test has no answer to call ${call + 1}`);
  };
  return {
    requests,
    async generate(request) {
      requests.push(request);
      const answer = answerTo(request, requests.length - 1);
      if (answer instanceof Error) throw answer;
      const given =
        typeof answer === 'function'
          ? answer()
          : { text: typeof answer === 'string' ? answer : JSON.stringify(answer) };
      return {
        ...scriptedSpend,
        text: '',
        toolCalls: [],
        finishReason: 'stop',
        queueMs: 0,
        tries: [],
        cached: false,
        ...given,
      };
    },
    embed: away,
  };
}

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
