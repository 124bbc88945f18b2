import { runService } from '#libs/config';
import { createItemScorer } from '../../apps/worker/scorers.ts';
import { startWorker } from '../../apps/worker/worker.ts';
import { noTools } from './scoring.ts';

const poison = Number(process.env.POISON);

/** A worker that an item kills, as one does that makes a library run out of memory. */
runService('worker', async (config, logger) => {
  const scorer = createItemScorer({ ...noTools, models: () => noTools.models });
  const worker = await startWorker(config, logger, {
    scorer: {
      ...scorer,
      score: async (run, item, signal) => {
        if (item.input === poison) process.kill(process.pid, 'SIGKILL');
        return scorer.score(run, item, signal);
      },
    },
  });
  return { ready: { pid: process.pid }, stop: () => worker.stop() };
});
