import { RequestError, type ItemSchema } from '#libs/contracts';
import { SandboxError, type Sandbox } from '#libs/evaluation';

/**
 * Sees to it that what is given as a schema is one that can be used.
 * @throws {RequestError} `invalid_schema` naming each field that is not
 */
export async function checkItemSchemas(
  sandbox: Sandbox,
  given: {
    inputSchema?: ItemSchema | null | undefined;
    expectedSchema?: ItemSchema | null | undefined;
  },
): Promise<void> {
  const errors: { field: string; message: string }[] = [];
  for (const field of ['inputSchema', 'expectedSchema'] as const) {
    const schema = given[field];
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
