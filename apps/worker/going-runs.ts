import type { RunPlan } from '#libs/runs';
import { gather } from './gather.ts';

/** An answer is shared by all who ask within this time. */
const SHARED_FOR_MS = 100;

/**
 * Whether a run still goes on, asked by each of its items before its call begins. Those that ask
 * together share a query. Where what the run may spend is capped, each answer was looked up after the
 * question, so that the cap is exceeded by no more than what was in flight; otherwise it may be 100 ms
 * old, and calls follow each other without a wait for the database.
 */
export function askWhetherRunsGoOn(
  look: (runIds: readonly string[]) => Promise<Set<string>>,
): (run: Pick<RunPlan, 'id' | 'capped'>) => Promise<boolean> {
  const shared = new Map<string, { answer: Promise<boolean>; until: number }>();
  const ask = gather(
    () => '',
    async (runIds: readonly string[]) => {
      const going = await look(runIds);
      return runIds.map((runId) => going.has(runId));
    },
  );

  return ({ id, capped }) => {
    if (capped) return ask(id);
    const now = performance.now();
    const known = shared.get(id);
    if (known && now < known.until) return known.answer;
    for (const [runId, { until }] of shared) if (until <= now) shared.delete(runId);
    const answer = ask(id);
    shared.set(id, { answer, until: now + SHARED_FOR_MS });
    answer.catch(() => shared.delete(id));
    return answer;
  };
}
