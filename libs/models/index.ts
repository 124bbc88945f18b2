import {
  CallError,
  type Caller,
  type ModelsOf,
  type OutgoingHttp,
  type ProviderSource,
} from '#libs/evaluation';

export interface ModelsDeps {
  caller: Caller;
  http: OutgoingHttp;
  providers: ProviderSource;
}

/** Models of every project, through their providers. */
export const createModels =
  ({ providers }: ModelsDeps): ModelsOf =>
  ({ projectId }) => {
    const away = async ({ provider }: { provider: string }): Promise<never> => {
      await providers.provider(projectId, provider);
      throw new CallError('not_configured', 'models are not built yet');
    };
    return { generate: away, embed: away };
  };
