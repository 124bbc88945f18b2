import { baselineOperations, gateOperations } from '#libs/contracts';
import {
  checkGate,
  createGate,
  deleteGate,
  getBaseline,
  getGate,
  listBaselines,
  listGateResults,
  listGates,
  pinBaseline,
  unpinBaseline,
  updateGate,
  type GateContext,
} from '#libs/gates';
import { route, type Route } from '../http/route.ts';

/** Seconds after which a check that waits for its comparison is worth asking for again. */
const RETRY_AFTER_S = 1;

export function gateRoutes(context: GateContext): Route[] {
  const { database } = context;
  return [
    route(baselineOperations.listBaselines, ({ project, query }) =>
      listBaselines(database, project.id, query),
    ),
    route(baselineOperations.pinBaseline, ({ project, params, body }) =>
      pinBaseline(database, project.id, params.id, body.runId),
    ),
    route(baselineOperations.getBaseline, ({ project, params }) =>
      getBaseline(database, project.id, params.id),
    ),
    route(baselineOperations.unpinBaseline, async ({ project, params }) => {
      await unpinBaseline(database, project.id, params.id);
      return undefined;
    }),
    route(gateOperations.createGate, ({ project, body }) => createGate(database, project.id, body)),
    route(gateOperations.listGates, ({ project, query }) => listGates(database, project.id, query)),
    route(gateOperations.getGate, ({ project, params }) =>
      getGate(database, project.id, params.id),
    ),
    route(gateOperations.updateGate, ({ project, params, body }) =>
      updateGate(database, project.id, params.id, body),
    ),
    route(gateOperations.deleteGate, async ({ project, params }) => {
      await deleteGate(database, project.id, params.id);
      return undefined;
    }),
    route(gateOperations.checkGate, async ({ project, params, body, response }) => {
      const check = await checkGate(context, project.id, params.id, body);
      if (check.result === null) response.status(202).set('Retry-After', String(RETRY_AFTER_S));
      return check;
    }),
    route(gateOperations.listGateResults, ({ project, query }) =>
      listGateResults(database, project.id, query),
    ),
  ];
}
