import { leaseOperations } from '#libs/contracts';
import type { Runs } from '#libs/runs';
import { route, type Route } from '../http/route.ts';

export function leaseRoutes({ runs }: { runs: Runs }): Route[] {
  return [
    route(leaseOperations.leaseItems, ({ project, params, body }) =>
      runs.leaseItems(project.id, params.id, body),
    ),
    route(leaseOperations.extendLease, ({ project, params, body }) =>
      runs.extendLease(project.id, params.id, { ...params, ...body }),
    ),
    route(leaseOperations.postLeaseResults, ({ project, params, body }) =>
      runs.postLeaseResults(project.id, params.id, { ...params, ...body }),
    ),
  ];
}
