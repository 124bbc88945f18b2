import type { ModelPrices, ProviderKind } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

/** What a provider's settings are beside its key: all of it may be shown. */
export interface ProviderSettings {
  baseUrl?: string;
  region?: string;
  resourceName?: string;
  apiVersion?: string;
}

export const ProviderEntity = defineEntity({
  name: 'Provider',
  tableName: 'providers',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    kind: p.text().$type<ProviderKind>(),
    settings: p.json<ProviderSettings>().columnType('json').defaultRaw(`'{}'`),
    prices: p.json<Record<string, ModelPrices>>().columnType('json').defaultRaw(`'{}'`),
    requestsPerMinute: p.integer().nullable(),
    tokensPerMinute: p.integer().nullable(),
    maxConcurrency: p.integer().nullable(),
    /** Credentials, encrypted, and which of the installation's keys they are encrypted with. */
    sealed: p.text().nullable(),
    keyId: p.text().nullable(),
    sealedAt: p.datetime().nullable(),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ name: 'providers_name_unique', properties: ['projectId', 'name'] }],
});

export const SecretEntity = defineEntity({
  name: 'Secret',
  tableName: 'secrets',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    sealed: p.text(),
    keyId: p.text(),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ name: 'secrets_name_unique', properties: ['projectId', 'name'] }],
});
