import { importOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { getImport, listImports } from '#libs/datasets';
import { route, type Route } from '../http/route.ts';

export function importRoutes({ database }: { database: Database }): Route[] {
  return [
    route(importOperations.listImports, async ({ project, query }) => ({
      items: await listImports(database, project.id, query.id),
    })),
    route(importOperations.getImport, ({ project, params }) =>
      getImport(database, project.id, params.id),
    ),
  ];
}
