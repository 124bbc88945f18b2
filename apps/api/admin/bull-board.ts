import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Database } from '#libs/database';
import { Queue } from 'bullmq';
import express, { type RequestHandler, type Router } from 'express';
import type { BoardQueues } from '../deps.ts';
import { noteFor } from '../http/actor.ts';
import {
  addressOf,
  checkInstanceKey,
  checkRole,
  isSafe,
  notSignedIn,
  type Authenticator,
} from '../http/auth.ts';
import { HttpProblem } from '../http/problem.ts';

export const BOARD_PATH = '/admin/queues';

/** Retrying what failed is all that may be changed; the reconciler sees to everything else. */
const retries = [
  /^\/api\/queues\/(?<queue>[^/]+)\/retry\/failed$/,
  /^\/api\/queues\/(?<queue>[^/]+)\/(?<job>[^/]+)\/retry(\/failed)?$/,
];

/**
 * Bull Board behind a gate. Queues hold the jobs of all projects, so only an admin key of the instance
 * opens it. It can remove jobs and stop queues, of which runs know nothing: only looking and retrying
 * pass, and who retried is written down.
 */
export function bullBoardRouter(deps: {
  queues: BoardQueues;
  authenticator: Authenticator;
  database: Database;
}): Router {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: deps.queues.boards
      .filter(isBoardQueue)
      .map((queue) => new BullMQAdapter(queue, { allowRetries: true, readOnlyMode: false })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'LLM-Eval queues',
        hideDocsLink: true,
        hideRedisDetails: true,
        miscLinks: [{ text: 'Back to LLM-Eval', url: '/' }],
      },
    },
  });
  const router = express.Router();
  router.use(gate(deps));
  router.use('/api', async (_request, _response, next) => {
    // The board would answer with whatever the driver says.
    await deps.queues.ping().catch(() => {
      throw new HttpProblem(503, 'queue_unavailable', 'The queue is away; try again soon.', {
        headers: { 'Retry-After': '5' },
      });
    });
    next();
  });
  router.use(adapter.getRouter());
  return router;
}

/** The adapter's types know of Redis only; it works with queues on PostgreSQL as well. */
const isBoardQueue = (queue: unknown): queue is Queue => queue instanceof Queue;

function gate({
  authenticator,
  database,
}: {
  authenticator: Authenticator;
  database: Database;
}): RequestHandler {
  return async (request, response, next) => {
    const navigates = isSafe(request.method) && request.accepts(['json', 'html']) === 'html';
    const toSignIn = () => {
      response.redirect(`/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
    };
    const { headers } = request;
    let identity;
    try {
      identity = await authenticator.identify({ headers, address: addressOf(request) });
    } catch (error) {
      if (!navigates || !(error instanceof HttpProblem) || error.status !== 401) throw error;
    }
    if (!identity) {
      if (!navigates) throw notSignedIn();
      toSignIn();
      return;
    }
    const { principal, by } = identity;
    // Who follows a link is told in words what it needs, on a page; programs by a problem.
    if (navigates && !(principal.role === 'admin' && principal.projectId === null)) {
      response.redirect('/operations');
      return;
    }
    checkRole(principal, 'admin');
    checkInstanceKey(principal);
    if (!isSafe(request.method)) {
      if (by === 'session') authenticator.checkOrigin(request);
      const retry = retries.map((path) => path.exec(request.path)).find((match) => match !== null);
      if (request.method !== 'PUT' || !retry) {
        throw new HttpProblem(
          403,
          'board_is_read_only',
          'Here failed jobs can be looked at and retried; runs are paused and canceled through the API.',
        );
      }
      const { queue = null, job } = retry.groups ?? {};
      await noteFor({ principal, request, response })(database, {
        action: 'board.retry',
        projectId: null,
        target: queue,
        details: job === undefined ? { all: 'failed' } : { job },
      });
    }
    next();
  };
}
