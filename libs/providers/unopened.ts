import type { Logger } from '#libs/config';
import { sql, type Queryable } from '#libs/database';
import { createSealing } from '#libs/sealing';

/**
 * Says, when a process starts, what of all that is stored it will not be able to decrypt: a wrong key
 * is better noticed then than by the first call that fails. Everything else works without.
 */
export async function warnOfUnopened(deps: {
  database: Queryable;
  secretKeys: readonly string[];
  logger: Pick<Logger, 'warn'>;
}): Promise<void> {
  const { keyIds } = createSealing(deps.secretKeys);
  const others = await deps.database.query<{ keyId: string; values: number }>(sql`
    select key_id as "keyId", count(*)::int as values
    from (select key_id from providers union all select key_id from secrets) stored
    where key_id is not null and key_id <> all(${[...keyIds]}::text[])
    group by key_id order by key_id`);
  for (const { keyId, values } of others) {
    deps.logger.warn(
      { keyId, values },
      'some credentials and secrets cannot be decrypted, and calls that need them will fail: the key that encrypted them is not in LLM_EVAL_SECRET_KEY; add that key behind the first, or enter the values again',
    );
  }
}
