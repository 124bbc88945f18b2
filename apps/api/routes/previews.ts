import { previewOperations } from '#libs/contracts';
import type { Providers } from '#libs/providers';
import { preview, render, tryItems, type Runs, type TryTools } from '#libs/runs';
import { route, type Route } from '../http/route.ts';

export function previewRoutes(
  deps: Omit<TryTools, 'secrets'> & { providers: Providers; runs: Runs },
): Route[] {
  const { database, sandbox, http, models, caller, providers, runs } = deps;
  return [
    route(previewOperations.renderTarget, ({ project, body }) =>
      render(database, project.id, body),
    ),
    route(previewOperations.previewRun, ({ project, body }) => preview(deps, project.id, body)),
    route(previewOperations.tryRun, async ({ project, body, response }) => {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const tools = { database, sandbox, http, models, caller, secrets: providers };
      return { items: await tryItems(tools, project.id, body, gone.signal) };
    }),
    route(previewOperations.cloneRun, ({ project, principal, params, headers, body }) =>
      runs.clone(project.id, params.id, body, headers['idempotency-key'], principal.keyId),
    ),
  ];
}
