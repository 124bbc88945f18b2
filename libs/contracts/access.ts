import { z } from 'zod';
import { id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation, role } from './operation.ts';

export const project = z
  .object({ id, name: z.string(), createdAt: timestamp })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof project>;

export const apiKey = z
  .object({
    id,
    name: z.string(),
    role,
    projectId: id.nullable().meta({ description: 'null: the key belongs to the instance' }),
    createdAt: timestamp,
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

export const session = z
  .object({
    keyId: id,
    keyName: z.string(),
    role,
    instance: z.boolean().meta({ description: 'the key may work in every project' }),
    project,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

export const accessOperations = {
  createProject: defineOperation({
    id: 'createProject',
    method: 'POST',
    path: '/projects',
    summary: 'Create a project',
    description: 'For keys of the instance only.',
    tag: 'Projects and keys',
    role: 'admin',
    body: z.strictObject({ name: text(200) }),
    status: 201,
    response: project,
  }),
  listProjects: defineOperation({
    id: 'listProjects',
    method: 'GET',
    path: '/projects',
    summary: 'List the projects that this key may work in',
    tag: 'Projects and keys',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(project),
  }),
  createKey: defineOperation({
    id: 'createKey',
    method: 'POST',
    path: '/keys',
    summary: 'Create a key for a project',
    description: 'The answer is the only place where the key itself is ever shown.',
    tag: 'Projects and keys',
    role: 'admin',
    body: z.strictObject({
      name: text(200),
      role,
      projectId: id.optional().meta({ description: 'The project; left out: the one of the call' }),
    }),
    status: 201,
    response: apiKey.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' }),
  }),
  listKeys: defineOperation({
    id: 'listKeys',
    method: 'GET',
    path: '/keys',
    summary: "List the project's keys that are not revoked",
    tag: 'Projects and keys',
    role: 'admin',
    query: pageQuery,
    status: 200,
    response: page(apiKey),
  }),
  revokeKey: defineOperation({
    id: 'revokeKey',
    method: 'DELETE',
    path: '/keys/{id}',
    summary: 'Revoke a key and every session that was opened with it',
    tag: 'Projects and keys',
    role: 'admin',
    params: z.object({ id }),
    status: 204,
  }),
  signIn: defineOperation({
    id: 'signIn',
    method: 'POST',
    path: '/session',
    summary: 'Exchange a key for a session cookie',
    tag: 'Session',
    role: null,
    body: z.strictObject({ key: text(300) }),
    status: 201,
    response: session,
  }),
  getSession: defineOperation({
    id: 'getSession',
    method: 'GET',
    path: '/session',
    summary: 'Who is calling, and in which project',
    tag: 'Session',
    role: 'viewer',
    status: 200,
    response: session,
  }),
  signOut: defineOperation({
    id: 'signOut',
    method: 'DELETE',
    path: '/session',
    summary: 'End the session of the cookie',
    tag: 'Session',
    role: null,
    status: 204,
  }),
};
