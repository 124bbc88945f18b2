import { runService } from '#libs/config';
import { startWorker } from './worker.ts';

runService('worker', async (config, logger) => {
  const worker = await startWorker(config, logger);
  return { ready: { pid: process.pid }, stop: () => worker.stop() };
});
