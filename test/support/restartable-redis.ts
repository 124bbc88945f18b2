import { Redis } from 'ioredis';
import { freePort, startTestRedis } from './services.ts';

/** A Redis of a test's own, at an address that stays while it is stopped and started. */
export interface RestartableRedis {
  url: string;
  /** Starts it empty, where it does not run. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Makes it forget everything at once. */
  flush(): Promise<void>;
}

/** Starts a Redis that keeps nothing over a restart. */
export async function restartableRedis(): Promise<RestartableRedis> {
  const port = await freePort();
  let running = await startTestRedis(port);
  if (!running) throw new Error('There is no redis-server: check redisAvailable first.');
  const { url } = running;
  return {
    url,
    async start() {
      running ??= await startTestRedis(port);
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    async flush() {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    },
  };
}
