import { providerOperations } from '#libs/contracts';
import type { ModelsOf } from '#libs/evaluation';
import { testProvider, type Providers } from '#libs/providers';
import { noteFor } from '../http/actor.ts';
import { route, type Route } from '../http/route.ts';

export function providerRoutes(deps: { providers: Providers; models: ModelsOf }): Route[] {
  const { providers } = deps;
  return [
    route(providerOperations.createProvider, (call) =>
      providers.createProvider(call.project.id, call.body, noteFor(call)),
    ),
    route(providerOperations.listProviders, ({ project, query }) =>
      providers.listProviders(project.id, query),
    ),
    route(providerOperations.getProvider, ({ project, params }) =>
      providers.getProvider(project.id, params.id),
    ),
    route(providerOperations.updateProvider, (call) =>
      providers.updateProvider(call.project.id, call.params.id, call.body, noteFor(call)),
    ),
    route(providerOperations.deleteProvider, async (call) => {
      await providers.deleteProvider(call.project.id, call.params.id, noteFor(call));
      return undefined;
    }),
    route(providerOperations.testProvider, ({ project, params, body, response }) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const { model } = body;
      const test = { projectId: project.id, id: params.id, model, signal: gone.signal };
      return testProvider(deps, test);
    }),

    route(providerOperations.createSecret, (call) =>
      providers.createSecret(call.project.id, call.body, noteFor(call)),
    ),
    route(providerOperations.listSecrets, ({ project, query }) =>
      providers.listSecrets(project.id, query),
    ),
    route(providerOperations.updateSecret, (call) =>
      providers.updateSecret(call.project.id, call.params.id, call.body.value, noteFor(call)),
    ),
    route(providerOperations.deleteSecret, async (call) => {
      await providers.deleteSecret(call.project.id, call.params.id, noteFor(call));
      return undefined;
    }),
  ];
}
