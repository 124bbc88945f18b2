import { fileURLToPath } from 'node:url';
import { running } from './running.ts';
import { startTestPostgres, startTestRedis } from './services.ts';

/**
 * Starts what the suites share, once per jest run, and tells them by TEST_DATABASE_URL and
 * TEST_REDIS_URL. REDIS_TEST_URL names a Redis to use instead of one started here.
 */
export default async function setup(): Promise<void> {
  const [postgres, redis] = await Promise.all([startTestPostgres(), testRedis()]);
  running.push(postgres);
  process.env.TEST_DATABASE_URL = postgres.url;
  delete process.env.TEST_REDIS_URL;
  if (redis !== undefined) process.env.TEST_REDIS_URL = redis;
  // Processes of the product start by the hundred, of two thousand modules each: what Node has made of
  // those is kept, here and for later runs. It is found by what is in a file.
  process.env.NODE_COMPILE_CACHE ??= compileCache;
}

const compileCache = fileURLToPath(
  new URL('../../node_modules/.cache/node-compile', import.meta.url),
);

async function testRedis(): Promise<string | undefined> {
  if (process.env.REDIS_TEST_URL) return process.env.REDIS_TEST_URL;
  const redis = await startTestRedis();
  if (redis !== undefined) {
    running.push(redis);
    return redis.url;
  }
  if (process.env.CI) {
    throw new Error('The Redis suites need REDIS_TEST_URL, or redis-server on the PATH.');
  }
  process.stderr.write(
    '\nRedis suites are SKIPPED: set REDIS_TEST_URL, or install redis-server.\n\n',
  );
  return undefined;
}
