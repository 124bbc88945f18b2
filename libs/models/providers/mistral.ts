import { createMistral } from '@ai-sdk/mistral';
import { leastChatCompletion, required, type ProviderLibrary } from './settings.ts';

export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createMistral({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      baseURL: provider.baseUrl ?? 'https://api.mistral.ai/v1',
      fetch,
    });
    return {
      chat: (model) => models.chat(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: leastChatCompletion,
};
