import { createGoogle } from '@ai-sdk/google';
import { required, type ProviderLibrary } from './settings.ts';

/** Gemini. */
export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createGoogle({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      baseURL: provider.baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta',
      fetch,
    });
    return {
      chat: (model) => models.chat(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: {
    candidates: [{ content: { role: 'model', parts: [{ text: 'x' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  },
};
