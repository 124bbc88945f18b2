import type { RunsSearch } from '../search.ts';

/** Views that every project has. */
export const builtIn: { name: string; search: RunsSearch }[] = [
  { name: 'All', search: {} },
  { name: 'Going on', search: { state: ['queued', 'running', 'paused'] } },
  { name: 'Failed', search: { state: ['failed'] } },
  { name: 'Deleted', search: { deleted: true } },
];
