import { providerOperations } from '#libs/contracts';
import type { ModelsOf } from '#libs/evaluation';
import { testProvider, type Providers } from '#libs/providers';
import { route, type Route } from '../http/route.ts';

export function providerRoutes(deps: { providers: Providers; models: ModelsOf }): Route[] {
  const { providers } = deps;
  return [
    route(providerOperations.createProvider, ({ project, body }) =>
      providers.createProvider(project.id, body),
    ),
    route(providerOperations.listProviders, ({ project, query }) =>
      providers.listProviders(project.id, query),
    ),
    route(providerOperations.getProvider, ({ project, params }) =>
      providers.getProvider(project.id, params.id),
    ),
    route(providerOperations.updateProvider, ({ project, params, body }) =>
      providers.updateProvider(project.id, params.id, body),
    ),
    route(providerOperations.deleteProvider, async ({ project, params }) => {
      await providers.deleteProvider(project.id, params.id);
      return undefined;
    }),
    route(providerOperations.testProvider, ({ project, params, body, response }) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const { model } = body;
      const test = { projectId: project.id, id: params.id, model, signal: gone.signal };
      return testProvider(deps, test);
    }),

    route(providerOperations.createSecret, ({ project, body }) =>
      providers.createSecret(project.id, body),
    ),
    route(providerOperations.listSecrets, ({ project, query }) =>
      providers.listSecrets(project.id, query),
    ),
    route(providerOperations.updateSecret, ({ project, params, body }) =>
      providers.updateSecret(project.id, params.id, body.value),
    ),
    route(providerOperations.deleteSecret, async ({ project, params }) => {
      await providers.deleteSecret(project.id, params.id);
      return undefined;
    }),
  ];
}
