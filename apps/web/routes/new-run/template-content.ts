import type { Dataset, DatasetItem, Json, PromptContent } from '#libs/contracts';
import type { JsonObject } from './request.ts';

const mostExamples = 3;

/**
 * The content of a template that does what a run does, whatever model it is used with: metrics lose
 * the models that they ask, examples and the shape of items come from the dataset.
 */
export function contentOf(
  body: JsonObject,
  given: {
    name: string;
    description: string;
    /** A line each. */
    bestPractice: string;
    dataset: Dataset | undefined;
    items: readonly DatasetItem[];
    /** Of a prompt that the run only names. */
    saved: PromptContent | undefined;
  },
): JsonObject {
  const { dataset, items } = given;
  const target = objectOf(body.target);
  const { prompt, parameters, responseSchema, tools } = target;
  const metrics = Array.isArray(body.metrics) ? body.metrics : [];
  const expected = items.flatMap((item) => (item.expected === null ? [] : [item.expected]));
  return {
    title: given.name,
    description: given.description,
    prompt: given.saved ?? prompt ?? {},
    ...(parameters !== undefined && { parameters }),
    ...(responseSchema !== undefined && { responseSchema }),
    ...(tools !== undefined && { tools }),
    metrics: metrics.map(withoutModel),
    ...(body.repeats !== undefined && { repeats: body.repeats }),
    ...(body.concurrency !== undefined && { concurrency: body.concurrency }),
    inputSchema: dataset?.inputSchema ?? shapeOf(items.map(({ input }) => input)),
    ...(expected.length > 0 && {
      expectedSchema: dataset?.expectedSchema ?? shapeOf(expected),
    }),
    examples: items.slice(0, mostExamples).map(({ input, expected, metadata }) => ({
      input,
      ...(expected !== null && { expected }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
    })),
    bestPractice: given.bestPractice
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  };
}

/** A judge of a template asks the model that a run is given. */
function withoutModel(metric: Json): Json {
  const { config, ...spec } = objectOf(metric);
  const { model: _, ...rest } = objectOf(config);
  return Object.keys(rest).length > 0 ? { ...spec, config: rest } : spec;
}

/** The JSON Schema that all these values meet: their types, and of objects the fields that all have. */
export function shapeOf(values: readonly Json[]): JsonObject {
  const types = [...new Set(values.map(typeOf))];
  const objects = values.filter(isObject);
  if (objects.length === 0 || objects.length < values.length) return { type: types };
  const [first = {}] = objects;
  const common = Object.keys(first).filter((name) =>
    objects.every((one) => one[name] !== undefined && one[name] !== null),
  );
  return {
    type: 'object',
    required: common,
    properties: Object.fromEntries(
      common.map((name) => [name, shapeOf(objects.map((one) => one[name] ?? null))]),
    ),
  };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
