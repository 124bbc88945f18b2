import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { costs } from './methods.ts';
import { simulate } from './simulate.ts';
import { studies } from './studies.ts';

/** A part of a row, as it is sent to a thread. */
const job = z.object({
  study: z.int(),
  row: z.int(),
  seed: z.int(),
  replications: z.record(z.enum(costs), z.int()),
});

parentPort?.on('message', (message: unknown) => {
  const { study, row, ...part } = job.parse(message);
  const found = studies[study]?.rows[row];
  if (!found) throw new Error('there is no such row');
  parentPort?.postMessage(simulate(found, part), []);
});
