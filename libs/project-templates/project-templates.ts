import { RequestError, type Template, type TemplateContent } from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { checkSchemas, findSchemaFaults } from '#libs/datasets';
import type { Sandbox } from '#libs/evaluation';
import { decodeCursor, encodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { asksModels, checkTemplate, fromYaml, presets, type Preset } from '#libs/templates';
import { z } from 'zod';

interface TemplateRow {
  id: string;
  name: string;
  version: number;
  content: TemplateContent;
  createdAt: string;
  deletedAt: string | null;
}

const ofPreset = ({ name, content }: Preset): Template => ({
  id: name,
  name,
  kind: 'preset',
  version: 1,
  content,
  usesJudge: asksModels(content.metrics),
  createdAt: null,
  deletedAt: null,
});

const ofRow = (row: TemplateRow): Template => ({
  ...row,
  kind: 'custom',
  usesJudge: asksModels(row.content.metrics),
});

const selectTemplates = (version?: number) => sql`
  select t.id, t.name, v.version, v.content, ${isoTime('t.created_at')} as "createdAt",
    ${isoTime('t.deleted_at')} as "deletedAt"
  from templates t cross join lateral (
    select version, content from template_versions
    where template_id = t.id ${version === undefined ? sql`` : sql`and version = ${version}`}
    order by version desc limit 1
  ) v`;

const place = z.union([z.strictObject({ preset: z.int32() }), z.strictObject({ id: z.uuid() })]);

/** The presets, then the project's own, newest first; or its own that are deleted. */
export async function listTemplates(
  database: Queryable,
  projectId: string,
  query: PageQuery & { deleted?: boolean | undefined },
): Promise<Page<Template>> {
  const after = decodeCursor(place, query.cursor);
  const own = after !== undefined && 'id' in after ? after.id : undefined;
  const begin = after !== undefined && 'preset' in after ? after.preset : 0;
  const shown =
    query.deleted === true || own !== undefined
      ? []
      : presets.slice(begin, begin + query.limit).map(ofPreset);
  const limit = query.limit - shown.length;
  // Ids of version 7 sort by time, so the id alone is a place in the list.
  const rows = await database.query<TemplateRow>(sql`
    ${selectTemplates()} where t.project_id = ${projectId}
      and t.deleted_at ${query.deleted === true ? sql`is not null` : sql`is null`}
      ${own === undefined ? sql`` : sql`and t.id < ${own}::uuid`}
    order by t.id desc limit ${limit + 1}`);
  const { items, nextCursor } = toPage(rows, limit, ofRow, ({ id }) => ({ id }));
  const end = begin + shown.length;
  const more = limit === 0 && (end < presets.length || rows.length > 0);
  return {
    items: [...shown, ...items],
    nextCursor: more ? encodeCursor({ preset: end }) : nextCursor,
  };
}

/**
 * A preset by its name, or one of the project's by its id, deleted ones too; at a version or the latest.
 * @throws {RequestError} `template_not_found`, `template_version_not_found`
 */
export async function getTemplate(
  database: Queryable,
  projectId: string,
  id: string,
  version?: number,
): Promise<Template> {
  const preset = presets.find(({ name }) => name === id);
  if (preset) {
    if (version !== undefined && version !== 1) throw versionNotFound(version);
    return ofPreset(preset);
  }
  if (!z.uuid().safeParse(id).success) throw templateNotFound();
  const row = await database.queryOne<TemplateRow>(sql`
    ${selectTemplates(version)} where t.id = ${id} and t.project_id = ${projectId}`);
  if (row) return ofRow(row);
  const exists = await database.queryOne(sql`
    select 1 from templates where id = ${id} and project_id = ${projectId}`);
  throw exists && version !== undefined ? versionNotFound(version) : templateNotFound();
}

/** A template to be: its content, or YAML that holds it. */
export type NewTemplate = { yaml: string } | { name: string; content: TemplateContent };

/** @throws {RequestError} `invalid_yaml`, `invalid_template`, `invalid_schema`, with field and line */
export async function createTemplate(
  { database, sandbox }: { database: Database; sandbox: Sandbox },
  projectId: string,
  given: NewTemplate,
): Promise<Template> {
  const { name, content } = 'yaml' in given ? fromYaml(given.yaml) : given;
  await check(sandbox, content);
  const id = uuid();
  return database.transaction(async (tx) => {
    await tx.query(sql`
      insert into templates (id, project_id, name) values (${id}, ${projectId}, ${name})`);
    await insertVersion(tx, id, content);
    return getTemplate(tx, projectId, id);
  });
}

/**
 * Adds the next version. The name stays, also where the YAML has another.
 * @throws {RequestError} as `createTemplate` and `checkOwnId`; `template_deleted`
 */
export async function createTemplateVersion(
  { database, sandbox }: { database: Database; sandbox: Sandbox },
  projectId: string,
  id: string,
  given: { yaml: string } | { content: TemplateContent },
): Promise<Template> {
  checkOwnId(id);
  const { content } = 'yaml' in given ? fromYaml(given.yaml) : given;
  await check(sandbox, content);
  return database.transaction(async (tx) => {
    // Whoever adds a version holds the template until it is committed.
    const template = await tx.queryOne<{ deleted: boolean }>(sql`
      select deleted_at is not null as deleted from templates
      where id = ${id} and project_id = ${projectId} for update`);
    if (!template) throw templateNotFound();
    if (template.deleted) {
      throw new RequestError(
        'conflict',
        'template_deleted',
        `The template is deleted; POST /api/v1/templates/${id}/restore brings it back.`,
      );
    }
    await insertVersion(tx, id, content);
    return getTemplate(tx, projectId, id);
  });
}

/** Deletes a template for people; it can be restored. @throws {RequestError} as `checkOwnId` */
export async function deleteTemplate(
  database: Queryable,
  projectId: string,
  id: string,
): Promise<void> {
  checkOwnId(id);
  const found = await database.queryOne(sql`
    update templates set deleted_at = coalesce(deleted_at, now())
    where id = ${id} and project_id = ${projectId} returning 1`);
  if (!found) throw templateNotFound();
}

/** @throws {RequestError} `template_not_found` */
export async function restoreTemplate(
  database: Queryable,
  projectId: string,
  id: string,
): Promise<Template> {
  checkOwnId(id);
  await database.query(sql`
    update templates set deleted_at = null where id = ${id} and project_id = ${projectId}`);
  return getTemplate(database, projectId, id);
}

async function check(sandbox: Sandbox, content: TemplateContent): Promise<void> {
  checkTemplate(content);
  const { inputSchema, expectedSchema = null, responseSchema, tools = [], examples } = content;
  await checkSchemas(sandbox, {
    'content.inputSchema': inputSchema,
    'content.expectedSchema': expectedSchema,
    'content.responseSchema': responseSchema,
    ...Object.fromEntries(
      tools.map((tool, place) => [`content.tools.${place}.inputSchema`, tool.inputSchema]),
    ),
  });
  const faults = await findSchemaFaults(sandbox, { inputSchema, expectedSchema }, examples);
  const errors = faults.flatMap((ofExample, place) =>
    ofExample.map(({ field, message }) => ({
      field: `content.examples.${place}.${field}`,
      message: ofTemplate(message),
    })),
  );
  const [first] = errors;
  if (!first) return;
  const detail = `${first.field} ${first.message}. Correct the example or the schema.`;
  throw new RequestError('invalid', 'invalid_template', detail, errors.slice(0, 100));
}

/** A fault of an item, said of the template whose schema it does not meet. */
export const ofTemplate = (message: string): string =>
  message.replace('schema of the dataset', 'schema of the template');

const presetIsFixed = (name: string): RequestError =>
  new RequestError(
    'conflict',
    'template_is_preset',
    `${name} is a preset, which everybody has and nobody changes. Make a template of your own of it: GET /api/v1/templates/${name}/yaml, then POST /api/v1/templates.`,
  );

/**
 * Sees to it that an id can be that of a template of a project.
 * @throws {RequestError} `template_is_preset`, `template_not_found`
 */
function checkOwnId(id: string): void {
  if (presets.some(({ name }) => name === id)) throw presetIsFixed(id);
  if (!z.uuid().safeParse(id).success) throw templateNotFound();
}

async function insertVersion(tx: Queryable, id: string, content: TemplateContent): Promise<void> {
  await tx.query(sql`
    insert into template_versions (template_id, version, content)
    select ${id}, coalesce(max(version), 0) + 1, ${JSON.stringify(content)}::json
    from template_versions where template_id = ${id}`);
}

const templateNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'template_not_found',
    'There is no such template: neither a preset of this name nor one of this project; GET /api/v1/templates lists them.',
  );

const versionNotFound = (version: number): RequestError =>
  new RequestError(
    'not_found',
    'template_version_not_found',
    `The template has no version ${version}; leave it out for the latest.`,
    [{ field: 'version', message: 'is no version of the template' }],
  );
