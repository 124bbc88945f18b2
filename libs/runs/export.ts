import type { EvaluationItem, ExportFormat, Json, Run } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { stringify } from 'csv-stringify/sync';
import type { ItemsQuery } from './item-order.ts';
import { listItems } from './items.ts';

/** Items that are read, and written, at a time. */
const PAGE = 200;

/**
 * The closed items of a run as a file, in the order that is asked for, some at a time as they are asked
 * for. Each page is a query of its own: however slow the reader is, no connection is held.
 * @throws {RequestError} as `listItems`, before the first part
 */
export async function* exportItems(
  database: Queryable,
  projectId: string,
  run: Pick<Run, 'id' | 'metrics'>,
  { format, ...filter }: Omit<ItemsQuery, 'limit' | 'cursor'> & { format: ExportFormat },
): AsyncGenerator<string, void, undefined> {
  const metrics = run.metrics.map(({ name }) => name);
  // With the first items, so that what fails before them is not taken for the start of a file.
  let header = format === 'csv' ? stringify([columnsOf(metrics)]) : '';
  let cursor: string | undefined;
  do {
    const page = await listItems(database, projectId, run.id, { ...filter, limit: PAGE, cursor });
    const rows =
      format === 'csv'
        ? stringify(page.items.map((item) => recordOf(item, metrics)))
        : page.items.map((item) => `${JSON.stringify(item)}\n`).join('');
    cursor = page.nextCursor ?? undefined;
    // A search may find nothing for a while.
    if (rows !== '' || cursor === undefined) yield header + rows;
    if (rows !== '') header = '';
  } while (cursor !== undefined);
}

const before = ['key', 'repeat', 'status', 'split', 'tags', 'input', 'expected', 'output'];
const after = [
  'error_class',
  'error',
  'attempt',
  'latency_ms',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'judge_cost_usd',
  'cached',
  'finish_reason',
  'metadata',
];

const columnsOf = (metrics: readonly string[]): string[] => [
  ...before,
  ...metrics.flatMap((name) => [`${name} score`, `${name} passed`, `${name} reason`]),
  ...after,
];

function recordOf(item: EvaluationItem, metrics: readonly string[]): string[] {
  const scores = new Map(item.scores.map((score) => [score.name, score]));
  return [
    item.key,
    item.repeat,
    item.status,
    item.split,
    item.tags.length === 0 ? null : item.tags,
    item.input,
    item.expected,
    item.output,
    ...metrics.flatMap((name) => {
      const score = scores.get(name);
      return [score?.value, score?.passed, score?.error ?? score?.reason];
    }),
    item.error?.class,
    item.error?.message,
    item.attempt,
    item.latencyMs,
    item.inputTokens,
    item.outputTokens,
    item.costUsd,
    item.judgeCostUsd,
    item.cached ?? false,
    item.finishReason,
    Object.keys(item.metadata).length === 0 ? null : item.metadata,
  ].map(cellOf);
}

const cellOf = (value: Json | undefined): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
