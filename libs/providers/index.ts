import type { Database } from '#libs/database';
import { CallError, type ProviderSource, type SecretSource } from '#libs/evaluation';

/** The providers and secrets of all projects. */
export type Providers = ProviderSource & SecretSource;

export function createProviders(_deps: { database: Database }): Providers {
  const missing = async (_projectId: string, name: string): Promise<never> => {
    throw new CallError('not_configured', `"${name}" is not configured`);
  };
  return { provider: missing, secret: missing };
}
