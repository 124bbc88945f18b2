import type { ColumnMapping } from '#libs/contracts';

export const roles = ['key', 'input', 'expected', 'metadata', 'tags', 'split'] as const;
/** What a column of a file is in an item; `unused`: nothing. */
export type ColumnRole = (typeof roles)[number] | 'unused';

export const roleNames: Record<ColumnRole, string> = {
  unused: 'not used',
  key: 'Key',
  input: 'Input',
  expected: 'Expected',
  metadata: 'Metadata',
  tags: 'Tags',
  split: 'Split',
};

/** Roles that one column only can have. */
const single = new Set<ColumnRole>(['key', 'split']);

/** Names that columns of other tools have, in the order in which they are taken. */
const usual: Record<(typeof roles)[number], readonly string[]> = {
  key: ['key', 'id', '_id', 'uid', 'uuid', 'qid', 'question_id', 'example_id'],
  input: [
    'input',
    'question',
    'prompt',
    'query',
    'problem',
    'instruction',
    'messages',
    'context',
    'text',
    'sentence',
  ],
  expected: [
    'expected',
    'answer',
    'answers',
    'reference',
    'target',
    'label',
    'gold',
    'ground_truth',
    'completion',
    'solution',
    'output',
  ],
  metadata: ['metadata', 'meta', 'source', 'difficulty', 'level'],
  tags: ['tags', 'tag', 'topic', 'topics', 'category', 'subject'],
  split: ['split', 'subset', 'fold'],
};

/** Whether the columns have the names of an item's fields, so that nothing needs to be said of them. */
export const areFields = (columns: readonly string[]): boolean =>
  columns.some((name) => name === 'input' || name.startsWith('input.')) &&
  columns.every((name) =>
    roles.some(
      (role) =>
        name === role || (/^(input|expected|metadata)\./.test(name) && name.startsWith(role)),
    ),
  );

/** What the columns seem to be, by their names; the first one left is the input where none seems so. */
export function guessRoles(columns: readonly string[]): ColumnRole[] {
  const taken = new Set<ColumnRole>();
  const guessed = columns.map((name): ColumnRole => {
    const plain = name.toLowerCase().replaceAll(/[\s-]+/g, '_');
    const role = roles.find((one) => usual[one].includes(plain));
    if (role === undefined || (single.has(role) && taken.has(role))) return 'unused';
    taken.add(role);
    return role;
  });
  if (taken.has('input')) return guessed;
  const first = guessed.indexOf('unused');
  return guessed.map((role, index) => (index === first ? 'input' : role));
}

/** The roles with one of them changed; who had a role that only one may have gives it up. */
export const withRole = (
  known: readonly ColumnRole[],
  index: number,
  role: ColumnRole,
): ColumnRole[] =>
  known.map((one, at) => {
    if (at === index) return role;
    return one === role && single.has(role) ? 'unused' : one;
  });

/**
 * The mapping that the roles make: one column of a role is the value itself, several are an object with
 * their names. Undefined where no column is the input.
 */
export function mappingOf(
  columns: readonly string[],
  chosen: readonly ColumnRole[],
): ColumnMapping | undefined {
  const columnsOf = (role: ColumnRole) => columns.filter((_, index) => chosen[index] === role);
  const sourceOf = (role: ColumnRole) => {
    const found = columnsOf(role);
    return found.length > 1 ? found : found[0];
  };
  const input = sourceOf('input');
  if (input === undefined) return undefined;
  const expected = sourceOf('expected');
  const metadata = columnsOf('metadata');
  const tags = columnsOf('tags');
  const [key] = columnsOf('key');
  const [split] = columnsOf('split');
  return {
    ...(key !== undefined && { key }),
    input,
    ...(expected !== undefined && { expected }),
    // A column called metadata holds the object; others are fields of it.
    ...(metadata.length > 0 && {
      metadata: metadata.length === 1 && metadata[0] === 'metadata' ? 'metadata' : metadata,
    }),
    ...(tags.length > 0 && { tags }),
    ...(split !== undefined && { split }),
  };
}
