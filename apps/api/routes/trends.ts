import { getTrend, listSeries } from '#libs/comparisons';
import { trendOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import { route, type Route } from '../http/route.ts';

export function trendRoutes({ database }: { database: Database }): Route[] {
  return [
    route(trendOperations.listSeries, ({ project, params, query }) =>
      listSeries(database, project.id, params.id, query),
    ),
    route(trendOperations.getTrend, ({ project, params, query }) =>
      getTrend(database, project.id, params.id, query),
    ),
  ];
}
