import { previewOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Providers } from '#libs/providers';
import { preview, type Runs } from '#libs/runs';
import { route, type Route } from '../http/route.ts';

export function previewRoutes(deps: {
  database: Database;
  providers: Providers;
  runs: Runs;
}): Route[] {
  return [
    route(previewOperations.previewRun, ({ project, body }) => preview(deps, project.id, body)),
    route(previewOperations.cloneRun, ({ project, params, headers, body }) =>
      deps.runs.clone(project.id, params.id, body, headers['idempotency-key']),
    ),
  ];
}
