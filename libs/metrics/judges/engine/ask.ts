import type { Json, ModelRef } from '#libs/contracts';
import { CallError, type ModelAnswer, type ModelCalls, type ModelRequest } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../../metric-error.ts';
import { readAnswer } from './read-answer.ts';

/** Askings of one question: the first, and twice more where the answer cannot be read. */
const ASKINGS = 3;
/** Keeps later askings apart, in the response cache, from all repeats and votes. */
const REPEATS_APART = 10_000;
/** Room for reasoning and a list of verdicts, and not more than older models can give. */
const OUTPUT_TOKENS = 4_096;

/** The model of a judge. */
export interface JudgeModel extends ModelRef {
  /** The first of `manners` that it may take: those before it were refused. */
  manner: number;
}

/** Ways to ask, from the best: not every model takes a temperature, or a schema of its answer. */
const manners = [
  { temperature: true, schema: true },
  { temperature: false, schema: true },
  { temperature: true, schema: false },
  { temperature: false, schema: false },
] as const;

/** One question to a judge. */
export interface Question<Schema extends z.ZodType> {
  prompt: string;
  /** An object; what a person should see first, such as the reasoning, comes first in it. */
  schema: Schema;
  /** Which of the askings of the same question this is, of all repeats and votes. */
  repeat: number;
}

/**
 * Asks a model for a structured verdict. An answer that cannot be read is asked for again, twice at most.
 * @throws {MetricError} `invalid_response` where no answer could be read, `content_filter` where the
 *   model or its provider refused
 * @throws {CallError} as the call fails
 */
export async function askForVerdict<Schema extends z.ZodType>(
  models: ModelCalls,
  model: JudgeModel,
  { prompt, schema, repeat }: Question<Schema>,
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const form = toJson(z.toJSONSchema(schema));
  let fault = '';
  for (let asking = 0; asking < ASKINGS; asking += 1) {
    const answer = await generate(models, model, signal, {
      messages: [{ role: 'user', content: `${prompt.trim()}\n\n${answerForm(form)}` }],
      responseSchema: portable(form),
      repeat: repeat + asking * REPEATS_APART,
    });
    if (answer.finishReason === 'content-filter') {
      throw new MetricError('the judge’s model or its provider refused to judge this case', {
        class: 'content_filter',
      });
    }
    const reading = readAnswer(answer.text, schema);
    if ('verdict' in reading) return reading.verdict;
    fault =
      answer.finishReason === 'length'
        ? 'it was cut off; raise model.parameters.maxOutputTokens'
        : reading.fault;
  }
  throw new MetricError(`none of ${ASKINGS} answers of the judge could be read: ${fault}`, {
    class: 'invalid_response',
  });
}

/**
 * Asks at temperature 0 and for a structured output, and without one or both of them where the model
 * refuses the request so. What the parameters name is sent as it is, or refused.
 */
async function generate(
  models: ModelCalls,
  judge: JudgeModel,
  signal: AbortSignal,
  { responseSchema, ...question }: Pick<ModelRequest, 'messages' | 'responseSchema' | 'repeat'>,
): Promise<ModelAnswer> {
  const { provider, model, parameters, prices } = judge;
  let refusal: unknown;
  for (const [place, { temperature, schema }] of manners.entries()) {
    const isNamed = parameters?.temperature !== undefined;
    if (place < judge.manner || (temperature && isNamed)) continue;
    try {
      const answer = await models.generate(
        {
          provider,
          model,
          parameters: {
            ...(temperature && { temperature: 0 }),
            maxOutputTokens: OUTPUT_TOKENS,
            ...parameters,
          },
          ...(prices && { prices }),
          ...question,
          ...(schema && responseSchema && { responseSchema }),
        },
        { signal },
      );
      judge.manner = Math.max(judge.manner, place);
      return answer;
    } catch (error) {
      if (!(error instanceof CallError) || error.class !== 'invalid_request') throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** The end of every prompt, for models that know no structured output. */
export const answerForm = (form: Record<string, Json>): string =>
  `Answer with one JSON object and nothing else, its members in the order of this JSON Schema:\n${JSON.stringify(form)}`;

function toJson(schema: object): Record<string, Json> {
  const { $schema: _, ...form }: Record<string, Json> = JSON.parse(JSON.stringify(schema));
  return form;
}

/**
 * The part of JSON Schema that all providers take: some refuse a request with bounds in its schema.
 * The answer is held to them all the same, when it is read.
 */
function portable(form: Record<string, Json>): Record<string, Json> {
  const kept = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(kept);
    return typeof value === 'object' && value !== null ? portable(value) : value;
  };
  return Object.fromEntries(
    Object.entries(form)
      .filter(([name, value]) => !bounds.has(name) || typeof value === 'object')
      .map(([name, value]) => [name, kept(value)]),
  );
}

const bounds = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
]);
