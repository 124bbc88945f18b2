import type { Run } from '#libs/contracts';
import type { Runs } from '#libs/runs';

/** The same runs, but what a call changes is also announced: no job of a queue would hint at it. */
export function announcing(runs: Runs, announce: (runId: string) => void): Runs {
  const announced =
    <Rest extends unknown[]>(
      change: (projectId: string, runId: string, ...rest: Rest) => Promise<Run>,
    ): typeof change =>
    async (projectId, runId, ...rest) => {
      const run = await change(projectId, runId, ...rest);
      announce(runId);
      return run;
    };
  const made = async (run: Promise<Run>): Promise<Run> => {
    announce((await run).id);
    return run;
  };
  return {
    ...runs,
    submit: (...order) => made(runs.submit(...order)),
    clone: (...order) => made(runs.clone(...order)),
    async changeMany(projectId, change, note) {
      const changed = await runs.changeMany(projectId, change, note);
      for (const { runId, done } of changed) if (done) announce(runId);
      return changed;
    },
    async remove(projectId, runId, note) {
      await runs.remove(projectId, runId, note);
      announce(runId);
    },
    update: announced(runs.update),
    restore: announced(runs.restore),
    pause: announced(runs.pause),
    resume: announced(runs.resume),
    cancel: announced(runs.cancel),
    retry: announced(runs.retry),
  };
}
