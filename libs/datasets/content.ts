import { createHash } from 'node:crypto';
import type { DatasetItemInput } from '#libs/contracts';
import stringify from 'fast-json-stable-stringify';

/** Items of a version: positions are 32-bit, and so are the items of a run, which are items × repeats. */
export const MOST_ITEMS = 10_000_000;

/** Half of a SHA-256 over what makes an item what it is, the order of its fields aside. */
export const hashContent = ({ input, expected }: DatasetItemInput): string =>
  createHash('sha256').update(stringify({ input, expected })).digest('hex').slice(0, 32);

/** An array of text as PostgreSQL writes it: an array of arrays cannot be unnested row by row. */
export const arrayLiteral = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
