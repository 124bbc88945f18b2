import { createAzure } from '@ai-sdk/azure';
import { leastChatCompletion, required, type ProviderLibrary } from './settings.ts';

/** The models are the names of deployments. Dated API versions have an address for each deployment. */
export const library: ProviderLibrary = {
  open(provider, fetch) {
    const { baseUrl, apiVersion, resourceName } = provider;
    const models = createAzure({
      apiKey: required(provider, 'apiKey', provider.credentials.apiKey),
      ...(baseUrl === undefined
        ? { resourceName: required(provider, 'resourceName or baseUrl', resourceName) }
        : { baseURL: baseUrl }),
      ...(apiVersion !== undefined && {
        apiVersion,
        useDeploymentBasedUrls: /^\d{4}-/.test(apiVersion),
      }),
      fetch,
    });
    return {
      chat: (model) => models.chat(model),
      embedding: (model) => models.embeddingModel(model),
    };
  },
  leastAnswer: leastChatCompletion,
};
