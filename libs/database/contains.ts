import { sql } from 'kysely';

type Expression = ReturnType<typeof sql<unknown>>;

/** Whether a text is found in another, upper and lower case taken for the same. */
export const contains = (where: Expression, text: string) =>
  sql<boolean>`strpos(lower(${where}), lower(${text})) > 0`;

/** The same in a JSON value: in the text that it is stored as, in which a text of its own stands escaped. */
export const jsonContains = (where: Expression, text: string) =>
  contains(sql`coalesce(${where}::text, '')`, JSON.stringify(text).slice(1, -1));
