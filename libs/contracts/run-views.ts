import { z } from 'zod';
import { id, json, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const runViewLimits = {
  /** Views of a project. */
  views: 100,
  /** Characters of the parameters, as JSON. */
  search: 10_000,
} as const;

const search = z
  .record(text(100), json)
  .refine((value) => JSON.stringify(value).length <= runViewLimits.search, {
    message: `must have at most ${runViewLimits.search} characters as JSON`,
  })
  .meta({ description: "The parameters of the page's address" });

/** What somebody wants to see again of the list of runs: its filters, order and columns. */
export const runView = z
  .object({ id, name: z.string(), search: z.record(z.string(), json), createdAt: timestamp })
  .meta({ id: 'RunView' });
export type RunView = z.infer<typeof runView>;

export const createRunView = z
  .strictObject({ name: text(100), search })
  .meta({ id: 'CreateRunView' });
export type CreateRunView = z.infer<typeof createRunView>;

export const updateRunView = z
  .strictObject({ name: text(100).optional(), search: search.optional() })
  .refine(({ name, search }) => name !== undefined || search !== undefined, {
    message: 'give name or search',
  })
  .meta({ id: 'UpdateRunView' });
export type UpdateRunView = z.infer<typeof updateRunView>;

const params = z.object({ id });
const tag = 'Runs';

export const runViewOperations = {
  listRunViews: defineOperation({
    id: 'listRunViews',
    method: 'GET',
    path: '/run-views',
    summary: 'List the saved views of the list of runs, by name',
    tag,
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(runView),
  }),
  createRunView: defineOperation({
    id: 'createRunView',
    method: 'POST',
    path: '/run-views',
    summary: 'Save a view of the list of runs, for everybody in the project',
    description: `At most ${runViewLimits.views} in a project.`,
    tag,
    role: 'editor',
    body: createRunView,
    status: 201,
    response: runView,
  }),
  updateRunView: defineOperation({
    id: 'updateRunView',
    method: 'PATCH',
    path: '/run-views/{id}',
    summary: 'Rename a saved view, or let it show something else',
    tag,
    role: 'editor',
    params,
    body: updateRunView,
    status: 200,
    response: runView,
  }),
  deleteRunView: defineOperation({
    id: 'deleteRunView',
    method: 'DELETE',
    path: '/run-views/{id}',
    summary: 'Delete a saved view; runs stay as they are',
    tag,
    role: 'editor',
    params,
    status: 204,
  }),
};
