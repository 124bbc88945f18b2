import type { Access, Principal } from '#libs/access';
import { accessOperations, type Project, type Session } from '#libs/contracts';
import { noteFor } from '../http/actor.ts';
import { addressOf, sessionCookie, sessionToken, type Authenticator } from '../http/auth.ts';
import { route, type Route } from '../http/route.ts';

export function accessRoutes(deps: { access: Access; authenticator: Authenticator }): Route[] {
  const { access, authenticator } = deps;
  return [
    route(accessOperations.createProject, (call) =>
      access.createProject(call.principal, call.body.name, noteFor(call)),
    ),
    route(accessOperations.listProjects, ({ principal, query }) =>
      access.listProjects(principal, query),
    ),

    route(accessOperations.createKey, (call) => {
      const { principal, project, body } = call;
      const request = { ...body, projectId: body.projectId ?? project.id };
      return access.createKey(principal, request, noteFor(call));
    }),
    route(accessOperations.listKeys, ({ project, query }) => access.listKeys(project.id, query)),
    route(accessOperations.revokeKey, (call) =>
      access.revokeKey(call.principal, call.params.id, noteFor(call)).then(() => undefined),
    ),

    route(accessOperations.signIn, async ({ request, response, body }) => {
      if (isFromPage(request.headers)) authenticator.checkOrigin(request);
      const principal = await authenticator.checkKey(body.key, addressOf(request));
      const project = await access.resolveProject(principal, request.get('X-Project'));
      const token = await access.openSession(principal);
      response.append('Set-Cookie', sessionCookie(request, token));
      return toSession(principal, project);
    }),
    route(accessOperations.getSession, async ({ principal, project }) =>
      toSession(principal, project),
    ),
    route(accessOperations.signOut, async ({ request, response }) => {
      if (isFromPage(request.headers)) authenticator.checkOrigin(request);
      const token = sessionToken(request.headers);
      if (token !== undefined) await access.closeSession(token);
      response.append('Set-Cookie', sessionCookie(request, undefined));
      return undefined;
    }),
  ];
}

/** Programs that sign in say neither; a page must be one of ours, lest it signs people in as itself. */
const isFromPage = (headers: NodeJS.Dict<string | string[]>): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

const toSession = (principal: Principal, project: Project): Session => ({
  keyId: principal.keyId,
  keyName: principal.keyName,
  role: principal.role,
  instance: principal.projectId === null,
  project,
});
