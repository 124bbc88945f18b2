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
}

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
