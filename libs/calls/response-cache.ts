import { createHash } from 'node:crypto';
import type { Logger } from '#libs/config';
import { sql, type Database } from '#libs/database';
import type { CallPlan } from '#libs/evaluation';

const MAX_BYTES = 1_000_000;

export type CacheOf<Answer> = NonNullable<CallPlan<Answer>['cache']>;

/**
 * Answers by project and the hash of all that they depend on. It saves money and must never cost an
 * answer: what goes wrong here is logged, and counts as none found.
 */
export interface ResponseCache {
  find<Answer>(cache: CacheOf<Answer>): Promise<Answer | undefined>;
  /** Does nothing with an answer of more than a megabyte. */
  keep<Answer>(cache: CacheOf<Answer>, answer: Answer): Promise<void>;
}

/** SHA-256 of a key, hexadecimal. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

export function createResponseCache(database: Database, logger: Logger): ResponseCache {
  return {
    async find(cache) {
      try {
        const row = await database.queryOne<{ answer: unknown }>(sql`
          select answer from response_cache
          where project_id = ${cache.projectId} and key = ${hashOf(cache.key)}`);
        return row && cache.read(row.answer);
      } catch (error) {
        logger.warn({ err: error }, 'a cached answer could not be read');
        return undefined;
      }
    },
    async keep(cache, answer) {
      try {
        const stored = JSON.stringify(cache.write(answer));
        if (stored === undefined || Buffer.byteLength(stored) > MAX_BYTES) return;
        await database.query(sql`
          insert into response_cache (project_id, key, answer)
          values (${cache.projectId}, ${hashOf(cache.key)}, ${stored}::json)
          on conflict (project_id, key) do update
          set answer = excluded.answer, created_at = excluded.created_at`);
      } catch (error) {
        logger.warn({ err: error }, 'an answer could not be cached');
      }
    },
  };
}
