import { describe, expect, test } from '@jest/globals';
import { createTestDatabase } from '#test/databases';
import { MikroORM } from '@mikro-orm/postgresql';
import { ormConfig } from './orm.ts';

describe('the schema', () => {
  test('is the same by the migrations and by the entities', async () => {
    const database = await createTestDatabase();
    const orm = await MikroORM.init(ormConfig({ url: database.url, poolMax: 2 }));
    try {
      await orm.migrator.up();
      expect((await orm.schema.getUpdateSchemaSQL({ safe: false, wrap: false })).trim()).toBe('');
    } finally {
      await orm.close(true);
      await database.drop();
    }
  });
});
