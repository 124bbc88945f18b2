import {
  errorClasses,
  errorClassOperations,
  runListOperations,
  runOperations,
} from '#libs/contracts';
import { describeErrorClass } from '#libs/evaluation';
import type { Runs } from '#libs/runs';
import { noteFor } from '../http/actor.ts';
import { route, type Route } from '../http/route.ts';

export function runRoutes({ runs }: { runs: Runs }): Route[] {
  return [
    route(runOperations.submitRun, ({ project, principal, headers, body }) =>
      runs.submit(project.id, body, headers['idempotency-key'], principal.keyId),
    ),
    route(runListOperations.listRuns, ({ project, query }) => runs.list(project.id, query)),
    route(runListOperations.countRuns, ({ project, query }) => runs.count(project.id, query)),
    route(runListOperations.getRunFacets, ({ project }) => runs.facets(project.id)),
    route(runListOperations.changeRuns, async (call) => ({
      items: await runs.changeMany(call.project.id, call.body, noteFor(call)),
    })),
    route(runOperations.getRun, ({ project, params }) => runs.get(project.id, params.id)),
    route(runOperations.listRunItems, ({ project, params, query }) =>
      runs.listItems(project.id, params.id, query),
    ),
    route(runOperations.listRunMetrics, ({ project, params }) =>
      runs.listMetrics(project.id, params.id),
    ),
    route(runOperations.updateRun, ({ project, params, body }) =>
      runs.update(project.id, params.id, body),
    ),
    route(runOperations.deleteRun, async (call) => {
      await runs.remove(call.project.id, call.params.id, noteFor(call));
      return undefined;
    }),
    route(runOperations.restoreRun, (call) =>
      runs.restore(call.project.id, call.params.id, noteFor(call)),
    ),
    route(runOperations.pauseRun, ({ project, params }) => runs.pause(project.id, params.id)),
    route(runOperations.resumeRun, ({ project, params }) => runs.resume(project.id, params.id)),
    route(runOperations.cancelRun, ({ project, params }) => runs.cancel(project.id, params.id)),
    route(runOperations.retryRun, ({ project, params, body }) =>
      runs.retry(project.id, params.id, body),
    ),
    route(errorClassOperations.listErrorClasses, async () => ({
      items: errorClasses.map(describeErrorClass),
      nextCursor: null,
    })),
  ];
}
