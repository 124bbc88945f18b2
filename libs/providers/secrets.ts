import { noNote } from '#libs/audit';
import { RequestError, type Secret } from '#libs/contracts';
import { isoTime, isUniqueViolation, sql, uuid, type Database } from '#libs/database';
import { decodeCursor, toPage } from '#libs/paging';
import type { Sealing } from '#libs/sealing';
import { z } from 'zod';
import type { Providers } from './providers.ts';
import { secretPlace } from './rows.ts';
import type { Source } from './source.ts';

const nameCursor = z.strictObject({ name: z.string().max(100) });

const shown = sql`id, name, ${isoTime('created_at')} as "createdAt", ${isoTime('updated_at')} as "updatedAt"`;

/** What `Providers` does with secrets. */
export function createSecrets(
  database: Database,
  sealing: Sealing,
  source: Source,
): Pick<Providers, 'createSecret' | 'listSecrets' | 'updateSecret' | 'deleteSecret'> {
  return {
    async createSecret(projectId, { name, value }, note = noNote) {
      const id = uuid();
      const { sealed, keyId } = sealing.seal(value, secretPlace(projectId, { id, name }));
      try {
        const secret = await database.transaction(async (tx) => {
          await note(tx, { action: 'secret.create', projectId, target: id, details: { name } });
          return tx.queryOne<Secret>(sql`
            insert into secrets (id, project_id, name, sealed, key_id)
            values (${id}, ${projectId}, ${name}, ${sealed}, ${keyId}) returning ${shown}`);
        });
        if (!secret) throw new Error('An inserted secret was not answered with.');
        source.forget(projectId, name);
        return secret;
      } catch (error) {
        if (!isUniqueViolation(error, 'secrets_name_unique')) throw error;
        throw new RequestError(
          'conflict',
          'secret_exists',
          'The project has a secret of that name already; choose another name, or replace its value.',
          [{ field: 'name', message: 'is taken' }],
        );
      }
    },

    async listSecrets(projectId, query) {
      const after = decodeCursor(nameCursor, query.cursor);
      const rows = await database.query<Secret>(sql`
        select ${shown} from secrets where project_id = ${projectId}
          ${after ? sql`and name > ${after.name}` : sql``}
        order by name limit ${query.limit + 1}`);
      return toPage(
        rows,
        query.limit,
        (row) => row,
        ({ name }) => ({ name }),
      );
    },

    async updateSecret(projectId, id, value, note = noNote) {
      const secret = await database.transaction(async (transaction) => {
        const row = await transaction.queryOne<{ id: string; name: string }>(sql`
          select id, name from secrets
          where id = ${id} and project_id = ${projectId} for update`);
        if (!row) throw secretNotFound();
        const { sealed, keyId } = sealing.seal(value, secretPlace(projectId, row));
        const details = { name: row.name };
        await note(transaction, { action: 'secret.update', projectId, target: id, details });
        return transaction.queryOne<Secret>(sql`
          update secrets set sealed = ${sealed}, key_id = ${keyId}, updated_at = now()
          where id = ${id} returning ${shown}`);
      });
      if (!secret) throw secretNotFound();
      source.forget(projectId, secret.name);
      return secret;
    },

    async deleteSecret(projectId, id, note = noNote) {
      const gone = await database.transaction(async (tx) => {
        const deleted = await tx.queryOne<{ name: string }>(sql`
          delete from secrets where id = ${id} and project_id = ${projectId} returning name`);
        if (!deleted) throw secretNotFound();
        const details = { name: deleted.name };
        await note(tx, { action: 'secret.delete', projectId, target: id, details });
        return deleted;
      });
      source.forget(projectId, gone.name);
    },
  };
}

const secretNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'secret_not_found',
    'There is no such secret in this project; GET /api/v1/secrets lists those that are.',
  );
