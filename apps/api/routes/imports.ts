import { importOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { getImport } from '#libs/datasets';
import { route, type Route } from '../http/route.ts';

export function importRoutes({ database }: { database: Database }): Route[] {
  return [
    route(importOperations.getImport, ({ project, params }) =>
      getImport(database, project.id, params.id),
    ),
  ];
}
