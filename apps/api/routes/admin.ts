import type { Admin } from '#libs/admin';
import { listAuditEvents } from '#libs/audit';
import { adminOperations, type HandlerAnswer, type Operation } from '#libs/contracts';
import type { Database } from '#libs/database';
import { listReplicas, listWorkers } from '#libs/fleet';
import { noteFor } from '../http/actor.ts';
import { checkInstanceKey } from '../http/auth.ts';
import { route, type Call, type Route } from '../http/route.ts';

/** What spans all projects: for admin keys of the instance only. */
export function adminRoutes(deps: { admin: Admin; database: Database }): Route[] {
  const { admin, database } = deps;
  return [
    forInstance(adminOperations.listWorkers, async () => ({
      items: await listWorkers(database),
      nextCursor: null,
    })),
    forInstance(adminOperations.listReplicas, async () => ({
      items: await listReplicas(database),
      nextCursor: null,
    })),
    forInstance(adminOperations.getScaling, ({ query }) => admin.scaling(query.target)),
    forInstance(adminOperations.listQueues, async () => ({
      items: await admin.listQueues(),
      nextCursor: null,
    })),
    forInstance(adminOperations.pauseQueue, (call) =>
      admin.pauseQueue(call.params.queue, noteFor(call)),
    ),
    forInstance(adminOperations.resumeQueue, (call) =>
      admin.resumeQueue(call.params.queue, noteFor(call)),
    ),
    forInstance(adminOperations.drainQueue, (call) =>
      admin.drainQueue(call.params.queue, call.body.confirm, noteFor(call)),
    ),
    forInstance(adminOperations.obliterateQueue, (call) =>
      admin.obliterateQueue(call.params.queue, call.body.confirm, noteFor(call)),
    ),
    forInstance(adminOperations.listFailedJobs, ({ params, query }) =>
      admin.listFailedJobs(params.queue, query),
    ),
    forInstance(adminOperations.listFailures, ({ query }) => admin.listFailures(query)),
    forInstance(adminOperations.listFailedItems, ({ query }) => admin.listFailedItems(query)),
    forInstance(adminOperations.retryFailures, (call) =>
      admin.retryFailures(call.body, noteFor(call)),
    ),
    forInstance(adminOperations.listAuditEvents, ({ query }) => listAuditEvents(database, query)),
  ];
}

/** Refuses keys of projects before anything else. */
function forInstance<const O extends Operation & { role: 'admin' }>(
  operation: O,
  handler: (call: Call<O>) => Promise<HandlerAnswer<O>>,
): Route {
  const bound = route(operation, handler);
  return {
    operation,
    handle: async (raw, caller) => {
      if (caller) checkInstanceKey(caller.principal);
      return bound.handle(raw, caller);
    },
  };
}
