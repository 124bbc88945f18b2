import {
  RequestError,
  type HttpTarget,
  type PromptContent,
  type PromptSource,
  type RecordedTarget,
  type RunState,
  type SettledPrompt,
  type SettledTarget,
  type Target,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { isFinal } from '#libs/evaluation';
import { compileHttpRequest } from '#libs/targets';
import { compilePrompt, TemplateError } from '#libs/templating';
import { checkModelTarget } from './check-model-target.ts';
import { runIsDeleted } from './rows.ts';

/**
 * A target as it is stored with a run: everything it names exists in the project, and its prompt stands
 * in it whole, so that the run says for ever what it asked.
 * @throws {RequestError} naming the field and the remedy
 */
export async function settleTarget(
  tx: Queryable,
  projectId: string,
  target: Target,
): Promise<SettledTarget> {
  switch (target.kind) {
    case 'recorded':
      await checkSource(tx, projectId, target);
      return target;
    case 'model':
      checkModelTarget(target);
      await checkProvider(tx, projectId, target.provider, 'target.provider');
      return { ...target, prompt: await settlePrompt(tx, projectId, target.prompt) };
    case 'http':
      await checkRequest(tx, projectId, target);
      return target;
    case 'client':
    default:
      return target;
  }
}

/** @throws {RequestError} `provider_not_found` */
export async function checkProvider(
  tx: Queryable,
  projectId: string,
  name: string,
  field: string,
): Promise<void> {
  const found = await tx.queryOne(sql`
    select 1 from providers where project_id = ${projectId} and name = ${name}`);
  if (found) return;
  throw new RequestError(
    'not_found',
    'provider_not_found',
    `There is no provider "${name}" in this project; GET /api/v1/providers lists those that are, POST adds one.`,
    [{ field, message: 'names no provider of this project' }],
  );
}

/**
 * A prompt as a run keeps it.
 * @throws {RequestError} `prompt_not_found`, `prompt_version_not_found`, `invalid_template`
 */
export async function settlePrompt(
  tx: Queryable,
  projectId: string,
  source: PromptSource,
): Promise<SettledPrompt> {
  if (!('promptId' in source)) {
    checkTemplates('target.prompt', () => compilePrompt(source));
    return { content: source };
  }
  const { promptId, version } = source;
  const found = await tx.queryOne<{
    name: string;
    deleted: boolean;
    version: number | null;
    content: PromptContent | null;
  }>(sql`
    select p.name, p.deleted_at is not null as deleted, v.version, v.content
    from prompts p left join lateral (
      select version, content from prompt_versions
      where prompt_id = p.id ${version === undefined ? sql`` : sql`and version = ${version}`}
      order by version desc limit 1
    ) v on true
    where p.id = ${promptId} and p.project_id = ${projectId}`);
  if (!found || found.deleted) {
    throw new RequestError(
      'not_found',
      'prompt_not_found',
      'There is no such prompt in this project, or it is deleted; GET /api/v1/prompts lists those that are.',
      [{ field: 'target.prompt.promptId', message: 'names no prompt of this project' }],
    );
  }
  if (found.version === null || found.content === null) {
    throw new RequestError(
      'not_found',
      'prompt_version_not_found',
      `The prompt has no version ${version}; GET /api/v1/prompts/{id}/versions lists those that are.`,
      [{ field: 'target.prompt.version', message: 'is no version of the prompt' }],
    );
  }
  const { content } = found;
  checkTemplates('target.prompt', () => compilePrompt(content));
  return { promptId, name: found.name, version: found.version, content };
}

/**
 * Sees to it that the templates can be read, and that the project has their secrets.
 * @throws {RequestError} `invalid_template`, `secret_not_found`
 */
export async function checkRequest(
  tx: Queryable,
  projectId: string,
  target: HttpTarget,
): Promise<void> {
  const { secrets } = checkTemplates('target', () => compileHttpRequest(target));
  if (secrets.length === 0) return;
  const found = await tx.query<{ name: string }>(sql`
    select name from secrets where project_id = ${projectId} and name = any(${secrets}::text[])`);
  const missing = secrets.filter((name) => !found.some((secret) => secret.name === name));
  if (missing.length === 0) return;
  throw new RequestError(
    'not_found',
    'secret_not_found',
    `There is no secret ${missing.map((name) => `"${name}"`).join(', ')} in this project; GET /api/v1/secrets lists the names of those that are, POST adds one.`,
    [
      {
        field: 'target.headers',
        message: `names no secret of this project: ${missing.join(', ')}`,
      },
    ],
  );
}

function checkTemplates<Compiled>(field: string, compile: () => Compiled): Compiled {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { path, line, what } = error;
    throw new RequestError(
      'invalid',
      'invalid_template',
      `The template ${field}.${path} cannot be used: ${what}.`,
      [{ field: `${field}.${path}`, ...(line !== undefined && { line }), message: what }],
    );
  }
}

async function checkSource(
  tx: Queryable,
  projectId: string,
  target: RecordedTarget,
): Promise<void> {
  if (target.recordingId !== undefined) {
    const found = await tx.queryOne(sql`
      select 1 from recordings where id = ${target.recordingId} and project_id = ${projectId}`);
    if (found) return;
    throw new RequestError(
      'not_found',
      'recording_not_found',
      'There is no such recording in this project; GET /api/v1/recordings lists those that are.',
      [{ field: 'target.recordingId', message: 'names no recording of this project' }],
    );
  }
  const source = await tx.queryOne<{ state: RunState; deleted: boolean }>(sql`
    select state, deleted_at is not null as deleted from evaluation_runs
    where id = ${target.runId ?? null} and project_id = ${projectId}`);
  if (!source) {
    throw new RequestError(
      'not_found',
      'run_not_found',
      'There is no such run in this project; GET /api/v1/runs lists those that are.',
      [{ field: 'target.runId', message: 'names no run of this project' }],
    );
  }
  if (source.deleted) throw runIsDeleted('target.runId');
  if (!isFinal(source.state)) {
    throw new RequestError(
      'conflict',
      'run_not_finished',
      `The run whose outputs are to be scored is ${source.state}; wait until it has finished.`,
      [{ field: 'target.runId', message: `is ${source.state}` }],
    );
  }
}
