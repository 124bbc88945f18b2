import { createAnthropic } from '@ai-sdk/anthropic';
import { required, type ProviderLibrary } from './settings.ts';

export const library: ProviderLibrary = {
  open(provider, fetch) {
    const models = createAnthropic({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      baseURL: provider.baseUrl ?? 'https://api.anthropic.com/v1',
      fetch,
    });
    return {
      chat: (model) => models.chat(model),
    };
  },
  leastAnswer: {
    id: 'least',
    type: 'message',
    role: 'assistant',
    model: 'least',
    content: [{ type: 'text', text: 'x' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};
