import { modelRef, type Json } from '#libs/contracts';
import type { Judgement, MetricCase, ModelCalls } from '#libs/evaluation';
import type { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { textOf } from '../values/text.ts';
import { cosineSimilarity } from './cosine.ts';

/** The model that turns texts into vectors. */
export const embeddingModel = modelRef.omit({ parameters: true }).meta({
  description: 'The model that turns texts into vectors, such as text-embedding-3-small',
});

/** In the definitions of metrics that look for the nearest reference. */
export const nearestDefinition =
  'Expected is one reference, or a list of them, of which the nearest counts, of equally near ones the first; what is no text is compared as compact JSON, and references that are blank or null are left out: without any other the metric is not applicable. All texts of a case go to the model in one call. An output that equals a reference has a cosine of 1, and a blank output one of 0. The details hold the cosine and the place of the reference.';

/** References at most, so that one case stays one call of a bounded size. */
const REFERENCES_MAX = 100;

type Nearest = { cosine: number; reference: number };

/**
 * Judges an output by the cosine between its vector and that of the nearest reference.
 * @throws {MetricError} `invalid_response` where the model gives no usable vectors
 * @throws {CallError}
 */
export async function judgeByNearest(
  { output, expected }: MetricCase,
  { provider, model, prices }: z.output<typeof embeddingModel>,
  { models, signal }: { models: ModelCalls; signal: AbortSignal },
  valueOf: (cosine: number) => number,
): Promise<Judgement> {
  const references = (Array.isArray(expected) ? expected : [expected ?? null])
    .map((reference: Json, place) => ({ text: reference === null ? '' : textOf(reference), place }))
    .filter(({ text }) => text.trim() !== '');
  if (references.length === 0) {
    return { outcome: 'not_applicable', reason: 'expected has no text to compare with' };
  }
  if (references.length > REFERENCES_MAX) {
    throw new MetricError(`there are more than ${REFERENCES_MAX} references`);
  }
  const text = textOf(output);
  const scored = ({ cosine, reference }: Nearest, reason: string): Judgement => ({
    outcome: 'scored',
    value: valueOf(cosine),
    reason,
    details: { cosine, reference },
  });
  const same = references.find((reference) => reference.text === text);
  if (same) return scored({ cosine: 1, reference: same.place }, 'the output equals a reference');
  if (text.trim() === '') return scored({ cosine: 0, reference: 0 }, 'the output is blank');

  const values = [text, ...references.map((reference) => reference.text)];
  const { vectors } = await models.embed(
    { provider, model, ...(prices && { prices }), values },
    { signal },
  );
  const [own, ...others] = vectors;
  if (!own || others.length !== references.length) {
    throw new MetricError('the embedding model gave another number of vectors than of texts', {
      class: 'invalid_response',
    });
  }
  let nearest: Nearest = { cosine: -Infinity, reference: 0 };
  for (const [index, { place }] of references.entries()) {
    const cosine = cosineSimilarity(own, others[index] ?? []);
    if (cosine > nearest.cosine) nearest = { cosine, reference: place };
  }
  return scored(nearest, `cosine ${nearest.cosine.toFixed(3)} to the nearest reference`);
}
