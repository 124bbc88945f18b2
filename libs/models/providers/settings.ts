import { CallError, type ConfiguredProvider } from '#libs/evaluation';
import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider';

/** The models of one provider, as its library speaks to them. */
export interface ProviderModels {
  chat(this: void, model: string): LanguageModelV4;
  /** Left out where the provider has no embeddings. */
  embedding?(this: void, model: string): EmbeddingModelV4;
}

/** One kind of provider. */
export interface ProviderLibrary {
  /**
   * Every setting is handed over, also those that have defaults: what is left out the libraries take
   * from the environment, which is the operator's and not the project's.
   * @throws {CallError} `not_configured` where a key or a setting is missing
   */
  open(this: void, provider: ConfiguredProvider, fetch: typeof globalThis.fetch): ProviderModels;
  /** The least that the provider answers to a chat; see `settings-left-out.ts`. */
  leastAnswer: unknown;
}

/** @throws {CallError} `not_configured` */
export function required(
  provider: ConfiguredProvider,
  name: string,
  value: string | undefined,
): string {
  if (value !== undefined && value !== '') return value;
  throw new CallError(
    'not_configured',
    `the provider "${provider.name}" (${provider.kind}) has no ${name}; add it to the provider`,
  );
}

/** As OpenAI's chat completions, and all that speak like it, answer. */
export const leastChatCompletion = {
  id: 'least',
  object: 'chat.completion',
  created: 0,
  model: 'least',
  choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
