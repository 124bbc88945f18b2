import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { required, type ProviderLibrary } from './settings.ts';

/** An API key, or access keys, with which every request is signed (SigV4). */
export const library: ProviderLibrary = {
  open(provider, fetch) {
    const { apiKey, accessKeyId, secretAccessKey, sessionToken } = provider.credentials;
    const region = required(provider, 'region', provider.region);
    const models = createAmazonBedrock({
      region,
      // An empty one says that there is none; left out, it comes from the environment.
      apiKey: apiKey ?? '',
      ...(apiKey === undefined && {
        accessKeyId: required(provider, 'apiKey or accessKeyId', accessKeyId),
        secretAccessKey: required(provider, 'secretAccessKey', secretAccessKey),
        ...(sessionToken !== undefined && { sessionToken }),
      }),
      baseURL: provider.baseUrl ?? `https://bedrock-runtime.${region}.${domainOf(region)}`,
      fetch,
    });
    return {
      chat: (model) => models.languageModel(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: {
    output: { message: { role: 'assistant', content: [{ text: 'x' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  },
};

const domainOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
