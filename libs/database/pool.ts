import type { Pool, PoolClient } from 'pg';

/**
 * Takes a connection out of the pool when it breaks in use. Kysely gives one back only after a
 * `begin`, `commit` or `rollback` that succeeded, which a broken one never does: each would be missing
 * in the pool for ever, until nothing is left to work with.
 */
export function dropBrokenConnections(pool: Pool): void {
  const watched = new WeakSet<PoolClient>();
  const inUse = new WeakSet<PoolClient>();
  pool.on('release', (_error, client) => inUse.delete(client));
  // Not on `connect`: the pool has a connection already when it is handed out by the ORM.
  pool.on('acquire', (client) => {
    inUse.add(client);
    if (watched.has(client)) return;
    watched.add(client);
    client.on('error', () => {
      if (!inUse.has(client)) return;
      client.release(true);
      // Whoever held it may give it back all the same, which pg takes for a fault.
      client.release = () => {};
    });
  });
}
