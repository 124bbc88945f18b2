import type { Json } from '#libs/contracts';
import { defineMetric, SandboxError } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { faultOf } from '../values/pattern.ts';
import { fenceOption, fenceRule } from './fence.ts';
import { jsonOf } from './json-text.ts';

/** Characters of a schema as JSON. */
const SCHEMA_MAX = 100_000;
const FAULTS_MAX = 10;

/** Whether the output is JSON of the wanted form. */
export const jsonSchema = defineMetric({
  name: 'json_schema',
  title: 'JSON Schema',
  family: 'structure',
  description:
    'Whether the output is JSON that fits a JSON Schema; the details say what does not, and where.',
  definition: `True when the output is JSON (a text is read as json_validity reads it) and valid by the schema: draft 2020-12, format asserted for the formats that the validator knows, patterns as RE2 patterns, unknown keywords without meaning. A text that is not JSON is wrong. References stay within the schema; nothing is fetched. The details hold the first ${FAULTS_MAX} faults, each with its place as a JSON Pointer. A schema that cannot be used after all, or a value that nests too deep to be checked, gives an error. ${fenceRule}`,
  source:
    'JSON Schema, draft 2020-12 (json-schema.org), validated by Ajv; JSON Pointers by RFC 6901.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    schema: z
      .union([z.boolean(), z.record(z.string(), z.json())], {
        error: 'must be a JSON Schema: an object, or true or false',
      })
      .superRefine((schema, context) => {
        for (const { path, message } of schemaFaults(schema)) {
          context.addIssue({ code: 'custom', path, message });
        }
      })
      .meta({ description: 'A JSON Schema, draft 2020-12' }),
    fence: fenceOption,
  }),
  examples: [
    {
      config: {
        schema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      },
      output: '{"name": "Ada"}',
      value: true,
    },
    {
      config: { schema: { type: 'array', items: { type: 'integer' }, maxItems: 2 } },
      output: [1, 2, 3.5],
      value: false,
    },
    { config: { schema: true }, output: 'no JSON', value: false },
  ],
  prepare({ schema, fence }, { sandbox }) {
    return async ({ output }) => {
      const read = jsonOf(output, fence);
      if (read.fault !== undefined) return { outcome: 'scored', value: false, reason: read.fault };
      const faults = await validate(read.value);
      const [first] = faults;
      if (!first) return { outcome: 'scored', value: true };
      const place = first.path === '' ? 'the value' : `"${first.path}"`;
      return {
        outcome: 'scored',
        value: false,
        reason: `${place} ${first.message}`,
        details: { faults: faults.map(({ path, message }) => ({ path, message })) },
      };
    };

    async function validate(value: Json) {
      try {
        const [faults = []] = await sandbox.validateJson(schema, [value], FAULTS_MAX);
        return faults;
      } catch (error) {
        if (!(error instanceof SandboxError) || error.code !== 'syntax') throw error;
        throw new MetricError(`the schema cannot be used: ${error.message}`, { cause: error });
      }
    }
  },
});

type Place = (string | number)[];
interface SchemaFault {
  path: Place;
  message: string;
}

/** Levels of a schema at most. */
const DEPTH_MAX = 200;
/** Keywords whose values are data, in which nothing is a keyword. */
const dataKeywords = new Set(['const', 'enum', 'default', 'examples']);

/** What can be said about a schema without compiling it, which takes a sandbox. */
function schemaFaults(schema: boolean | Record<string, Json>): SchemaFault[] {
  const size = JSON.stringify(schema).length;
  if (size > SCHEMA_MAX) {
    return [
      { path: [], message: `has ${size} characters as JSON; it may have at most ${SCHEMA_MAX}` },
    ];
  }
  const faults: SchemaFault[] = [];
  const remote: SchemaFault[] = [];
  let identified = false;
  const open: { path: Place; value: Json }[] = [{ path: [], value: schema }];
  for (let next = open.pop(); next && faults.length < FAULTS_MAX; next = open.pop()) {
    const { path, value } = next;
    if (path.length > DEPTH_MAX) return [{ path: [], message: `nests deeper than ${DEPTH_MAX}` }];
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, each] of Object.entries(value)) {
      const place = [...path, name];
      const isProperty = path.at(-1) === 'properties';
      if (isProperty || !dataKeywords.has(name)) open.push({ path: place, value: each });
      if (isProperty) continue;
      const message = patternFault(name, each);
      if (message !== undefined) faults.push({ path: place, message });
      if (name === '$id') identified = true;
      if (refersElsewhere(name, each)) {
        const message = 'refers to another document, and nothing is fetched; copy it into $defs';
        remote.push({ path: place, message });
      }
    }
  }
  // Where something in it has an $id, an address may well be that of a part of it.
  return identified ? faults : [...faults, ...remote].slice(0, FAULTS_MAX);
}

const refersElsewhere = (name: string, value: Json): boolean =>
  (name === '$ref' || name === '$dynamicRef') &&
  typeof value === 'string' &&
  !value.startsWith('#');

function patternFault(name: string, value: Json): string | undefined {
  if (name === 'pattern' && typeof value === 'string') return faultOf(value);
  if (name !== 'patternProperties' || typeof value !== 'object' || value === null) return undefined;
  for (const pattern of Object.keys(value)) {
    const fault = faultOf(pattern);
    if (fault !== undefined) return `${JSON.stringify(pattern)} ${fault}`;
  }
  return undefined;
}
