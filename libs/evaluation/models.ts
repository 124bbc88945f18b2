import type {
  Json,
  ModelParameters,
  ModelPrices,
  ModelTool,
  PromptMessage,
  ProviderCredentials,
  ProviderKind,
  ToolCall,
} from '#libs/contracts';
import type { FailedTry, ModelSpend } from './calls.ts';

/** What a model is asked. */
export interface ModelRequest {
  /** The name of one of the project's providers. */
  provider: string;
  model: string;
  messages: readonly PromptMessage[];
  parameters?: ModelParameters;
  prices?: ModelPrices;
  /** A structured output is wanted: its JSON Schema. */
  responseSchema?: Record<string, Json>;
  tools?: readonly ModelTool[];
  toolChoice?: 'auto' | 'none' | 'required' | { tool: string };
  /**
   * Which of several askings of the same this is, from 0: what makes each repeat, or vote, its own
   * answer in the response cache.
   */
  repeat: number;
}

export interface ModelAnswer extends ModelSpend {
  /** What the model wrote, its parts joined; empty where it only called tools. */
  text: string;
  toolCalls: readonly ToolCall[];
  /** `stop`, `length`, `tool-calls`, `content-filter`, `other`. */
  finishReason: string;
  latencyMs?: number;
  queueMs: number;
  tries: readonly FailedTry[];
  cached: boolean;
}

export interface EmbeddingRequest {
  provider: string;
  model: string;
  prices?: ModelPrices;
  values: readonly string[];
}

export interface EmbeddingAnswer extends ModelSpend {
  /** One for each value, in their order. */
  vectors: readonly (readonly number[])[];
  cached: boolean;
}

/** How one asking is to be made; what is left out is as the run has it. */
export interface ModelCallOptions {
  signal: AbortSignal;
  earlier?: readonly FailedTry[];
  patienceMs?: number;
}

/**
 * Models of one project's providers, asked with the time-outs, retries and cache of one run.
 * Every call goes through its provider's shared limits.
 */
export interface ModelCalls {
  /**
   * @throws {CallError} in a class of the closed set, where the model gave no answer; its `spend` is
   *   what was paid all the same, of all tries since the last deferral
   * @throws {CallDeferred} where `patienceMs` is not enough
   */
  generate(request: ModelRequest, options: ModelCallOptions): Promise<ModelAnswer>;
  /** @throws {CallError} */
  embed(request: EmbeddingRequest, options: ModelCallOptions): Promise<EmbeddingAnswer>;
}

/** How calls of a run are made. */
export interface CallSettings {
  projectId: string;
  timeoutMs: number;
  maxRetries: number;
  cache: boolean;
  /** Nobody is called: what the response cache does not have is a `CallError` of class `invalid_request`. */
  keptOnly?: boolean;
}

/** Models for one run, or one trial. */
export type ModelsOf = (settings: CallSettings) => ModelCalls;

/** The values of a project's secrets, for those who call elsewhere. */
export interface SecretSource {
  /** @throws {CallError} `not_configured` where there is none of this name, or it cannot be decrypted */
  secret(projectId: string, name: string): Promise<string>;
}

/** One of a project's providers, its credentials in clear: never to be logged, stored or answered with. */
export interface ConfiguredProvider {
  id: string;
  name: string;
  kind: ProviderKind;
  baseUrl?: string;
  region?: string;
  resourceName?: string;
  apiVersion?: string;
  credentials: ProviderCredentials;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  maxConcurrency?: number;
  /** By model. */
  prices: Readonly<Record<string, ModelPrices>>;
}

/** The providers of all projects, for those who call them. */
export interface ProviderSource {
  /** @throws {CallError} `not_configured` where there is none of this name, or it cannot be decrypted */
  provider(projectId: string, name: string): Promise<ConfiguredProvider>;
}
