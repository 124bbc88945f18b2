import { runViewOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { createView, deleteView, listViews, updateView } from '#libs/run-views';
import { route, type Route } from '../http/route.ts';

export function runViewRoutes({ database }: { database: Database }): Route[] {
  return [
    route(runViewOperations.listRunViews, ({ project, query }) =>
      listViews(database, project.id, query),
    ),
    route(runViewOperations.createRunView, ({ project, body }) =>
      createView(database, project.id, body),
    ),
    route(runViewOperations.updateRunView, ({ project, params, body }) =>
      updateView(database, project.id, params.id, body),
    ),
    route(runViewOperations.deleteRunView, async ({ project, params }) => {
      await deleteView(database, project.id, params.id);
      return undefined;
    }),
  ];
}
