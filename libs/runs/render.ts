import type { RenderedTarget, RenderTarget } from '#libs/contracts';
import { uuid, type Database, type Queryable } from '#libs/database';
import { lacks, renderer, variablesIn, type Rendered } from './rendering.ts';
import { inVain, placesOf, sampleOf } from './sample.ts';
import { checkRequest, settlePrompt } from './settle-target.ts';
import { settleItems } from './submit.ts';

/**
 * What a prompt or a request becomes for items of a dataset, and what they lack of its variables. Calls
 * nothing, stores nothing.
 * @throws {RequestError} as `submit`, for the same reasons at the same fields
 */
export async function render(
  database: Database,
  projectId: string,
  { items: shown, skip, ...request }: RenderTarget,
): Promise<RenderedTarget> {
  const { target, total, sample } = await inVain(database, async (tx) => {
    const runId = uuid();
    const { version, items } = await settleItems(tx, projectId, runId, request);
    const target = await settled(tx, projectId, request.target);
    const places = placesOf(items, { items: shown, skip });
    const filtered = request.filter !== undefined;
    const sample = await sampleOf(tx, { runId, versionId: version.id, filtered, places });
    return { target, total: items, sample };
  });
  const asked = sample.map(renderer(target));
  return {
    total,
    items: asked.slice(0, Math.max(0, Math.min(total - skip, shown))),
    sampled: sample.length,
    failing: asked.filter(({ error }) => error).length,
    variables: variablesIn(target).map((name) => ({
      name,
      missing: sample.filter((item) => lacks(item, name)).length,
    })),
  };
}

async function settled(
  tx: Queryable,
  projectId: string,
  target: RenderTarget['target'],
): Promise<Rendered> {
  if (!target) return { kind: 'client' };
  if (target.kind === 'model') {
    return { kind: 'model', prompt: await settlePrompt(tx, projectId, target.prompt) };
  }
  await checkRequest(tx, projectId, target);
  return target;
}
