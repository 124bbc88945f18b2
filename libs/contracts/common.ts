import { z } from 'zod';

/** What PostgreSQL's text can hold as it is: no name, key or tag may carry anything else. */
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();

/** Text of a bounded length that a person or a program chose: names, keys, tags. */
export const text = (maximum: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(maximum, `must have at most ${maximum} characters`)
    .refine(isStorable, 'must not contain the character U+0000 or half of a surrogate pair');

export const id = z
  .uuid('must be an id (a UUID)')
  .toLowerCase()
  .meta({ example: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11' });
export const timestamp = z.iso.datetime({ offset: true }).meta({ description: 'ISO 8601, UTC' });

/** Any JSON value. */
export const json = z.json().meta({ id: 'Json', description: 'Any JSON value' });
export type Json = z.infer<typeof json>;

export const tagLimits = { tags: 50 } as const;
export const tags = z.array(text(100)).max(tagLimits.tags, `at most ${tagLimits.tags} tags`);
/** Escapes of U+0000 and of lone surrogates, as JSON.stringify writes them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;
export const metadata = z
  .record(text(200), json)
  .refine((value) => !UNSTORABLE.test(JSON.stringify(value)), {
    message: 'must not contain the character U+0000 or half of a surrogate pair',
  });

/** A yes or no in a query. */
export const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], {
    error: 'must be true or false',
  })
  .meta({ override: { type: 'boolean' } });

/**
 * A part of a query that may be given several times, each time with another value; what comes out is
 * always a list.
 * @param most values
 */
export const several = <Value extends z.ZodType>(value: Value, most = 50) => {
  const list = z.array(value).min(1).max(most, `at most ${most} of them`);
  return z
    .preprocess((given: z.input<Value> | z.input<Value>[]) => [given].flat(), list)
    .meta({
      override({ jsonSchema }: { jsonSchema: object }) {
        const { $schema: _, ...shape } = z.toJSONSchema(list, { io: 'input' });
        Object.assign(jsonSchema, shape);
      },
    });
};

/** What every list takes: `limit` and the `cursor` that the page before it answered with. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(4000).optional(),
});

/** What every list answers. `nextCursor` is null on the last page. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** What is wrong with one field, or one line of an upload. */
export const fault = z.object({
  field: z.string().optional(),
  line: z.int().optional(),
  message: z.string(),
});

/** An RFC 9457 problem: `code` is stable, `errors` names each field that is wrong and the remedy. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string().optional(),
    errors: z.array(fault).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
