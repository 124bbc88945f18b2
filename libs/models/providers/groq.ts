import { createGroq } from '@ai-sdk/groq';
import { leastChatCompletion, required, type ProviderLibrary } from './settings.ts';

export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createGroq({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      baseURL: provider.baseUrl ?? 'https://api.groq.com/openai/v1',
      fetch,
    });
    return {
      chat: (model) => models.languageModel(model),
    };
  },
  leastAnswer: leastChatCompletion,
};
