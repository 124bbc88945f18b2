import { noNote, type Note } from '#libs/audit';
import {
  RequestError,
  type CreateProvider,
  type Provider,
  type ProviderCredentials,
  type Secret,
  type UpdateProvider,
} from '#libs/contracts';
import {
  isUniqueViolation,
  sql,
  uuid,
  type Database,
  type ProviderSettings,
  type Queryable,
} from '#libs/database';
import type { ProviderSource, SecretSource } from '#libs/evaluation';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { createSealing } from '#libs/sealing';
import { z } from 'zod';
import { checkProvider } from './kinds.ts';
import { providerPlace, selectProviders, type ProviderRow } from './rows.ts';
import { createSecrets } from './secrets.ts';
import { createSource } from './source.ts';

/**
 * The providers and secrets of all projects. What is in clear comes out of `provider` and `secret`
 * alone, for those who call elsewhere; a change made by another process counts with the next call.
 */
export interface Providers extends ProviderSource, SecretSource {
  /** @throws {RequestError} `invalid_provider`, `provider_exists`, `no_secret_key` */
  createProvider(projectId: string, given: CreateProvider, note?: Note): Promise<Provider>;
  /** By name. */
  listProviders(projectId: string, query: PageQuery): Promise<Page<Provider>>;
  /** @throws {RequestError} `provider_not_found` */
  getProvider(projectId: string, id: string): Promise<Provider>;
  /**
   * A key is only sent to the address that it was given for: another baseUrl needs it again.
   * @throws {RequestError} `provider_not_found`, `invalid_provider`, `credentials_needed`, `no_secret_key`
   */
  updateProvider(
    projectId: string,
    id: string,
    change: UpdateProvider,
    note?: Note,
  ): Promise<Provider>;
  /** Deletes the row, and its key with it. @throws {RequestError} `provider_not_found` */
  deleteProvider(projectId: string, id: string, note?: Note): Promise<void>;
  /** @throws {RequestError} `secret_exists`, `no_secret_key` */
  createSecret(
    projectId: string,
    given: { name: string; value: string },
    note?: Note,
  ): Promise<Secret>;
  /** By name. */
  listSecrets(projectId: string, query: PageQuery): Promise<Page<Secret>>;
  /** @throws {RequestError} `secret_not_found`, `no_secret_key` */
  updateSecret(projectId: string, id: string, value: string, note?: Note): Promise<Secret>;
  /** @throws {RequestError} `secret_not_found` */
  deleteSecret(projectId: string, id: string, note?: Note): Promise<void>;
}

const nameCursor = z.strictObject({ name: z.string().max(100) });

/** @param deps.secretKeys of the installation, see `createSealing` */
export function createProviders(deps: {
  database: Database;
  secretKeys: readonly string[];
}): Providers {
  const { database } = deps;
  const sealing = createSealing(deps.secretKeys);
  const source = createSource(database, sealing);

  const seal = (
    projectId: string,
    row: { id: string; name: string },
    credentials: ProviderCredentials,
  ) => sealing.seal(JSON.stringify(credentials), providerPlace(projectId, row));

  return {
    provider: (projectId, name) => source.provider(projectId, name),
    secret: (projectId, name) => source.secret(projectId, name),
    ...createSecrets(database, sealing, source),

    async createProvider(projectId, given, note = noNote) {
      const { name, kind, credentials } = given;
      const settings = changed({}, given);
      checkProvider(kind, settings, credentials);
      const id = uuid();
      const sealed = credentials && seal(projectId, { id, name }, credentials);
      try {
        await database.transaction(async (tx) => {
          await tx.query(sql`
          insert into providers (id, project_id, name, kind, settings, prices,
            requests_per_minute, tokens_per_minute, max_concurrency, sealed, key_id, sealed_at)
          values (${id}, ${projectId}, ${name}, ${kind}, ${JSON.stringify(settings)}::json,
            ${JSON.stringify(given.prices ?? {})}::json, ${given.requestsPerMinute ?? null},
            ${given.tokensPerMinute ?? null}, ${given.maxConcurrency ?? null},
            ${sealed?.sealed ?? null}, ${sealed?.keyId ?? null},
            ${sealed === undefined ? sql`null` : sql`now()`})`);
          await note(tx, {
            action: 'provider.create',
            projectId,
            target: id,
            details: { name, kind },
          });
        });
      } catch (error) {
        if (!isUniqueViolation(error, 'providers_name_unique')) throw error;
        throw new RequestError(
          'conflict',
          'provider_exists',
          'The project has a provider of that name already; choose another name, or change that one.',
          [{ field: 'name', message: 'is taken' }],
        );
      }
      source.forget(projectId, name);
      return getProvider(database, projectId, id);
    },

    async listProviders(projectId, query) {
      const after = decodeCursor(nameCursor, query.cursor);
      const rows = await database.query<ProviderRow>(sql`
        ${selectProviders} where project_id = ${projectId}
          ${after ? sql`and name > ${after.name}` : sql``}
        order by name limit ${query.limit + 1}`);
      return toPage(rows, query.limit, toProvider, ({ name }) => ({ name }));
    },

    getProvider: (projectId, id) => getProvider(database, projectId, id),

    async updateProvider(projectId, id, change, note = noNote) {
      const provider = await database.transaction(async (transaction) => {
        const row = await transaction.queryOne<ProviderRow>(sql`
          ${selectProviders} where id = ${id} and project_id = ${projectId} for update`);
        if (!row) throw providerNotFound();
        const settings = changed(row.settings, change);
        const { credentials } = change;
        checkProvider(row.kind, settings, credentials ?? undefined);
        const keeps = credentials === undefined;
        if (keeps && row.sealed !== null && settings.baseUrl !== row.settings.baseUrl) {
          throw credentialsNeeded();
        }
        const sealed = credentials && seal(projectId, row, credentials);
        await transaction.query(sql`
          update providers set
            settings = ${JSON.stringify(settings)}::json,
            prices = ${JSON.stringify(kept(row.prices, change.prices) ?? {})}::json,
            requests_per_minute = ${kept(row.requestsPerMinute, change.requestsPerMinute)},
            tokens_per_minute = ${kept(row.tokensPerMinute, change.tokensPerMinute)},
            max_concurrency = ${kept(row.maxConcurrency, change.maxConcurrency)},
            updated_at = now()
            ${keeps ? sql`` : sql`, sealed = ${sealed?.sealed ?? null}, key_id = ${sealed?.keyId ?? null}, sealed_at = ${sealed ? sql`now()` : sql`null`}`}
          where id = ${id}`);
        const fields = Object.entries(change).flatMap(([field, value]) =>
          value === undefined ? [] : [field],
        );
        const details = { name: row.name, fields: fields.toSorted() };
        await note(transaction, { action: 'provider.update', projectId, target: id, details });
        return getProvider(transaction, projectId, id);
      });
      source.forget(projectId, provider.name);
      return provider;
    },

    async deleteProvider(projectId, id, note = noNote) {
      const gone = await database.transaction(async (tx) => {
        const deleted = await tx.queryOne<{ name: string }>(sql`
          delete from providers where id = ${id} and project_id = ${projectId} returning name`);
        if (!deleted) throw providerNotFound();
        const details = { name: deleted.name };
        await note(tx, { action: 'provider.delete', projectId, target: id, details });
        return deleted;
      });
      source.forget(projectId, gone.name);
    },
  };
}

async function getProvider(database: Queryable, projectId: string, id: string): Promise<Provider> {
  const row = await database.queryOne<ProviderRow>(
    sql`${selectProviders} where id = ${id} and project_id = ${projectId}`,
  );
  if (!row) throw providerNotFound();
  return toProvider(row);
}

const toProvider = (row: ProviderRow): Provider => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  hasCredentials: row.sealed !== null,
  credentialsUpdatedAt: row.sealedAt,
  baseUrl: row.settings.baseUrl ?? null,
  region: row.settings.region ?? null,
  resourceName: row.settings.resourceName ?? null,
  apiVersion: row.settings.apiVersion ?? null,
  requestsPerMinute: row.requestsPerMinute,
  tokensPerMinute: row.tokensPerMinute,
  maxConcurrency: row.maxConcurrency,
  prices: row.prices,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

/** Null takes away; what is left out stays. */
const kept = <Value>(before: Value | null, change: Value | null | undefined): Value | null =>
  change === undefined ? before : change;

function changed(
  before: ProviderSettings,
  change: Pick<UpdateProvider, keyof ProviderSettings>,
): ProviderSettings {
  const baseUrl = kept(before.baseUrl ?? null, change.baseUrl);
  const region = kept(before.region ?? null, change.region);
  const resourceName = kept(before.resourceName ?? null, change.resourceName);
  const apiVersion = kept(before.apiVersion ?? null, change.apiVersion);
  return {
    ...(baseUrl !== null && { baseUrl }),
    ...(region !== null && { region }),
    ...(resourceName !== null && { resourceName }),
    ...(apiVersion !== null && { apiVersion }),
  };
}

const providerNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'provider_not_found',
    'There is no such provider in this project; GET /api/v1/providers lists those that are.',
  );

const credentialsNeeded = (): RequestError =>
  new RequestError(
    'unprocessable',
    'credentials_needed',
    'A stored key is only sent to the address that it was given for: give the credentials again with the new baseUrl.',
    [{ field: 'credentials', message: 'is needed with another baseUrl' }],
  );
