import type { RunFilter } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';

/** Which part of the dataset a run took, on one line. */
export function filterInWords({ splits, tags, keys }: RunFilter): string {
  const parts = [
    splits && `${splits.length === 1 ? 'split' : 'splits'} ${splits.join(', ')}`,
    tags && `${tags.length === 1 ? 'tag' : 'tags'} ${tags.join(', ')}`,
    keys && (keys.length === 1 ? `key ${keys.join('')}` : `${formatCount(keys.length)} keys`),
  ];
  return `only ${parts.filter((part) => part !== undefined).join('; ')}`;
}
