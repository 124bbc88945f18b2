import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './messages.ts';

/**
 * The process that reads a Parquet file. The work is done in a thread, beside which this one always hears
 * when the process that it works for is gone: not even an endless loop stays behind.
 */
const thread = new Worker(new URL('./thread.ts', import.meta.url), {
  env: {},
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 64 },
});
thread.on('message', (answer: Answer) => process.send?.(answer));
thread.on('error', () => process.exit(1));
thread.on('exit', () => process.exit(1));

process.on('message', (question: Question) => thread.postMessage(question, []));
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal's Ctrl-C reaches all of its processes; whoever uses this one decides when it ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
