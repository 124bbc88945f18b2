import type { DatasetVersion } from '#libs/contracts';
import { formatCount } from '../../../format/numbers.ts';

const items = (count: number): string => `${formatCount(count)} ${count === 1 ? 'item' : 'items'}`;

/** How a version came about. */
export function originInWords({ origin }: DatasetVersion): string {
  if (origin.kind === 'upload') {
    return origin.baseVersion === undefined
      ? 'Imported from a file'
      : `Items of a file added to version ${origin.baseVersion}`;
  }
  const { baseVersion, put, removed, fromRunId } = origin;
  const parts = [
    put > 0 ? `${items(put)} added or changed` : '',
    removed > 0 ? `${items(removed)} removed` : '',
  ].filter((part) => part !== '');
  const how = baseVersion === null ? 'Written item by item' : `Edited from version ${baseVersion}`;
  const from = fromRunId === undefined ? '' : ', from a run';
  return `${how}${from}: ${parts.join(', ')}`;
}
