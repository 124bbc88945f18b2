import type { ItemFilter } from '../../queries/runs.ts';
import type { RunSearch } from './search.ts';

/** What the address says of which items are shown, as the API takes it. */
export function filterOf(search: RunSearch): ItemFilter {
  const { status, errorClass, metric, sort, min, max, passed, category } = search;
  const { sliceBy, sliceValue } = search;
  return {
    status,
    errorClass,
    search: search.search,
    ...(sliceBy !== undefined && sliceValue !== undefined && { sliceBy, sliceValue }),
    // Without a metric these say nothing.
    ...(metric !== undefined && { metric, sort, min, max, passed, category }),
  };
}
