import type { DatasetItem } from '#libs/contracts';

/** Text at a path that is longer than this is no label. */
const labelMax = 60;

/**
 * What items can be sliced by: tags and split where one has them, and each path of their metadata at which
 * labels stand, that is texts that are short, yes or no, or numbers.
 */
export function dimensionsOf(
  items: readonly Pick<DatasetItem, 'tags' | 'split' | 'metadata'>[],
): string[] {
  const paths = new Set<string>();
  for (const { metadata } of items) {
    for (const [path, value] of leavesOf(metadata, 'metadata')) {
      if (isLabel(value)) paths.add(path);
    }
  }
  return [
    ...(items.some(({ tags }) => tags.length > 0) ? ['tags'] : []),
    ...(items.some(({ split }) => split !== null) ? ['split'] : []),
    ...[...paths].sort(),
  ];
}

const isLabel = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= labelMax) ||
  typeof value === 'number' ||
  typeof value === 'boolean';

function leavesOf(value: object, path: string): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    // A name with a dot is none that a path can hold.
    if (name === '' || name.includes('.')) return [];
    const at = `${path}.${name}`;
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isObject ? leavesOf(inner, at) : [[at, inner] satisfies [string, unknown]];
  });
}
