import { Worker } from 'node:worker_threads';
import { OUT_OF_MEMORY, type Reply, type Request } from './messages.ts';

/**
 * The sandbox's process. The work is done in a thread, which has a larger stack, and beside which this
 * one always hears when the process that it works for is gone: not even an endless loop stays behind.
 */
const thread = new Worker(new URL('./thread.ts', import.meta.url), {
  env: {},
  execArgv: [],
  stdout: true,
  stderr: true,
  resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 },
});
thread.stdout.resume();
thread.stderr.resume();

thread.on('message', (reply: Reply) => process.send?.(reply));
thread.on('error', (error: Error & { code?: string }) => {
  process.exit(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? OUT_OF_MEMORY : 1);
});
thread.on('exit', () => process.exit(1));

process.on('message', (request: Request) => thread.postMessage(request, []));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal's Ctrl-C reaches all of its processes; whoever uses this one decides when it ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
