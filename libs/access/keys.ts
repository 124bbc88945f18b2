import { noNote, type Note } from '#libs/audit';
import { RequestError, type ApiKey, type Role } from '#libs/contracts';
import {
  advisoryLocks,
  ApiKeyEntity,
  SessionEntity,
  sql,
  uuid,
  type Database,
} from '#libs/database';
import { toPage, type Page } from '#libs/paging';
import type { Principal } from './principal.ts';
import { hashSecret, newKey } from './secrets.ts';

const ADMIN_KEY_NAME = 'instance admin';

interface KeyRow {
  id: string;
  name: string;
  role: Role;
  projectId?: string | null | undefined;
}

const toPrincipal = (row: KeyRow): Principal => ({
  keyId: row.id,
  keyName: row.name,
  role: row.role,
  projectId: row.projectId ?? null,
});

const toApiKey = (row: KeyRow & { createdAt: Date }): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  projectId: row.projectId ?? null,
  createdAt: row.createdAt.toISOString(),
});

export async function findByHash(database: Database, hash: string): Promise<Principal | undefined> {
  const row = await database.em.findOne(ApiKeyEntity, { hash, revokedAt: null });
  return row ? toPrincipal(row) : undefined;
}

export async function findBySession(
  database: Database,
  hash: string,
): Promise<Principal | undefined> {
  const row = await database.queryOne<KeyRow>(sql`
    select k.id, k.name, k.role, k.project_id as "projectId"
    from sessions s join api_keys k on k.id = s.key_id
    where s.hash = ${hash} and s.expires_at > now() and k.revoked_at is null`);
  return row && toPrincipal(row);
}

/** Who has come by which keys and sessions. */
export interface Callers {
  keyIds: readonly string[];
  sessionIds: readonly string[];
}

/** See `Access.stillValid`. */
export async function stillValid(
  database: Database,
  { keyIds, sessionIds }: Callers,
): Promise<{ keyIds: Set<string>; sessionIds: Set<string> }> {
  const rows = await database.query<{ key_id: string | null; session_id: string | null }>(sql`
    select k.id as key_id, null as session_id from api_keys k
    where k.id = any(${[...keyIds]}::uuid[]) and k.revoked_at is null
    union all
    select null, s.hash from sessions s
    where s.hash = any(${[...sessionIds]}::text[]) and s.expires_at > now()`);
  return {
    keyIds: new Set(rows.flatMap(({ key_id }) => key_id ?? [])),
    sessionIds: new Set(rows.flatMap(({ session_id }) => session_id ?? [])),
  };
}

/** See `Access.ensureAdminKey`. Replicas that start together take turns under an advisory lock. */
export async function ensureAdminKey(database: Database, secret: string): Promise<void> {
  const hash = hashSecret(secret);
  await database.transaction(async (transaction) => {
    await transaction.query(sql`select pg_advisory_xact_lock(${advisoryLocks.adminKey})`);
    await transaction.query(sql`
      with revoked as (
        update api_keys set revoked_at = now()
        where project_id is null and revoked_at is null and hash <> ${hash} returning id
      )
      delete from sessions where key_id in (select id from revoked)`);
    await transaction.query(sql`
      insert into api_keys (id, project_id, name, role, hash)
      values (${uuid()}, null, ${ADMIN_KEY_NAME}, 'admin', ${hash})
      on conflict (hash) do update set project_id = null, role = 'admin', revoked_at = null
      where api_keys.project_id is not null or api_keys.revoked_at is not null`);
  });
}

export async function hasAdminKey(database: Database): Promise<boolean> {
  return (await database.em.count(ApiKeyEntity, { projectId: null, revokedAt: null })) > 0;
}

export async function createKey(
  database: Database,
  request: { name: string; role: Role; projectId: string },
  note: Note = noNote,
): Promise<ApiKey & { key: string }> {
  const key = newKey();
  const row = {
    id: uuid(),
    name: request.name,
    role: request.role,
    projectId: request.projectId,
    createdAt: new Date(),
  };
  await database.transaction(async (tx) => {
    await tx.em.insert(ApiKeyEntity, { ...row, hash: hashSecret(key) });
    const { id, name, role, projectId } = row;
    await note(tx, { action: 'key.create', projectId, target: id, details: { name, role } });
  });
  return { ...toApiKey(row), key };
}

export async function listKeys(
  database: Database,
  projectId: string,
  limit: number,
  afterId: string | undefined,
): Promise<Page<ApiKey>> {
  const rows = await database.em.find(
    ApiKeyEntity,
    { projectId, revokedAt: null, ...(afterId === undefined ? {} : { id: { $lt: afterId } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  return toPage(rows, limit, toApiKey, ({ id }) => ({ id }));
}

/** Keys of the instance are not revoked here: they come from LLM_EVAL_ADMIN_KEY. */
export async function revokeKey(
  database: Database,
  principal: Principal,
  keyId: string,
  note: Note = noNote,
): Promise<void> {
  await database.transaction(async (tx) => {
    const { em } = tx;
    const revoked = await em.nativeUpdate(
      ApiKeyEntity,
      { id: keyId, revokedAt: null, projectId: principal.projectId ?? { $ne: null } },
      { revokedAt: new Date() },
    );
    if (revoked === 0) {
      throw new RequestError(
        'not_found',
        'key_not_found',
        'There is no such key that this one may revoke; GET /api/v1/keys lists those of the project.',
      );
    }
    await em.nativeDelete(SessionEntity, { keyId });
    const { name, projectId = null } = await em.findOneOrFail(ApiKeyEntity, { id: keyId });
    await note(tx, { action: 'key.revoke', projectId, target: keyId, details: { name } });
  });
}
