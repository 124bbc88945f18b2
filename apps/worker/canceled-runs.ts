import { every } from '#libs/config';
import { sql } from '#libs/database';
import type { RunContext } from '#libs/runs';

const LOOK_EVERY_MS = 1_000;

/**
 * Aborts what this process has in flight for runs that were canceled, or whose time is over, also where
 * nobody has stopped them for that yet: what is aborted fills, and so stops them.
 *
 * What is in flight for runs that stopped early for other reasons is paid for already, so it may end
 * and is stored; a call that would have to wait before its next try gives its place back, and is not
 * begun again.
 */
export interface CanceledRuns {
  /** Watches a run while `work` goes on; the signal aborts when the run is canceled or its time is over. */
  during<Result>(runId: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** Asks once a second, in one query, which of the runs in flight here are to be aborted. */
export function watchCanceledRuns({ database, logger }: RunContext): CanceledRuns {
  const inFlight = new Map<string, Set<AbortController>>();

  const look = async (): Promise<void> => {
    if (inFlight.size === 0) return;
    const canceled = await database.query<{ id: string }>(sql`
      select id from evaluation_runs
      where id = any(${[...inFlight.keys()]}::uuid[])
        and (state = 'canceled' or (state = 'failed' and stop_code = 'time_cap')
          or (state = 'running' and deadline_at <= now()))`);
    for (const { id } of canceled) {
      for (const controller of inFlight.get(id) ?? []) controller.abort();
    }
  };
  const looking = every(LOOK_EVERY_MS, look, (error) =>
    logger.warn({ err: error }, 'could not look for canceled runs'),
  );

  return {
    async during(runId, work) {
      const controller = new AbortController();
      const controllers = inFlight.get(runId) ?? new Set();
      inFlight.set(runId, controllers.add(controller));
      try {
        return await work(controller.signal);
      } finally {
        controllers.delete(controller);
        if (controllers.size === 0) inFlight.delete(runId);
      }
    },
    stop: () => looking.stop(),
  };
}
