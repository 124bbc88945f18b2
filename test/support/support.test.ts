import { describe, expect, test } from '@jest/globals';
import { Client, type QueryResult } from 'pg';
import { createTestDatabase, databaseName } from './databases.ts';
import { redisAvailable, testRedisUrl } from './redis.ts';

async function rows(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result: QueryResult<Record<string, unknown>> = await client.query(statement);
    return result.rows;
  } finally {
    await client.end();
  }
}

test('a test database is fresh, may copy another one, and can be dropped', async () => {
  const first = await createTestDatabase();
  await rows(first.url, 'CREATE TABLE thing AS SELECT 1 AS id');
  const copy = await createTestDatabase(databaseName(first.url));
  expect(await rows(copy.url, 'SELECT id FROM thing')).toEqual([{ id: 1 }]);
  const second = await createTestDatabase();
  await expect(rows(second.url, 'SELECT id FROM thing')).rejects.toThrow('does not exist');
  await Promise.all([first.drop(), copy.drop(), second.drop()]);
  await expect(rows(first.url, 'SELECT 1')).rejects.toThrow('does not exist');
});

(redisAvailable ? describe : describe.skip)('where there is a Redis', () => {
  test('its address is known', () => {
    expect(testRedisUrl()).toMatch(/^rediss?:/);
  });
});
