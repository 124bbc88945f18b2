import { runService } from '#libs/config';
import { scoreItem } from '../../apps/worker/scorers.ts';
import { startWorker } from '../../apps/worker/worker.ts';

const poison = Number(process.env.POISON);

/** A worker that an item kills, as one does that makes a library run out of memory. */
runService('worker', async (config, logger) => {
  const worker = await startWorker(config, logger, {
    scoreItem: async (run, item) => {
      if (item.input === poison) process.kill(process.pid, 'SIGKILL');
      return scoreItem(run, item);
    },
  });
  return { ready: { pid: process.pid }, stop: () => worker.stop() };
});
