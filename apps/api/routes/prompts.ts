import { promptOperations } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  createPrompt,
  createPromptVersion,
  deletePrompt,
  getPrompt,
  listPrompts,
  listPromptVersions,
  restorePrompt,
} from '#libs/prompts';
import { route, type Route } from '../http/route.ts';

export function promptRoutes({ database }: { database: Database }): Route[] {
  return [
    route(promptOperations.createPrompt, ({ project, body }) =>
      createPrompt(database, project.id, body),
    ),
    route(promptOperations.listPrompts, ({ project, query }) =>
      listPrompts(database, project.id, query),
    ),
    route(promptOperations.getPrompt, ({ project, params }) =>
      getPrompt(database, project.id, params.id),
    ),
    route(promptOperations.deletePrompt, async ({ project, params }) => {
      await deletePrompt(database, project.id, params.id);
      return undefined;
    }),
    route(promptOperations.restorePrompt, ({ project, params }) =>
      restorePrompt(database, project.id, params.id),
    ),
    route(promptOperations.createPromptVersion, ({ project, params, body }) =>
      createPromptVersion(database, project.id, params.id, body),
    ),
    route(promptOperations.listPromptVersions, ({ project, params, query }) =>
      listPromptVersions(database, project.id, params.id, query),
    ),
  ];
}
