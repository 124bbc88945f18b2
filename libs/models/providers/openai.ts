import { createOpenAI } from '@ai-sdk/openai';
import { leastChatCompletion, required, type ProviderLibrary } from './settings.ts';

/** Chat completions rather than responses: they take a seed and stop sequences. */
export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createOpenAI({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      baseURL: provider.baseUrl ?? 'https://api.openai.com/v1',
      fetch,
    });
    return {
      chat: (model) => models.chat(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: leastChatCompletion,
};
