import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { leastChatCompletion, required, type ProviderLibrary } from './settings.ts';

/** Whatever speaks as OpenAI does at a base URL: Ollama, vLLM, gateways. A key is optional. */
export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createOpenAICompatible({
      name: 'openai-compatible',
      baseURL: required(provider, 'baseUrl', provider.baseUrl),
      ...(provider.credentials.apiKey !== undefined && { apiKey: provider.credentials.apiKey }),
      supportsStructuredOutputs: true,
      fetch,
    });
    return {
      chat: (model) => models.chatModel(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: leastChatCompletion,
};
