import type { Logger } from '#libs/config';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HttpProblem, problemDocument, toHttpProblem } from './problem.ts';
import { requestIdOf } from './request-id.ts';

/** Answers every error as `application/problem+json`, and logs those that are nobody's request's fault. */
export const problemHandler =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const problem = toHttpProblem(error);
    const requestId = requestIdOf(response);
    const gone = request.socket.destroyed;
    if (problem.status >= 500 && !gone) {
      logger.error({ requestId, code: problem.code, err: error }, 'request failed');
    }
    if (gone || response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set({ 'Cache-Control': 'no-store', ...problem.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, requestId)));
  };

/** For addresses that nothing answers at. */
export const notFound: RequestHandler = (request) => {
  throw new HttpProblem(
    404,
    'route_not_found',
    `Nothing answers at ${request.method} ${request.baseUrl}${request.path}; GET /api/v1/docs describes what does.`,
  );
};
