import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';

export interface TestDatabase {
  url: string;
  /** Removes the database, ending the connections that are still open to it. */
  drop(): Promise<void>;
}

/**
 * Makes a fresh database in the PostgreSQL of this jest run: empty, or a copy of `template`, the
 * name of a database (see `databaseName`) that nobody is connected to.
 */
export async function createTestDatabase(template?: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const from = template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`;
  await maintain(`CREATE DATABASE ${name}${from}`);
  const url = new URL(maintenanceUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** The name of the database that a connection URL leads to. */
export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

function maintenanceUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is unset: run the tests by jest.');
  return url;
}

async function maintain(statement: string): Promise<void> {
  const client = new Client({ connectionString: maintenanceUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
