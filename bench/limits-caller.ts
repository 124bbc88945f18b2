import { createLogger } from '#libs/config';
import { createCalls } from '#libs/calls';
import { openDatabase } from '#libs/database';
import { Agent, request } from 'undici';
import { z } from 'zod';

/** One of the processes of `limits.ts`: makes its calls, a hundred at a time, and ends. */
const environment = z
  .object({
    DATABASE_URL: z.string(),
    CALL_URL: z.url(),
    CALLS: z.coerce.number(),
    REQUESTS_PER_MINUTE: z.coerce.number(),
  })
  .parse(process.env);
const AT_ONCE = 100;

const database = await openDatabase({ url: environment.DATABASE_URL, poolMax: 4 });
const calls = createCalls({ database, logger: createLogger('bench', 'warn') });
const dispatcher = new Agent();
const { signal } = new AbortController();
let left = environment.CALLS;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (left > 0) {
      left -= 1;
      await calls.call({
        lane: { key: 'bench', requestsPerMinute: environment.REQUESTS_PER_MINUTE },
        estimatedTokens: 1,
        timeoutMs: 10_000,
        maxRetries: 0,
        signal,
        once: async (signal) => {
          const { body } = await request(environment.CALL_URL, {
            dispatcher,
            signal,
            headers: { 'sent-at': String(performance.timeOrigin + performance.now()) },
          });
          return body.text();
        },
      });
    }
  }),
);
await calls.close();
await dispatcher.close();
await database.close();
