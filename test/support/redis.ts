/** Whether the suites that need Redis can run: `(redisAvailable ? describe : describe.skip)(…)`. */
export const redisAvailable: boolean = Boolean(process.env.TEST_REDIS_URL);

/** The Redis of this jest run, shared by all suites: use a BullMQ prefix of your own in it. */
export function testRedisUrl(): string {
  const url = process.env.TEST_REDIS_URL;
  if (!url) throw new Error('This jest run has no Redis: check redisAvailable first.');
  return url;
}
