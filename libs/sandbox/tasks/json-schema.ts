import type { AnySchema, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020, MissingRefError } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JSException } from 're2js';
import { bounded, TaskError, type JsonFault } from '../messages.ts';
import { linearPattern } from './re2.ts';

const regExp = Object.assign((pattern: string) => linearPattern(pattern), {
  code: 'linearPattern',
});

/**
 * As the specification says, a keyword that nobody knows means nothing; formats are asserted where
 * they are known. Each schema gets an instance of its own, which would remember every `$id` in it.
 */
const ajvFor = (allErrors: boolean) => {
  const ajv = new Ajv2020({
    strict: false,
    allErrors,
    logger: false,
    // Otherwise every object has a toString.
    ownProperties: true,
    // Otherwise 1.13 is no multiple of 0.01.
    multipleOfPrecision: 9,
    code: { regExp },
  });
  addFormats.default(ajv);
  return ajv;
};

const SCHEMAS_MAX = 50;
/** By mode and text. */
const ready = new Map<string, ValidateFunction>();

/** @throws {TaskError} where the schema cannot be used */
function validatorOf(text: string, allErrors: boolean): ValidateFunction {
  const key = `${allErrors} ${text}`;
  const known = ready.get(key);
  if (known) return known;
  const schema = schemaIn(text);
  try {
    const validate = ajvFor(allErrors).compile(schema);
    if (ready.size === SCHEMAS_MAX) ready.clear();
    ready.set(key, validate);
    return validate;
  } catch (error) {
    throw new TaskError('syntax', remedyOf(error));
  }
}

/** @throws {TaskError} where the schema cannot be used */
export function validateJson(task: {
  schema: string;
  values: string;
  faultsMax: number;
}): JsonFault[][] {
  const validate = validatorOf(task.schema, task.faultsMax > 1);
  const values: unknown = JSON.parse(task.values);
  if (!Array.isArray(values)) return [];
  return values.map((value: unknown) => {
    if (validate(value)) return [];
    return (validate.errors ?? []).slice(0, task.faultsMax).map(faultOf);
  });
}

/** What is wrong with a schema; undefined where it can be used. */
export function checkSchema(schema: string): string | undefined {
  try {
    validatorOf(schema, false);
    return undefined;
  } catch (error) {
    if (error instanceof TaskError && error.code === 'syntax') return error.message;
    throw error;
  }
}

function schemaIn(text: string): AnySchema {
  const schema: unknown = JSON.parse(text);
  if (typeof schema === 'boolean') return schema;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new TaskError('syntax', 'a JSON Schema is an object, or true or false');
  }
  const given: Record<string, unknown> = { ...schema };
  const draft = given['$schema'];
  if (draft !== undefined && !isDraft2020(draft)) {
    throw new TaskError(
      'syntax',
      'its $schema names another draft; only 2020-12 is known: write "https://json-schema.org/draft/2020-12/schema", or leave $schema out',
    );
  }
  if (given['$async'] !== undefined) {
    throw new TaskError('syntax', '$async is no keyword of JSON Schema; leave it out');
  }
  return given;
}

const isDraft2020 = (draft: unknown): boolean =>
  typeof draft === 'string' &&
  /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(draft);

function remedyOf(error: unknown): string {
  if (error instanceof RangeError) return 'it nests too deep, or refers to itself without end';
  if (error instanceof MissingRefError) {
    return bounded(
      `it refers to "${error.missingRef}", which is not in it; nothing is fetched, so copy it into $defs`,
    );
  }
  if (error instanceof RE2JSException) {
    return bounded(`a pattern is not a valid RE2 pattern: ${error.message}`);
  }
  const message = error instanceof Error ? error.message : 'it cannot be used';
  return bounded(message.replace(/^schema is invalid: data/, 'at '));
}

function faultOf({ instancePath, message, keyword, params }: ErrorObject): JsonFault {
  const given: unknown = params['additionalProperty'] ?? params['unevaluatedProperty'];
  const extra = typeof given === 'string' ? `: ${JSON.stringify(given)}` : '';
  return { path: instancePath, message: bounded(`${message ?? `breaks ${keyword}`}${extra}`) };
}
