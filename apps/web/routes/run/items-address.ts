import type { ExportFormat } from '#libs/contracts';
import type { ItemFilter } from '../../queries/runs.ts';

/** Where the items that a filter takes are as a file. */
export function itemsAddress(runId: string, filter: ItemFilter, format: ExportFormat): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `/api/v1/runs/${runId}/items/export?${query.toString()}`;
}
