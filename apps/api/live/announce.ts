import type { Runs } from '#libs/runs';

/** The same runs, but what a call changes is also announced: no job of a queue would hint at it. */
export function announcing(runs: Runs, announce: (runId: string) => void): Runs {
  const announced =
    (change: Runs['pause']): Runs['pause'] =>
    async (projectId, runId) => {
      const run = await change(projectId, runId);
      announce(runId);
      return run;
    };
  return {
    ...runs,
    update: async (projectId, runId, change) => {
      const run = await runs.update(projectId, runId, change);
      announce(runId);
      return run;
    },
    restore: announced(runs.restore),
    pause: announced(runs.pause),
    resume: announced(runs.resume),
    cancel: announced(runs.cancel),
    retry: announced(runs.retry),
  };
}
