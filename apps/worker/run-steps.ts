import type { Handler } from '#libs/queues';
import { fill, finish, type RunContext } from '#libs/runs';

/** The steps of a run that happen once per generation: its start and its end. */
export const createRunStepHandler =
  (context: RunContext): Handler<'runs'> =>
  async (payload, job) => {
    if (job.name === 'start') await fill(context, payload.runId);
    else if (job.name === 'finish') await finish(context, payload);
    else throw new Error(`unknown step of a run: ${job.name}`);
    await job.hint(payload.runId);
  };
