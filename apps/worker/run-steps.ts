import { decideFollowUp, followUpRunSoon, type GateContext } from '#libs/gates';
import type { Handler } from '#libs/queues';
import { fill, finish, type RunContext } from '#libs/runs';

/**
 * The steps of a run that happen once per generation: its start and its end, at which it is compared
 * with the baseline of its dataset and its gates are checked.
 */
export const createRunStepHandler =
  (context: RunContext, gates: GateContext): Handler<'runs'> =>
  async (payload, job) => {
    if (job.name === 'start') await fill(context, payload.runId);
    else if (job.name === 'finish') await finish(context, payload, decideFollowUp);
    else throw new Error(`unknown step of a run: ${job.name}`);
    await job.hint(payload.runId);
    if (job.name === 'finish') await followUpRunSoon(gates, payload.runId);
  };
