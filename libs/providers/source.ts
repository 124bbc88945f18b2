import { providerCredentials } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { CallError, type ConfiguredProvider, type ProviderSource } from '#libs/evaluation';
import type { SecretSource } from '#libs/evaluation';
import { SealError, type Sealed, type SealedPlace, type Sealing } from '#libs/sealing';
import { LRUCache } from 'lru-cache';
import { mayGoWithoutCredentials, neededCredentials } from './kinds.ts';
import { providerPlace, secretPlace, selectProviders, type ProviderRow } from './rows.ts';

/**
 * For how long a row is believed: less than it takes to retry a run. Whoever replaces a key retries at
 * once, and five refusals of the old one would stop the run again.
 */
const FRESH_MS = 20;
const MOST_ROWS = 1_000;

interface SecretRow extends Sealed {
  id: string;
  name: string;
}

/** What is remembered of a name: its row, sealed as it is stored, or that there is none. */
type Remembered<Row> = { row: Row | undefined };

/** Where calls get providers and secrets from. */
export interface Source extends ProviderSource, SecretSource {
  /** Something of that name has changed here: what is remembered of it does not count any more. */
  forget(projectId: string, name: string): void;
}

/**
 * Reads each row fifty times a second at most, however many calls ask for it. What is in clear is made for
 * each call, and remembered nowhere.
 */
export function createSource(database: Queryable, sealing: Sealing): Source {
  const providers = remember<ProviderRow>((projectId, name) =>
    database.queryOne<ProviderRow>(
      sql`${selectProviders} where project_id = ${projectId} and name = ${name}`,
    ),
  );
  const secrets = remember<SecretRow>((projectId, name) =>
    database.queryOne<SecretRow>(sql`
      select id, name, sealed, key_id as "keyId" from secrets
      where project_id = ${projectId} and name = ${name}`),
  );

  return {
    async provider(projectId, name) {
      const row = await providers.get(projectId, name);
      if (row === undefined) {
        throw new CallError(
          'not_configured',
          `The project has no provider "${name}": add one of that name.`,
        );
      }
      return configured(sealing, projectId, row);
    },

    async secret(projectId, name) {
      const row = await secrets.get(projectId, name);
      if (row === undefined) {
        throw new CallError(
          'not_configured',
          `The project has no secret "${name}": add one of that name.`,
        );
      }
      return open(sealing, row, secretPlace(projectId, row), `the secret "${name}"`);
    },

    forget(projectId, name) {
      providers.forget(projectId, name);
      secrets.forget(projectId, name);
    },
  };
}

function configured(sealing: Sealing, projectId: string, row: ProviderRow): ConfiguredProvider {
  const { id, name, kind, settings, prices } = row;
  const { requestsPerMinute, tokensPerMinute, maxConcurrency } = row;
  const what = `the credentials of the provider "${name}"`;
  if (row.sealed === null && !mayGoWithoutCredentials(kind)) {
    throw new CallError(
      'not_configured',
      `The provider "${name}" has no credentials: give it ${neededCredentials(kind)}.`,
    );
  }
  const credentials =
    row.sealed === null || row.keyId === null
      ? {}
      : providerCredentials.parse(
          JSON.parse(
            open(
              sealing,
              { sealed: row.sealed, keyId: row.keyId },
              providerPlace(projectId, row),
              what,
            ),
          ),
        );
  return {
    id,
    name,
    kind,
    ...settings,
    credentials,
    prices,
    ...(requestsPerMinute !== null && { requestsPerMinute }),
    ...(tokensPerMinute !== null && { tokensPerMinute }),
    ...(maxConcurrency !== null && { maxConcurrency }),
  };
}

/** @throws {CallError} `not_configured` */
function open(sealing: Sealing, stored: Sealed, place: SealedPlace, what: string): string {
  try {
    return sealing.open(stored, place);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new CallError('not_configured', `Cannot decrypt ${what}: ${error.message}.`, {
      cause: error,
    });
  }
}

function remember<Row>(read: (projectId: string, name: string) => Promise<Row | undefined>) {
  const rows = new LRUCache<string, Remembered<Row>, { projectId: string; name: string }>({
    max: MOST_ROWS,
    ttl: FRESH_MS,
    // Who asked before it was forgotten gets what there was then; it is just not remembered.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, _stale, { context }) => ({
      row: await read(context.projectId, context.name),
    }),
  });
  const keyOf = (projectId: string, name: string): string => `${projectId}/${name}`;
  return {
    async get(projectId: string, name: string): Promise<Row | undefined> {
      const context = { projectId, name };
      return (await rows.forceFetch(keyOf(projectId, name), { context })).row;
    },
    forget: (projectId: string, name: string): void => {
      rows.delete(keyOf(projectId, name));
    },
  };
}
