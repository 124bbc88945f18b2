import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#test/databases';
import { openDatabase, sql, uuid, type Database } from './index.ts';

let testDatabase: TestDatabase;
let database: Database;
const before = uuid();
const begins = uuid();

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, poolMax: 2 });
  await database.migrate();
  await database.query(sql`
    insert into evaluation_items (run_id, no, key, repeat, status, attempt)
    select ${before}, no, 'item-' || no, 0, 'completed', 1 from generate_series(0, 19999) as n (no)`);
  await database.query(sql`
    insert into run_batches (run_id, no, first, count, attempt, state, claimed_at, checked_at)
    select ${before}, no, no, 1, 1, 'done', now(), now() from generate_series(0, 19999) as n (no)`);
  await database.query(sql`
    insert into dataset_items (version_id, position, key, input)
    select ${before}, no, 'item-' || no, '1' from generate_series(0, 19999) as n (no)`);
  await database.query(sql`analyze`);
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

test.each([
  [
    'evaluation_items',
    sql`select status from evaluation_items where run_id = ${begins} and no = 7`,
  ],
  ['run_batches', sql`select state from run_batches where run_id = ${begins} and no = 7`],
  [
    'dataset_items',
    sql`select input from dataset_items where version_id = ${begins} and position = 7`,
  ],
])(
  'of what is not in the statistics yet, a row of %s is found by its key',
  async (table, query) => {
    const plan = await database.query<{ 'QUERY PLAN': string }>(sql`explain ${query}`);
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toContain(`using ${table}_pkey`);
    expect(text).not.toContain('Filter');
  },
);
