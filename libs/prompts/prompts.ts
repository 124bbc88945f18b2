import { RequestError, type Prompt, type PromptContent, type PromptVersion } from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { templateVariablesOf, TemplateError } from '#libs/templating';
import { z } from 'zod';

interface PromptRow extends Omit<PromptVersion, 'createdAt'> {
  id: string;
  name: string;
  description: string | null;
  createdAt: string;
  deletedAt: string | null;
  versionCreatedAt: string;
}

const selectPrompts = sql`
  select p.id, p.name, p.description, ${isoTime('p.created_at')} as "createdAt",
    ${isoTime('p.deleted_at')} as "deletedAt", v.version, v.content, v.variables, v.note,
    ${isoTime('v.created_at')} as "versionCreatedAt"
  from prompts p
  cross join lateral (
    select * from prompt_versions where prompt_id = p.id order by version desc limit 1
  ) v`;

const toPrompt = (row: PromptRow): Prompt => {
  const { id, name, description, createdAt, deletedAt, version, content, variables, note } = row;
  const latest = { version, content, variables, note, createdAt: row.versionCreatedAt };
  return { id, name, description, latest, createdAt, deletedAt };
};

const shownVersion = sql`version, content, variables, note, ${isoTime('created_at')} as "createdAt"`;

/** A version to be: what people said of it, and what its templates name. */
interface NewVersion {
  content: PromptContent;
  note?: string | undefined;
}

/** @throws {RequestError} `invalid_template` with field and line */
export async function createPrompt(
  database: Database,
  projectId: string,
  given: NewVersion & { name: string; description?: string | undefined },
): Promise<Prompt> {
  const variables = variablesOf(given.content);
  const id = uuid();
  return database.transaction(async (transaction) => {
    await transaction.query(sql`
      insert into prompts (id, project_id, name, description)
      values (${id}, ${projectId}, ${given.name}, ${given.description ?? null})`);
    await insertVersion(transaction, id, given, variables);
    return getPrompt(transaction, projectId, id);
  });
}

/** Newest first; those that are deleted only where they are asked for. */
export async function listPrompts(
  database: Queryable,
  projectId: string,
  query: PageQuery & { deleted?: boolean | undefined },
): Promise<Page<Prompt>> {
  // Ids of version 7 sort by time, so the id alone is a place in the list.
  const after = decodeCursor(z.strictObject({ id: z.uuid() }), query.cursor);
  const rows = await database.query<PromptRow>(sql`
    ${selectPrompts} where p.project_id = ${projectId}
      and p.deleted_at ${query.deleted === true ? sql`is not null` : sql`is null`}
      ${after ? sql`and p.id < ${after.id}::uuid` : sql``}
    order by p.id desc limit ${query.limit + 1}`);
  return toPage(rows, query.limit, toPrompt, ({ id }) => ({ id }));
}

/** Deleted ones too. @throws {RequestError} `prompt_not_found` */
export async function getPrompt(
  database: Queryable,
  projectId: string,
  promptId: string,
): Promise<Prompt> {
  const row = await database.queryOne<PromptRow>(
    sql`${selectPrompts} where p.id = ${promptId} and p.project_id = ${projectId}`,
  );
  if (!row) throw promptNotFound();
  return toPrompt(row);
}

/**
 * Deletes a prompt for people: lists leave it out and no new run takes it, until it is restored. Runs
 * that used it keep its text. Deleting a deleted prompt changes nothing.
 * @throws {RequestError} `prompt_not_found`
 */
export async function deletePrompt(
  database: Queryable,
  projectId: string,
  promptId: string,
): Promise<void> {
  const found = await database.queryOne(sql`
    update prompts set deleted_at = coalesce(deleted_at, now())
    where id = ${promptId} and project_id = ${projectId} returning 1`);
  if (!found) throw promptNotFound();
}

/** Takes a deletion back. @throws {RequestError} `prompt_not_found` */
export async function restorePrompt(
  database: Queryable,
  projectId: string,
  promptId: string,
): Promise<Prompt> {
  await database.query(sql`
    update prompts set deleted_at = null
    where id = ${promptId} and project_id = ${projectId} and deleted_at is not null`);
  return getPrompt(database, projectId, promptId);
}

/**
 * Adds the next version. However many are added at once, their numbers have neither gaps nor doubles.
 * @throws {RequestError} `prompt_not_found`, `prompt_deleted`, `invalid_template` with field and line
 */
export async function createPromptVersion(
  database: Database,
  projectId: string,
  promptId: string,
  given: NewVersion,
): Promise<PromptVersion> {
  const variables = variablesOf(given.content);
  return database.transaction(async (transaction) => {
    // Whoever adds a version holds the prompt until it is committed.
    const prompt = await transaction.queryOne<{ deleted: boolean }>(sql`
      select deleted_at is not null as deleted from prompts
      where id = ${promptId} and project_id = ${projectId} for update`);
    if (!prompt) throw promptNotFound();
    if (prompt.deleted) throw promptDeleted(promptId);
    return insertVersion(transaction, promptId, given, variables);
  });
}

/** Newest first. @throws {RequestError} `prompt_not_found` */
export async function listPromptVersions(
  database: Queryable,
  projectId: string,
  promptId: string,
  query: PageQuery,
): Promise<Page<PromptVersion>> {
  const after = decodeCursor(z.strictObject({ version: z.int32() }), query.cursor);
  await getPrompt(database, projectId, promptId);
  const rows = await database.query<PromptVersion>(sql`
    select ${shownVersion} from prompt_versions where prompt_id = ${promptId}
      ${after ? sql`and version < ${after.version}` : sql``}
    order by version desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    ({ version }) => ({ version }),
  );
}

async function insertVersion(
  transaction: Queryable,
  promptId: string,
  { content, note }: NewVersion,
  variables: readonly string[],
): Promise<PromptVersion> {
  const version = await transaction.queryOne<PromptVersion>(sql`
    insert into prompt_versions (prompt_id, version, content, variables, note)
    select ${promptId}, coalesce(max(version), 0) + 1, ${JSON.stringify(content)}::json,
      ${variables}::text[], ${note ?? null}
    from prompt_versions where prompt_id = ${promptId}
    returning ${shownVersion}`);
  if (!version) throw new Error('An inserted version was not answered with.');
  return version;
}

function variablesOf(content: PromptContent): string[] {
  try {
    return templateVariablesOf(content);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { path, line, what } = error;
    const field = path === '' ? 'content' : `content.${path}`;
    const where = line === undefined ? field : `${field}, line ${line}`;
    throw new RequestError('invalid', 'invalid_template', `${where}: ${what}`, [
      { field, ...(line !== undefined && { line }), message: what },
    ]);
  }
}

const promptNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'prompt_not_found',
    'There is no such prompt in this project; GET /api/v1/prompts lists those that are.',
  );

const promptDeleted = (promptId: string): RequestError =>
  new RequestError(
    'conflict',
    'prompt_deleted',
    `The prompt is deleted; POST /api/v1/prompts/${promptId}/restore brings it back.`,
  );
