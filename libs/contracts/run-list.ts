import { z } from 'zod';
import { flag, id, page, pageQuery, several, text } from './common.ts';
import { defineOperation } from './operation.ts';
import { run, runState } from './runs.ts';
import type { Target } from './targets.ts';

export const runListLimits = {
  /** Runs that one order is given to. */
  changed: 500,
  /** Runs that are counted; beyond, there are more. */
  counted: 100_000,
  /** Values of each kind to choose from. */
  facets: 200,
} as const;

export const targetKinds = [
  'recorded',
  'model',
  'http',
  'client',
] as const satisfies readonly Target['kind'][];
export const targetKind = z.enum(targetKinds);
export type TargetKind = z.infer<typeof targetKind>;

const rangeText = /^(?<metric>.{1,100}):(?<min>[^:]*):(?<max>[^:]*)$/s;
const bound = (given: string | undefined): number | undefined =>
  given === undefined || given.trim() === '' ? undefined : Number(given);

/** The final mean of a metric lies between two values; one of them may be left out. */
export interface MeanRange {
  metric: string;
  min?: number | undefined;
  max?: number | undefined;
}

/** Reads `accuracy:0.5:0.9`, `accuracy:0.5:` or `accuracy::0.9`; undefined where it is none of these. */
export function parseMeanRange(given: string): MeanRange | undefined {
  const groups = rangeText.exec(given)?.groups;
  if (!groups) return undefined;
  const { metric = '' } = groups;
  const range = { metric, min: bound(groups.min), max: bound(groups.max) };
  const isRight = [range.min, range.max].every((one) => one === undefined || Number.isFinite(one));
  const isBound = range.min !== undefined || range.max !== undefined;
  return isRight && isBound ? range : undefined;
}

/** What `parseMeanRange` reads. */
export const formatMeanRange = ({ metric, min, max }: MeanRange): string =>
  `${metric}:${min ?? ''}:${max ?? ''}`;

const meanRange = text(200)
  .refine(
    (given) => parseMeanRange(given) !== undefined,
    'must be metric:least:most, such as accuracy:0.5:0.9; one of the two numbers may be left out',
  )
  .meta({ example: 'accuracy:0.5:0.9' });

const moment = z.iso.datetime({
  offset: true,
  error: 'must be a time in ISO 8601 with its offset',
});

/** Which runs: those that meet all that is given, any value of each. */
export const runsFilter = z.object({
  id: several(id, 200).optional().meta({ description: 'Only these' }),
  name: text(200).optional().meta({ description: 'A part of the name; case does not matter' }),
  state: several(runState).optional(),
  datasetId: several(id).optional(),
  target: several(targetKind).optional().meta({ description: 'What gave the outputs' }),
  model: several(text(300)).optional().meta({ description: 'Of the target' }),
  tag: several(text(100)).optional(),
  createdBy: several(id).optional().meta({ description: 'Ids of the keys that made them' }),
  mean: several(meanRange, 10).optional().meta({
    description:
      'Completed runs whose mean of a metric is in a range, as in `accuracy:0.5:0.9`, `accuracy:0.5:` or `accuracy::0.9`; of several, all must hold',
  }),
  createdFrom: moment.optional(),
  createdTo: moment.optional().meta({ description: 'Before this' }),
  deleted: flag.optional().meta({ description: 'true: the deleted ones' }),
});
export type RunsFilter = z.infer<typeof runsFilter>;

export const runSorts = ['created', 'finished', 'name', 'duration', 'mean'] as const;
export const runSort = z.enum(runSorts);
export type RunSort = z.infer<typeof runSort>;
export const sortOrder = z.enum(['asc', 'desc']);
export type SortOrder = z.infer<typeof sortOrder>;

/** Values that runs of the project can be chosen by. */
export const runFacets = z
  .object({
    datasets: z.array(z.object({ id, name: z.string() })),
    models: z.array(z.string()),
    tags: z.array(z.string()).meta({ description: 'Of the newest 2000 runs, the most used first' }),
    createdBy: z.array(z.object({ keyId: id, name: z.string() })),
    metrics: z.array(z.string()).meta({ description: 'Of completed runs, by name' }),
  })
  .meta({ id: 'RunFacets' });
export type RunFacets = z.infer<typeof runFacets>;

const runIds = z
  .array(id)
  .min(1, 'name at least one run')
  .max(runListLimits.changed, `at most ${runListLimits.changed} runs at once`)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name a run twice');
const someTags = z.array(text(100)).max(50, 'at most 50 tags').default([]);

/** One order for many runs. */
export const changeRuns = z
  .discriminatedUnion(
    'action',
    [
      z.strictObject({
        action: z.literal('tag'),
        runIds,
        add: someTags,
        remove: someTags.meta({ description: 'One that is in both is added' }),
      }),
      z.strictObject({ action: z.literal('cancel'), runIds }),
      z.strictObject({ action: z.literal('retry'), runIds }),
      z.strictObject({ action: z.literal('delete'), runIds }),
      z.strictObject({ action: z.literal('restore'), runIds }),
    ],
    { error: 'must be an object whose action is tag, cancel, retry, delete or restore' },
  )
  .meta({ id: 'ChangeRuns' });
export type ChangeRuns = z.infer<typeof changeRuns>;
export type RunsAction = ChangeRuns['action'];

/** What an order did to one run. */
export const runChange = z
  .object({
    runId: id,
    done: z.boolean().meta({ description: 'true also where it was so before' }),
    refusal: z
      .object({ code: z.string(), detail: z.string() })
      .nullable()
      .meta({ description: 'Why it was not done' }),
  })
  .meta({ id: 'RunChange' });
export type RunChange = z.infer<typeof runChange>;

const tag = 'Runs';

export const runListOperations = {
  listRuns: defineOperation({
    id: 'listRuns',
    method: 'GET',
    path: '/runs',
    summary: 'List the runs, newest first',
    description:
      'All that is given must hold; what may be given several times (`state=queued&state=running`) holds with any of its values. `sort=finished` and `sort=duration` leave out runs that have not ended. `sort=mean` needs `metric`, and has the completed runs that have a mean of it: that of a run which goes on moves. A cursor belongs to its filters and its order.',
    tag,
    role: 'viewer',
    query: pageQuery.extend({
      ...runsFilter.shape,
      sort: runSort.default('created'),
      metric: text(100).optional().meta({ description: 'A name, for `sort=mean`' }),
      order: sortOrder.default('desc'),
    }),
    status: 200,
    response: page(run),
  }),
  countRuns: defineOperation({
    id: 'countRuns',
    method: 'GET',
    path: '/runs/count',
    summary: 'Count runs',
    tag,
    role: 'viewer',
    query: runsFilter,
    status: 200,
    response: z.object({
      count: z.int().meta({ description: `At most ${runListLimits.counted}` }),
      more: z.boolean().meta({ description: 'There are more than were counted' }),
    }),
  }),
  getRunFacets: defineOperation({
    id: 'getRunFacets',
    method: 'GET',
    path: '/runs/facets',
    summary: 'Get the values that the runs can be filtered by',
    description: `At most ${runListLimits.facets} of each.`,
    tag,
    role: 'viewer',
    status: 200,
    response: runFacets,
  }),
  changeRuns: defineOperation({
    id: 'changeRuns',
    method: 'POST',
    path: '/runs/changes',
    summary: 'Tag, cancel, retry, delete or restore many runs',
    description: `At most ${runListLimits.changed}. What one run refuses does not hold up the others: the answer says of each, in the order of \`runIds\`, what became of it.`,
    tag,
    role: 'editor',
    body: changeRuns,
    status: 200,
    response: z.object({ items: z.array(runChange) }),
  }),
};
