import { RequestError, submitRun, type SubmitRun, type TemplateContent } from '#libs/contracts';
import type { z } from 'zod';
import { withModels, type NamedModel } from './models.ts';

/** What a template leaves open. */
export interface Applied extends NamedModel {
  datasetId: string;
  name?: string | undefined;
  /** Left out: the model that is evaluated judges too. */
  judge?: NamedModel | undefined;
  embeddings?: NamedModel | undefined;
}

/**
 * The body of a run that uses a template, as `POST /runs` takes it.
 * @throws {RequestError} `embeddings_missing` where a metric needs a model for embeddings
 */
export function applyTemplate(content: TemplateContent, how: Applied): z.input<typeof submitRun> {
  const { provider, model, judge = { provider, model } } = how;
  const { prompt, parameters, responseSchema, tools } = content;
  const run: SubmitRun = submitRun.parse({
    name: how.name ?? `${content.title}: ${model}`.slice(0, 200),
    datasetId: how.datasetId,
    target: {
      kind: 'model',
      provider,
      model,
      ...(Object.keys(parameters).length > 0 && { parameters }),
      prompt,
      ...(responseSchema && { responseSchema }),
      ...(tools && { tools }),
    },
    metrics: withModels(content.metrics, (asked) =>
      asked === 'judge' ? judge : (how.embeddings ?? noEmbeddings()),
    ),
    repeats: content.repeats,
    concurrency: content.concurrency,
  });
  return run;
}

function noEmbeddings(): never {
  throw new RequestError(
    'invalid',
    'embeddings_missing',
    'A metric of this template compares embeddings; give `embeddings` with provider and model.',
    [{ field: 'embeddings', message: 'is required by a metric of this template' }],
  );
}
