import { z } from 'zod';
import { json, type Json } from '#libs/contracts';

/**
 * What a field of a form holds; `group` is an object of which all fields are known, `json` whatever has
 * no control of its own.
 */
export type FieldKind =
  'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'texts' | 'group' | 'json';

/** One property of a JSON Schema, as a form or a table of parameters needs it. */
export interface Field {
  name: string;
  kind: FieldKind;
  /** The sort of value in words, such as "list of texts". */
  type: string;
  /** Bounds and the like in words; empty where there are none. */
  limits: string;
  description: string | undefined;
  required: boolean;
  /** Undefined: none. */
  fallback: Json | undefined;
  /** Of a choice. */
  options: string[];
  /** Of a group. */
  fields: Field[];
  /** Whether the text may be long, and wants more than one line. */
  long: boolean;
  example: string | undefined;
}

const node = z.looseObject({
  $ref: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  default: json.optional().catch(undefined),
  enum: z.array(z.string()).optional().catch(undefined),
  items: z
    .looseObject({ type: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  example: json.optional().catch(undefined),
  minimum: z.number().optional().catch(undefined),
  maximum: z.number().optional().catch(undefined),
  maxLength: z.number().optional().catch(undefined),
  minItems: z.number().optional().catch(undefined),
  maxItems: z.number().optional().catch(undefined),
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
  required: z.array(z.string()).optional().catch(undefined),
  additionalProperties: z.unknown().optional(),
  anyOf: z
    .array(z.looseObject({ type: z.string().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});
type Node = z.infer<typeof node>;

const root = node.extend({ $defs: z.record(z.string(), node).default({}) });
type Definitions = z.infer<typeof root>['$defs'];

/** Longer than this does not fit on one line of a form. */
const oneLine = 1000;

/** The fields of an object's JSON Schema, in its order; none where it is no object's. */
export function fieldsOf(schema: unknown): Field[] {
  const parsed = root.safeParse(schema);
  return parsed.success ? fieldsIn(parsed.data, parsed.data.$defs, []) : [];
}

/** @param above the references that lead here: what refers to itself is not followed for ever */
function fieldsIn(
  { properties = {}, required = [] }: Node,
  definitions: Definitions,
  above: readonly string[],
): Field[] {
  return Object.entries(properties).map(([name, schema]) => {
    const given = node.parse(schema);
    const target = given.$ref?.replace('#/$defs/', '') ?? '';
    // What stands beside a reference, such as a description, says more than what it refers to.
    const property = above.includes(target) ? given : { ...definitions[target], ...present(given) };
    const kind = kindOf(property);
    return {
      name,
      kind,
      type: typeOf(property),
      limits: limitsOf(property),
      description: property.description,
      required: required.includes(name),
      fallback: property.default,
      options: property.enum ?? [],
      fields: kind === 'group' ? fieldsIn(property, definitions, [...above, target]) : [],
      long: kind === 'text' && (property.maxLength ?? 0) > oneLine,
      example: typeof property.example === 'string' ? property.example : undefined,
    };
  });
}

const present = (given: Node): Node =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

function kindOf({ type, enum: options, items, properties, additionalProperties }: Node): FieldKind {
  if (options !== undefined) return 'choice';
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer' || type === 'boolean') return type;
  if (properties !== undefined && additionalProperties === false) return 'group';
  return type === 'array' && items?.type === 'string' ? 'texts' : 'json';
}

const words: Record<string, string> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'object',
  null: 'null',
};
const many: Record<string, string> = {
  string: 'texts',
  number: 'numbers',
  integer: 'whole numbers',
  object: 'objects',
};
const wordOf = (type: string | undefined): string => words[type ?? ''] ?? 'any JSON';

function typeOf({ type, enum: options, items, anyOf, properties, required }: Node): string {
  if (options !== undefined) return options.join(' | ');
  const names = Object.keys(properties ?? {});
  if (type === 'object' && names.length > 0) {
    const one = (name: string): string => (required?.includes(name) ? name : `${name}?`);
    return `object: ${names.map(one).join(', ')}`;
  }
  if (type === 'array') return `list of ${many[items?.type ?? ''] ?? 'values'}`;
  if (anyOf !== undefined && type === undefined) {
    return [...new Set(anyOf.map((one) => wordOf(one.type)))].join(', or ');
  }
  return wordOf(type);
}

function limitsOf({ minimum, maximum, maxLength, minItems, maxItems }: Node): string {
  // What JSON Schema writes for "a safe whole number" says nothing to a person.
  const told = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const range = [
    told(minimum) ? `from ${plain(minimum)}` : '',
    told(maximum) ? `to ${plain(maximum)}` : '',
  ];
  const items = [
    (minItems ?? 0) > 1 ? `at least ${minItems}` : '',
    maxItems === undefined ? '' : `at most ${plain(maxItems)}`,
  ];
  return [
    range.filter((text) => text !== '').join(' '),
    items.filter((text) => text !== '').join(', '),
    maxLength === undefined ? '' : `at most ${plain(maxLength)} characters`,
  ]
    .filter((text) => text !== '')
    .join('; ');
}

const plain = (value: number): string => value.toLocaleString('en');
