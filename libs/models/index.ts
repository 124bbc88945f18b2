import {
  CallError,
  type CallPlan,
  type CallSettings,
  type Caller,
  type ConfiguredProvider,
  type EmbeddingAnswer,
  type EmbeddingRequest,
  type ModelAnswer,
  type ModelCallOptions,
  type ModelRequest,
  type ModelSpend,
  type ModelsOf,
  type OutgoingHttp,
  type ProviderSource,
} from '#libs/evaluation';
import type { ModelPrices } from '#libs/contracts';
import stableStringify from 'fast-json-stable-stringify';
import { z } from 'zod';
import { modelOutput, outputOf, tokensOf, type ModelOutput } from './answer.ts';
import { Bounded } from './bounded.ts';
import { classified } from './classify.ts';
import { createFetch } from './fetch.ts';
import { createProviderOpener } from './opened.ts';
import { costOf, priceOf } from './prices.ts';
import { callOptionsOf } from './request.ts';
import { estimatePromptTokens, estimateTokens } from './tokens.ts';

export { costOf, priceOf } from './prices.ts';
export { estimatePromptTokens, estimateTokens } from './tokens.ts';

export interface ModelsDeps {
  caller: Caller;
  http: OutgoingHttp;
  providers: ProviderSource;
}

/** Until a model has answered: longer than most answers. */
const OUTPUT_TOKENS = 500;
const MODELS_MAX = 1000;
/** How much one answer moves the mean of a model's outputs. */
const MEAN_WEIGHT = 0.1;

const vectors = z.object({
  vectors: z.array(z.array(z.number())),
  inputTokens: z.number().optional(),
});
type Vectors = z.infer<typeof vectors>;

/**
 * Models of every project, through their providers.
 *
 * A request is sent as it is or refused: settings that a provider's library would leave out, such as
 * the temperature of a model that reasons, are an `invalid_request` that names them, before a call is
 * made. Errors are those of `classify.ts`.
 */
export function createModels({ caller, http, providers }: ModelsDeps): ModelsOf {
  const open = createProviderOpener(createFetch(http));
  const outputTokens = new Bounded<{ mean: number | undefined }>(MODELS_MAX);

  return (settings) => ({
    async generate(request, options) {
      const provider = await providers.provider(settings.projectId, request.provider);
      const opened = await open(provider);
      const model = await opened.chat(request);
      const callOptions = callOptionsOf(request);
      const seen = outputTokens.getOrMake(`${provider.id} ${request.model}`, () => ({
        mean: undefined,
      }));
      // What a request allows is mostly far more than what comes; what really came is set right afterwards.
      const expected = Math.min(
        request.parameters?.maxOutputTokens ?? Infinity,
        seen.mean ?? OUTPUT_TOKENS,
      );
      const price = priceOf(provider, request.model, request.prices);
      const wasted: ModelSpend[] = [];
      const calling = caller.call<ModelOutput>({
        ...planOf(provider, settings, options),
        estimatedTokens: Math.ceil(promptTokensOf(request) + expected),
        tokensOf: ({ inputTokens, outputTokens }) => sumOf(inputTokens, outputTokens),
        once: async (signal) =>
          attempt(provider, signal, async () => {
            const answer = await model.doGenerate({ ...callOptions, abortSignal: signal });
            try {
              return outputOf(provider.name, answer, request.responseSchema !== undefined);
            } catch (error) {
              wasted.push(spendOf(tokensOf(answer.usage), price));
              throw error;
            }
          }),
        ...(settings.cache && {
          cache: {
            projectId: settings.projectId,
            key: cacheKeyOf(provider, request),
            write: (output) => output,
            read: (stored) => modelOutput.safeParse(stored).data,
          },
        }),
      });
      const result = await calling.catch((error: unknown) => {
        throw withSpend(error, wasted);
      });
      const { answer, cached } = result;
      if (!cached && answer.outputTokens !== undefined) {
        const mean = seen.mean ?? answer.outputTokens;
        seen.mean = mean + MEAN_WEIGHT * (answer.outputTokens - mean);
      }
      const cost = costOf(price, answer);
      return answerOf(answer, cached ? 0 : cost, result);
    },

    async embed(request, options) {
      const provider = await providers.provider(settings.projectId, request.provider);
      const model = (await open(provider)).embedding(request.model);
      const size = (await model.maxEmbeddingsPerCall) ?? 1;
      const price = priceOf(provider, request.model, request.prices);
      const answers: EmbeddingAnswer[] = [];
      for (let from = 0; from < request.values.length; from += size) {
        const values = request.values.slice(from, from + size);
        const { answer, cached } = await caller.call<Vectors>({
          ...planOf(provider, settings, options),
          estimatedTokens: values.reduce((sum, value) => sum + estimateTokens(value), 0),
          tokensOf: ({ inputTokens }) => inputTokens,
          once: async (signal) =>
            attempt(provider, signal, async () => {
              const { embeddings, usage } = await model.doEmbed({ values, abortSignal: signal });
              if (embeddings.length !== values.length) {
                const message = `"${provider.name}" gave ${embeddings.length} vectors for ${values.length} texts`;
                throw new CallError('invalid_response', message);
              }
              return { vectors: embeddings, inputTokens: usage?.tokens };
            }),
          ...(settings.cache && {
            cache: {
              projectId: settings.projectId,
              key: cacheKeyOf(provider, { model: request.model, values }),
              write: (answer) => answer,
              read: (stored) => vectors.safeParse(stored).data,
            },
          }),
        });
        const { inputTokens } = answer;
        const cost = cached ? 0 : costOf(price, { inputTokens, outputTokens: 0 });
        answers.push({
          vectors: answer.vectors,
          cached,
          ...(inputTokens !== undefined && { inputTokens }),
          ...(cost !== undefined && { costUsd: cost }),
        });
      }
      return together(answers);
    },
  });
}

const planOf = (
  provider: ConfiguredProvider,
  { timeoutMs, maxRetries, keptOnly = false }: CallSettings,
  { signal, earlier, patienceMs }: ModelCallOptions,
): Pick<
  CallPlan<never>,
  'lane' | 'timeoutMs' | 'maxRetries' | 'signal' | 'keptOnly' | 'earlier' | 'patienceMs'
> => {
  const { requestsPerMinute, tokensPerMinute, maxConcurrency } = provider;
  return {
    lane: {
      key: provider.id,
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(tokensPerMinute !== undefined && { tokensPerMinute }),
      ...(maxConcurrency !== undefined && { maxConcurrency }),
    },
    timeoutMs,
    maxRetries,
    signal,
    keptOnly,
    ...(earlier && { earlier }),
    ...(patienceMs !== undefined && { patienceMs }),
  };
};

/** One try, what it throws classified; of an aborted one, the signal's reason. */
async function attempt<Answer>(
  { name }: ConfiguredProvider,
  signal: AbortSignal,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw classified(name, error);
  }
}

/** Whatever changes the answer, and nothing secret; prices and limits do not. */
const cacheKeyOf = (
  { kind, baseUrl, region, resourceName, apiVersion }: ConfiguredProvider,
  request: Omit<ModelRequest, 'provider' | 'prices'> | Pick<EmbeddingRequest, 'model' | 'values'>,
): string => {
  const { prices: _prices, provider: _provider, ...asked } = { prices: 0, provider: 0, ...request };
  return stableStringify({ kind, baseUrl, region, resourceName, apiVersion, asked });
};

function promptTokensOf({ messages, tools, responseSchema }: ModelRequest): number {
  const frame = [tools, responseSchema].filter((part) => part !== undefined);
  return (
    estimatePromptTokens(messages) +
    frame.reduce((sum, part) => sum + estimateTokens(JSON.stringify(part)), 0)
  );
}

function answerOf(
  { text, toolCalls, finishReason, inputTokens, outputTokens }: ModelOutput,
  cost: number | undefined,
  {
    latencyMs,
    queueMs,
    tries,
    cached,
  }: Pick<ModelAnswer, 'queueMs' | 'tries' | 'cached'> & {
    latencyMs: number | undefined;
  },
): ModelAnswer {
  return {
    text,
    toolCalls,
    finishReason,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cost !== undefined && { costUsd: cost }),
    ...(latencyMs !== undefined && { latencyMs }),
    queueMs,
    tries,
    cached,
  };
}

const spendOf = (
  tokens: Pick<ModelOutput, 'inputTokens' | 'cachedInputTokens' | 'outputTokens'>,
  price: ModelPrices | undefined,
): ModelSpend => {
  const { inputTokens, outputTokens } = tokens;
  const costUsd = costOf(price, tokens);
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(costUsd !== undefined && { costUsd }),
  };
};

/** The error of a call, with what was paid for answers that counted as errors. */
function withSpend(error: unknown, wasted: readonly ModelSpend[]): unknown {
  if (!(error instanceof CallError) || wasted.length === 0) return error;
  const inputTokens = sumOf(...wasted.map((spend) => spend.inputTokens));
  const outputTokens = sumOf(...wasted.map((spend) => spend.outputTokens));
  const costUsd = sumOf(...wasted.map((spend) => spend.costUsd));
  return new CallError(error.class, error.message, {
    cause: error,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    tries: error.tries,
    spend: {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(costUsd !== undefined && { costUsd }),
    },
  });
}

/** Several calls as one answer; a count that one of them lacks is not known. */
function together(answers: readonly EmbeddingAnswer[]): EmbeddingAnswer {
  const inputTokens = sumOf(...answers.map((answer) => answer.inputTokens));
  const costUsd = sumOf(...answers.map((answer) => answer.costUsd));
  return {
    vectors: answers.flatMap((answer) => answer.vectors),
    cached: answers.length > 0 && answers.every(({ cached }) => cached),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(costUsd !== undefined && { costUsd }),
  };
}

const sumOf = (...counts: readonly (number | undefined)[]): number | undefined =>
  counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
