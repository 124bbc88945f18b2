import { ApiError } from '#libs/sdk';
import type { Field } from '../../components/schema-form/schema.ts';
import { client } from '../../queries/client.ts';
import { emptyDraft, emptyPrompt, type Draft } from './draft.ts';
import { draftOfRun, withTemplate } from './from-request.ts';
import type { NewRunSearch } from './search.ts';

/** The draft that an address begins: like an earlier run, or with a dataset, a template or a prompt. */
export async function begin(
  { clone, dataset, template, prompt }: NewRunSearch,
  fieldsOfMetric: (metric: string) => readonly Field[] | undefined,
  signal: AbortSignal,
): Promise<Draft> {
  let draft = emptyDraft;
  if (clone !== undefined) {
    const run = await client.getRun({ params: { id: clone }, signal });
    const promptId = run.target.kind === 'model' ? run.target.prompt.promptId : undefined;
    draft = draftOfRun(run, await isThere(promptId, signal), fieldsOfMetric);
  }
  if (dataset !== undefined) draft = { ...draft, dataset: { ...emptyDraft.dataset, id: dataset } };
  if (template !== undefined) {
    const { content } = await client.getTemplate({ params: { id: template }, signal });
    draft = withTemplate(draft, content, fieldsOfMetric);
  }
  if (prompt !== undefined) {
    const { model } = draft.target;
    const saved = { ...emptyPrompt, source: 'saved', promptId: prompt } as const;
    draft = {
      ...draft,
      target: { ...draft.target, kind: 'model', model: { ...model, prompt: saved } },
    };
  }
  return draft;
}

/** Whether a prompt can still be named by a run. */
async function isThere(promptId: string | undefined, signal: AbortSignal): Promise<boolean> {
  if (promptId === undefined) return false;
  try {
    const { deletedAt } = await client.getPrompt({ params: { id: promptId }, signal });
    return deletedAt === null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
