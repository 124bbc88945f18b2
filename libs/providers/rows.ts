import type { ModelPrices, ProviderKind } from '#libs/contracts';
import { isoTime, sql, type ProviderSettings } from '#libs/database';
import type { SealedPlace } from '#libs/sealing';

/** A provider as the tables have it. */
export interface ProviderRow {
  id: string;
  name: string;
  kind: ProviderKind;
  settings: ProviderSettings;
  prices: Record<string, ModelPrices>;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  maxConcurrency: number | null;
  sealed: string | null;
  keyId: string | null;
  sealedAt: string | null;
  createdAt: string;
  updatedAt: string;
}

export const selectProviders = sql`
  select id, name, kind, settings, prices, requests_per_minute as "requestsPerMinute",
    tokens_per_minute as "tokensPerMinute", max_concurrency as "maxConcurrency",
    sealed, key_id as "keyId", ${isoTime('sealed_at')} as "sealedAt",
    ${isoTime('created_at')} as "createdAt", ${isoTime('updated_at')} as "updatedAt"
  from providers`;

interface Named {
  id: string;
  name: string;
}

export const providerPlace = (projectId: string, { id, name }: Named): SealedPlace => ({
  projectId,
  table: 'providers',
  rowId: id,
  name,
});

export const secretPlace = (projectId: string, { id, name }: Named): SealedPlace => ({
  projectId,
  table: 'secrets',
  rowId: id,
  name,
});
