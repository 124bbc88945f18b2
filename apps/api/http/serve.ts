import type { Access } from '#libs/access';
import express, { type Request, type RequestHandler, type Router } from 'express';
import { addressOf, checkRole, isSafe, notSignedIn, type Authenticator } from './auth.ts';
import { jsonBody } from './json-body.ts';
import { HttpProblem } from './problem.ts';
import type { Caller, Route } from './route.ts';

export interface ServeOptions {
  access: Access;
  authenticator: Authenticator;
  /** Called when an operation has been answered. */
  onAnswered: (operationId: string, status: number, seconds: number) => void;
}

/** A router that serves the operations; a method that no operation has at a path gets 405. */
export function serve(routes: readonly Route[], options: ServeOptions): Router {
  const router = express.Router({ caseSensitive: true });
  for (const [path, here] of byPath(routes)) {
    const methods = here.flatMap(({ operation: { method } }) =>
      method === 'GET' ? ['GET', 'HEAD'] : [method],
    );
    for (const one of here) {
      const steps = [
        authorize(one, options),
        ...(one.operation.body ? [jsonBody(one.operation.body)] : []),
        answer(one),
      ];
      if (one.operation.method === 'GET') router.get(path, steps);
      else if (one.operation.method === 'POST') router.post(path, steps);
      else if (one.operation.method === 'PATCH') router.patch(path, steps);
      else router.delete(path, steps);
    }
    router.all(path, (request) => {
      const allowed = methods.join(', ');
      throw new HttpProblem(
        405,
        'method_not_allowed',
        `${request.method} is not possible here; ${allowed} is.`,
        { headers: { Allow: allowed } },
      );
    });
  }
  return router;
}

/** Fixed segments come before parameters, so that `/runs/compare` is not a run. */
function byPath(routes: readonly Route[]): [string, Route[]][] {
  const grouped = Map.groupBy(routes, ({ operation }) => operation.path);
  return [...grouped]
    .sort(([a], [b]) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1))
    .map(([path, here]) => [path.replaceAll(/\{(\w+)\}/g, ':$1'), here]);
}

const callers = new WeakMap<Request, Caller>();

/** Before the body is read, so that nobody without a key can make the server read one. */
function authorize({ operation }: Route, options: ServeOptions): RequestHandler {
  const { access, authenticator, onAnswered } = options;
  return async (request, response, next) => {
    const started = performance.now();
    response.once('close', () =>
      onAnswered(operation.id, response.statusCode, (performance.now() - started) / 1000),
    );
    if (operation.role !== null) {
      const { headers } = request;
      const identity = await authenticator.identify({ headers, address: addressOf(request) });
      if (!identity) throw notSignedIn();
      const { principal, by } = identity;
      if (by === 'session' && !isSafe(request.method)) authenticator.checkOrigin(request);
      checkRole(principal, operation.role);
      const project = await access.resolveProject(principal, request.get('X-Project'));
      callers.set(request, { principal, project });
    }
    next();
  };
}

function answer(route: Route): RequestHandler {
  return async (request, response) => {
    const result = await route.handle({ request, response }, callers.get(request));
    // A download was written by its handler.
    if (route.operation.downloads) return;
    response.set('Cache-Control', 'no-store');
    if (response.statusCode === 200) response.status(route.operation.status);
    if (result === undefined) response.end();
    else response.json(result);
  };
}
