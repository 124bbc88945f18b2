import { RequestError, type Json, type ModelTarget } from '#libs/contracts';

/**
 * Schemas and tools of a model target, as far as every provider asks for it; what only one of them
 * does not take, that one says.
 * @throws {RequestError} naming the field
 */
export function checkModelTarget({ responseSchema, tools = [], toolChoice }: ModelTarget): void {
  if (responseSchema) checkObjectSchema(responseSchema, 'target.responseSchema');
  for (const [place, { name, inputSchema }] of tools.entries()) {
    checkObjectSchema(inputSchema, `target.tools.${place}.inputSchema`);
    if (tools.findIndex((tool) => tool.name === name) !== place) {
      throw unfit(`target.tools.${place}.name`, `"${name}" is the name of another tool too`);
    }
  }
  if (toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none') return;
  if (toolChoice === 'required') {
    if (tools.length === 0)
      throw unfit('target.toolChoice', 'a tool is required, but there is none');
    return;
  }
  if (!tools.some(({ name }) => name === toolChoice.tool)) {
    throw unfit('target.toolChoice.tool', `"${toolChoice.tool}" is none of the tools`);
  }
}

function checkObjectSchema(schema: Record<string, Json>, field: string): void {
  const { type, properties, required } = schema;
  if (type !== 'object') throw unfit(`${field}.type`, 'must be "object"');
  if (properties !== undefined && !isObject(properties)) {
    throw unfit(`${field}.properties`, 'must be an object of schemas by name');
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (!isObject(property) && typeof property !== 'boolean') {
      throw unfit(`${field}.properties.${name}`, 'must be a schema');
    }
  }
  if (required === undefined) return;
  const names = Array.isArray(required) ? required : [null];
  if (!names.every((name) => typeof name === 'string')) {
    throw unfit(`${field}.required`, 'must be a list of names');
  }
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unfit = (field: string, message: string): RequestError =>
  new RequestError('invalid', 'invalid_target', `${field}: ${message}.`, [{ field, message }]);
