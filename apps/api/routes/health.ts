import { healthOperations, type Readiness } from '#libs/contracts';
import type { Database } from '#libs/database';
import { route, type Route } from '../http/route.ts';

const PATIENCE_MS = 2_000;

export function healthRoutes(deps: {
  database: Database;
  queues: { ping(): Promise<void> };
}): Route[] {
  const { database, queues } = deps;
  let migrated = false;
  const checkMigrations = async (): Promise<void> => {
    // Migrations are never taken back, so one good answer holds.
    migrated ||= await database.isMigrated();
    if (!migrated) throw new Error('There are migrations that have not been applied.');
  };

  return [
    route(healthOperations.getLiveness, async () => ({ status: 'live' as const })),

    route(healthOperations.getReadiness, async ({ response }) => {
      const [reachable, current, queue] = await Promise.all([
        succeeds(() => database.ping()),
        succeeds(checkMigrations),
        succeeds(() => queues.ping()),
      ]);
      const ready = reachable && current && queue;
      if (!ready) response.status(503);
      return {
        status: ready ? ('ready' as const) : ('unavailable' as const),
        checks: {
          database: verdict(reachable),
          migrations: verdict(reachable && current),
          queue: verdict(queue),
        },
      };
    }),
  ];
}

const verdict = (passed: boolean): Readiness['checks']['database'] => (passed ? 'ok' : 'failed');

/** Whether `check` succeeds in time; it may go on after that, unheard. */
async function succeeds(check: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const checked = check().then(
    () => true,
    () => false,
  );
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}
