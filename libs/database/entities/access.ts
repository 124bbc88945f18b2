import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

export const ProjectEntity = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: uuidKey(),
    name: p.text().unique('projects_name_unique'),
    createdAt: createdAt(),
  },
});

export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: uuidKey(),
    /** Null: a key of the instance, which may work in every project. */
    projectId: p.uuid().nullable(),
    name: p.text(),
    role: p.text().$type<'viewer' | 'editor' | 'admin'>(),
    /** SHA-256 of the key, hexadecimal; the key itself is kept nowhere. */
    hash: p.text().unique('api_keys_hash_unique'),
    createdAt: createdAt(),
    revokedAt: p.datetime().nullable(),
  },
  indexes: [{ name: 'api_keys_project_index', properties: ['projectId', 'id'] }],
});

export const SessionEntity = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    /** SHA-256 of the cookie's token, hexadecimal. */
    hash: p.text().primary(),
    keyId: p.uuid(),
    createdAt: createdAt(),
    expiresAt: p.datetime(),
  },
  indexes: [
    { name: 'sessions_key_index', properties: ['keyId'] },
    { name: 'sessions_expiry_index', properties: ['expiresAt'] },
  ],
});
