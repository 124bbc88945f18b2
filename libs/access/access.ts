import { noNote, type Note } from '#libs/audit';
import { RequestError, type ApiKey, type Project, type Role } from '#libs/contracts';
import {
  ProjectEntity,
  SessionEntity,
  isUniqueViolation,
  uuid,
  type Database,
} from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import * as keys from './keys.ts';
import type { Principal } from './principal.ts';
import { hashSecret, newToken } from './secrets.ts';

/** The project that exists from the start, in which instance keys work unless they name another. */
export const DEFAULT_PROJECT = 'default';
export const SESSION_DAYS = 14;

/** Projects, keys and sessions: who is calling, and what belongs to whom. */
export interface Access {
  /** Makes the project `default` where it is missing. Any number of processes may call it at once. */
  ensureDefaultProject(): Promise<void>;
  /**
   * Makes `secret` the one admin key of the instance: an earlier one is revoked, with its sessions, so
   * that changing LLM_EVAL_ADMIN_KEY is how a leaked one is replaced. Idempotent.
   */
  ensureAdminKey(secret: string): Promise<void>;
  hasAdminKey(): Promise<boolean>;
  /** The key that `secret` is; undefined where there is none, or it is revoked. */
  authenticate(secret: string): Promise<Principal | undefined>;
  /** The key that opened the session; undefined where it is over or unknown. */
  authenticateSession(token: string): Promise<Principal | undefined>;
  /** Opens a session of `SESSION_DAYS`; the token is kept nowhere but in the answer. */
  openSession(principal: Principal): Promise<string>;
  closeSession(token: string): Promise<void>;
  /** Which session a token opens; what is kept of it tells nothing of the token. */
  sessionIdOf(token: string): string;
  /** Of these keys and sessions those that are neither revoked nor over, in one query. */
  stillValid(callers: keys.Callers): Promise<{ keyIds: Set<string>; sessionIds: Set<string> }>;
  /**
   * The project to work in: the key's own, or for keys of the instance the one named by id or name,
   * else `default`.
   * @throws {RequestError} `project_not_found`, also where it exists but is not for this key
   */
  resolveProject(principal: Principal, named: string | undefined): Promise<Project>;
  /** @throws {RequestError} `instance_key_needed`, `project_exists` */
  createProject(principal: Principal, name: string, note?: Note): Promise<Project>;
  listProjects(principal: Principal, query: PageQuery): Promise<Page<Project>>;
  /** The new key, shown this once. @throws {RequestError} `project_not_found` */
  createKey(
    principal: Principal,
    request: { name: string; role: Role; projectId: string },
    note?: Note,
  ): Promise<ApiKey & { key: string }>;
  listKeys(projectId: string, query: PageQuery): Promise<Page<ApiKey>>;
  /** Revokes a key and its sessions. @throws {RequestError} `key_not_found` */
  revokeKey(principal: Principal, keyId: string, note?: Note): Promise<void>;
}

const idCursor = z.strictObject({ id: z.uuid() });
const uuidText = z.uuid();

const toProject = (row: { id: string; name: string; createdAt: Date }): Project => ({
  id: row.id,
  name: row.name,
  createdAt: row.createdAt.toISOString(),
});

const projectNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'project_not_found',
    'There is no such project for this key; GET /api/v1/projects lists those that it may work in.',
  );

export function createAccess(database: Database): Access {
  /** Ids of version 7 sort by time, so the id alone is a place in a list, newest first. */
  const listProjects: Access['listProjects'] = async (principal, query) => {
    const after = decodeCursor(idCursor, query.cursor);
    const rows = await database.em.find(
      ProjectEntity,
      {
        ...(principal.projectId === null ? {} : { id: principal.projectId }),
        ...(after ? { $and: [{ id: { $lt: after.id } }] } : {}),
      },
      { orderBy: { id: 'desc' }, limit: query.limit + 1 },
    );
    return toPage(rows, query.limit, toProject, ({ id }) => ({ id }));
  };

  const resolveProject: Access['resolveProject'] = async (principal, named) => {
    const { projectId } = principal;
    const asId = uuidText.safeParse(named).success ? named : undefined;
    const found = await database.em.find(ProjectEntity, {
      $or: [
        ...(named === undefined && projectId !== null ? [{ id: projectId }] : []),
        ...(named === undefined && projectId === null ? [{ name: DEFAULT_PROJECT }] : []),
        ...(named === undefined ? [] : [{ name: named }]),
        ...(asId === undefined ? [] : [{ id: asId }]),
      ],
    });
    // A project may be named like the id of another; the id wins.
    const project = found.find(({ id }) => id === asId?.toLowerCase()) ?? found[0];
    if (!project || (projectId !== null && project.id !== projectId)) throw projectNotFound();
    return toProject(project);
  };

  return {
    async ensureDefaultProject() {
      await database.em.upsert(
        ProjectEntity,
        { id: uuid(), name: DEFAULT_PROJECT },
        { onConflictFields: ['name'], onConflictAction: 'ignore' },
      );
    },

    ensureAdminKey: (secret) => keys.ensureAdminKey(database, secret),
    hasAdminKey: () => keys.hasAdminKey(database),
    authenticate: (secret) => keys.findByHash(database, hashSecret(secret)),
    authenticateSession: (token) => keys.findBySession(database, hashSecret(token)),

    async openSession(principal) {
      const token = newToken();
      const now = Date.now();
      const { em } = database;
      await em.nativeDelete(SessionEntity, { expiresAt: { $lt: new Date(now) } });
      await em.insert(SessionEntity, {
        hash: hashSecret(token),
        keyId: principal.keyId,
        expiresAt: new Date(now + SESSION_DAYS * 86_400_000),
      });
      return token;
    },

    async closeSession(token) {
      await database.em.nativeDelete(SessionEntity, { hash: hashSecret(token) });
    },

    sessionIdOf: hashSecret,
    stillValid: (callers) => keys.stillValid(database, callers),

    resolveProject,
    listProjects,

    async createProject(principal, name, note = noNote) {
      if (principal.projectId !== null) {
        throw new RequestError(
          'forbidden',
          'instance_key_needed',
          'Only a key of the instance may create projects; this key belongs to one project.',
        );
      }
      const project = { id: uuid(), name, createdAt: new Date() };
      try {
        await database.transaction(async (tx) => {
          await tx.em.insert(ProjectEntity, project);
          const { id } = project;
          await note(tx, {
            action: 'project.create',
            projectId: id,
            target: id,
            details: { name },
          });
        });
      } catch (error) {
        if (!isUniqueViolation(error, 'projects_name_unique')) throw error;
        throw new RequestError(
          'conflict',
          'project_exists',
          'A project of that name exists already; choose another name.',
          [{ field: 'name', message: 'is taken' }],
        );
      }
      return toProject(project);
    },

    async createKey(principal, request, note) {
      const { id } = await resolveProject(principal, request.projectId);
      return keys.createKey(database, { ...request, projectId: id }, note);
    },

    listKeys: (projectId, query) => {
      const after = decodeCursor(idCursor, query.cursor);
      return keys.listKeys(database, projectId, query.limit, after?.id);
    },

    revokeKey: (principal, keyId, note) => keys.revokeKey(database, principal, keyId, note),
  };
}
