import { addDays, parseISO, subDays } from 'date-fns';
import { z } from 'zod';
import { id, parseMeanRange, runSort, runState, sortOrder, targetKind } from '#libs/contracts';
import type { RunListQuery } from '../../queries/runs.ts';

/** One value, or several; what is not known is left out. */
const list = <Value extends z.ZodType>(value: Value) =>
  z
    .preprocess(
      (given) =>
        given === undefined ? given : [given].flat().filter((one) => value.safeParse(one).success),
      z.array(value).min(1),
    )
    .optional()
    .catch(undefined);
const day = z.iso.date().optional().catch(undefined);

/** How long ago a run was made at most. */
export const periods = { '1d': 1, '7d': 7, '30d': 30, '90d': 90 } as const;
const period = z.enum(['1d', '7d', '30d', '90d']);

/** What the address of the list says: all of what is shown of it. */
export const runsSearch = z.object({
  q: z.coerce.string().min(1).optional().catch(undefined),
  state: list(runState),
  dataset: list(id),
  target: list(targetKind),
  model: list(z.coerce.string().min(1)),
  tag: list(z.coerce.string().min(1)),
  by: list(id),
  mean: list(z.string().refine((given) => parseMeanRange(given) !== undefined)),
  last: period.optional().catch(undefined),
  from: day,
  to: day,
  deleted: z.literal(true).optional().catch(undefined),
  sort: runSort.optional().catch(undefined),
  metric: z.coerce.string().min(1).optional().catch(undefined),
  order: sortOrder.optional().catch(undefined),
  columns: list(z.coerce.string()),
});
export type RunsSearch = z.infer<typeof runsSearch>;

/** What narrows the list; the rest is how it is shown. */
const filterNames = [
  'q',
  'state',
  'dataset',
  'target',
  'model',
  'tag',
  'by',
  'mean',
  'last',
  'from',
  'to',
] as const satisfies readonly (keyof RunsSearch)[];

export const isFiltered = (search: RunsSearch): boolean =>
  filterNames.some((name) => search[name] !== undefined);

/** Nothing narrows it any more; order and columns stay. */
export const withoutFilters = (search: RunsSearch): RunsSearch => ({
  ...search,
  ...Object.fromEntries(filterNames.map((name) => [name, undefined])),
});

/** The order, with what is left out of the address. An order by a mean needs a metric. */
export function orderOf(search: RunsSearch): {
  sort: NonNullable<RunListQuery['sort']>;
  metric?: string | undefined;
  order: NonNullable<RunListQuery['order']>;
} {
  const { sort = 'created', metric, order } = search;
  if (sort === 'mean' && metric === undefined) return { sort: 'created', order: 'desc' };
  return {
    sort,
    metric: sort === 'mean' ? metric : undefined,
    order: order ?? (sort === 'name' ? 'asc' : 'desc'),
  };
}

/** What the API is asked for. Days are those of whoever looks. */
export function queryOf(search: RunsSearch, now = new Date()): RunListQuery {
  const { q, state, dataset, target, model, tag, by, mean, last, from, to, deleted } = search;
  const since = last === undefined ? undefined : subDays(now, periods[last]);
  const first = from === undefined ? since : parseISO(from);
  return {
    name: q?.trim() === '' ? undefined : q?.trim(),
    state,
    datasetId: dataset,
    target,
    model,
    tag,
    createdBy: by,
    mean,
    createdFrom: first?.toISOString(),
    createdTo: to === undefined ? undefined : addDays(parseISO(to), 1).toISOString(),
    deleted,
    ...orderOf(search),
  };
}

/** The same list: what is shown of it may differ. */
export const listOf = (search: RunsSearch): RunsSearch => ({ ...search, columns: undefined });

/** One text for all addresses that show the same. */
export const canonical = (search: RunsSearch): string =>
  JSON.stringify(
    Object.entries(search)
      .filter(([, value]) => value !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
