import { RequestError, type ItemSchema, type Json } from '#libs/contracts';
import { SandboxError, type Sandbox } from '#libs/evaluation';

/**
 * Sees to it that what is given as a schema is one that can be used.
 * @throws {RequestError} `invalid_schema` naming each field that is not
 */
export const checkItemSchemas = (
  sandbox: Sandbox,
  given: {
    inputSchema?: ItemSchema | null | undefined;
    expectedSchema?: ItemSchema | null | undefined;
  },
): Promise<void> =>
  checkSchemas(sandbox, { inputSchema: given.inputSchema, expectedSchema: given.expectedSchema });

/**
 * The same for any schemas, by the fields that hold them.
 * @throws {RequestError} `invalid_schema` naming each field that is not one
 */
export async function checkSchemas(
  sandbox: Sandbox,
  given: Readonly<Record<string, ItemSchema | null | undefined>>,
): Promise<void> {
  const errors: { field: string; message: string }[] = [];
  for (const [field, schema] of Object.entries(given)) {
    const fault = schema ? await faultOf(sandbox, schema) : undefined;
    if (fault !== undefined) errors.push({ field, message: fault });
  }
  const [first] = errors;
  if (!first) return;
  throw new RequestError(
    'invalid',
    'invalid_schema',
    `${first.field} cannot be used as a JSON Schema: ${first.message}. Correct it, or leave it out to take any value.`,
    errors,
  );
}

async function faultOf(sandbox: Sandbox, schema: ItemSchema): Promise<string | undefined> {
  try {
    return await sandbox.checkSchema(schema);
  } catch (error) {
    if (error instanceof SandboxError && error.code !== 'crashed') return error.message;
    throw error;
  }
}

/** What is wrong with a field of an item, by its dotted path. */
export interface ItemFault {
  field: string;
  message: string;
}

const MOST_FAULTS_OF_FIELD = 10;

/**
 * Holds items against the schemas of their dataset. Answers with what is wrong with each of them, at
 * most 10 faults for input and expected each; nothing is asked of an expected value that is not there.
 * @throws {RequestError} `schema_check_failed` where it cannot be told in time
 */
export async function findSchemaFaults(
  sandbox: Sandbox,
  dataset: { inputSchema: ItemSchema | null; expectedSchema: ItemSchema | null },
  items: readonly { input: Json; expected?: Json | undefined }[],
): Promise<ItemFault[][]> {
  const found: ItemFault[][] = items.map(() => []);
  for (const field of ['input', 'expected'] as const) {
    const schema = dataset[`${field}Schema`];
    if (schema === null) continue;
    const given = items.flatMap((item, index) => {
      const value = item[field];
      return value === undefined ? [] : [{ index, value }];
    });
    const values = given.map(({ value }) => value);
    const faults = values.length === 0 ? [] : await validate(sandbox, field, schema, values);
    for (const [place, { index }] of given.entries()) {
      for (const { path, message } of faults[place] ?? []) {
        found[index]?.push({
          field: [field, ...path.split('/').slice(1).map(unescapePointer)].join('.'),
          message: `does not meet the schema of the dataset: ${message}`,
        });
      }
    }
  }
  return found;
}

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

async function validate(
  sandbox: Sandbox,
  field: 'input' | 'expected',
  schema: ItemSchema,
  values: readonly Json[],
): Promise<{ path: string; message: string }[][]> {
  try {
    return await sandbox.validateJson(schema, values, MOST_FAULTS_OF_FIELD);
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code === 'crashed') throw error;
    throw new RequestError(
      'unprocessable',
      'schema_check_failed',
      `The items could not be held against ${field}Schema of the dataset: ${error.message}. Nothing was stored; simplify the schema, or remove it.`,
    );
  }
}
