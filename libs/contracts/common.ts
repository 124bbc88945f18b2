import { z } from 'zod';

/** PostgreSQL's text cannot hold U+0000, so no name, key or tag may carry it. */
const withoutNul = (text: string): boolean => !text.includes('\u0000');

/** Text of a bounded length that a person or a program chose: names, keys, tags. */
export const text = (maximum: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(maximum, `must have at most ${maximum} characters`)
    .refine(withoutNul, 'must not contain the character U+0000');

export const id = z
  .uuid('must be an id (a UUID)')
  .meta({ example: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11' });
export const timestamp = z.iso.datetime({ offset: true }).meta({ description: 'ISO 8601, UTC' });

/** Any JSON value. */
export const json = z.json().meta({ id: 'Json', description: 'Any JSON value' });
export type Json = z.infer<typeof json>;

export const tags = z.array(text(100)).max(50, 'at most 50 tags');
export const metadata = z
  .record(text(200), json)
  .refine(
    (value) => withoutNul(JSON.stringify(value)) && !JSON.stringify(value).includes('\\u0000'),
    {
      message: 'must not contain the character U+0000',
    },
  );

/** What every list takes: `limit` and the `cursor` that the page before it answered with. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1000).optional(),
});

/** What every list answers. `nextCursor` is null on the last page. */
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** An RFC 9457 problem: `code` is stable, `errors` names each field that is wrong and the remedy. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string().optional(),
    errors: z
      .array(
        z.object({
          field: z.string().optional(),
          line: z.int().optional(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
