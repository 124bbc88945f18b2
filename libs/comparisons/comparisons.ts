import type { Logger } from '#libs/config';
import {
  comparisonOptions,
  RequestError,
  type Comparison,
  type ComparisonDistribution,
  type ComparisonItem,
  type ComparisonJob,
  type ComparisonOptions,
  type ComparisonResult,
  type operations,
  type OperationInput,
} from '#libs/contracts';
import { sql, type Database, type Queryable } from '#libs/database';
import type { Page } from '#libs/paging';
import type { Queues } from '#libs/queues';
import { distributionOf, POINTS_MAX } from './analysis/distribution.ts';
import { readComparedRuns, type ComparedRun } from './compared-runs.ts';
import { compute, readPairs, refine, type Progress } from './compute.ts';
import { listPairs } from './items.ts';
import type { Resampler } from './resampler.ts';
import { usageMetrics, type UsageMetric } from './scores.ts';
import { settle, type Settled, type SettledMetric } from './settle.ts';
import {
  beginRound,
  endRound,
  findOrCreate,
  getRow,
  heldBy,
  listRows,
  present,
  readResult,
  snapshotsOf,
  startRound,
  storeFailure,
  storeProgress,
  storeResult,
  versionsOf,
  type ComparisonRow,
} from './store.ts';

export interface ComparisonContext {
  database: Database;
  queues: Pick<Queues, 'addComparison' | 'comparisonVerdict' | 'announceComparison'>;
  logger: Logger;
}

/** Up to so many scores of so many runs are compared within the request that asks. */
const AT_ONCE = { scores: 100_000, runs: 4 };
/** Slices by one dimension take as long as so many wholes. */
const WHOLES_PER_DIMENSION = 3;
/** Rounds that were begun so often without an end are given up. */
const BEGUN_MAX = 3;
const PROGRESS_EVERY_MS = 300;

/** Comparisons of all projects: what the API asks of them. */
export function createComparisons(context: ComparisonContext) {
  const { database } = context;
  return {
    /** The answer to a question, from before or of now; without a result where it takes longer. */
    compare: async (
      projectId: string,
      {
        baselineRunId,
        candidateRunIds,
        ...options
      }: OperationInput<typeof operations.createComparison>['body'],
    ): Promise<Comparison> => ask(context, projectId, [baselineRunId, ...candidateRunIds], options),

    compareRuns: async (
      projectId: string,
      { run1, run2, metrics, confidence }: OperationInput<typeof operations.compareRuns>['query'],
    ): Promise<Comparison> =>
      ask(
        context,
        projectId,
        [run1, run2],
        comparisonOptions.parse({
          confidence,
          ...(metrics !== undefined && { metrics: namesIn(metrics) }),
        }),
      ),

    /** @param refresh computes again what is not of the present results */
    async get(projectId: string, id: string, refresh = false): Promise<Comparison> {
      const row = await getRow(database, projectId, id);
      const runs = await readComparedRuns(database, projectId, row.runIds);
      if (refresh && isOutdated(row, runs)) return ask(context, projectId, row.runIds, row.options);
      return present(database, row, runs);
    },

    list: (projectId: string, query: OperationInput<typeof operations.listComparisons>['query']) =>
      listRows(database, projectId, query),

    listItems: (
      projectId: string,
      id: string,
      query: OperationInput<typeof operations.listComparisonItems>['query'],
    ): Promise<Page<ComparisonItem>> => listItems(database, projectId, id, query),

    distribution: (
      projectId: string,
      id: string,
      query: OperationInput<typeof operations.getComparisonDistribution>['query'],
    ): Promise<ComparisonDistribution> => readDistribution(database, projectId, id, query),

    snapshots: (ids: readonly string[]) => snapshotsOf(database, ids),
    versions: (ids: readonly string[]) => versionsOf(database, ids),
  };
}

export type Comparisons = ReturnType<typeof createComparisons>;

const namesIn = (list: string): string[] => [
  ...new Set(
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
];

const isOutdated = (row: ComparisonRow, runs: readonly ComparedRun[]): boolean =>
  row.state === 'failed' || row.resultOf !== heldBy(runs);

const isUnderWay = ({ state }: ComparisonRow): boolean =>
  state === 'queued' || state === 'running' || state === 'refining';

/**
 * Answers a question: from what is stored where the runs still hold the same; else at once where that
 * takes little; else later, by a worker.
 */
async function ask(
  context: ComparisonContext,
  projectId: string,
  runIds: readonly string[],
  given: ComparisonOptions,
): Promise<Comparison> {
  const { database } = context;
  // The order in which metrics are named asks nothing else.
  const options = given.metrics ? { ...given, metrics: given.metrics.toSorted() } : given;
  const runs = await readComparedRuns(database, projectId, runIds);
  const settled = await settle(database, runs, given);
  let row = await findOrCreate(database, projectId, runIds, options);
  if (isOutdated(row, runs)) {
    const isNew = row.state === 'queued' && row.resultOf === null && row.begun === 0;
    // What is under way reads the runs as they are when it begins; what stands still begins again.
    if (!isNew && (!isUnderWay(row) || row.state === 'refining')) {
      row = (await startRound(database, row)) ?? row;
    }
    if (row.state === 'queued' && isSmall(settled, options)) {
      const stage = await computeClosedForms(context, row, () => {});
      if (stage === 'refining') await send(context, row);
    } else if (row.state === 'queued') await send(context, row);
    row = await getRow(database, projectId, row.id);
  }
  return present(database, row, runs);
}

function isSmall({ runs, metrics }: Settled, { usage, sliceBy }: ComparisonOptions): boolean {
  const items = runs.reduce((sum, { total }) => sum + total, 0);
  const scores = items * (metrics.length + (usage ? usageMetrics.length : 0));
  return (
    runs.length <= AT_ONCE.runs &&
    scores * (1 + WHOLES_PER_DIMENSION * sliceBy.length) <= AT_ONCE.scores
  );
}

/** Gives a round to a worker. A queue that is away is no failure: the reconciler sends it later. */
async function send(context: ComparisonContext, { id, round }: ComparisonRow): Promise<void> {
  try {
    await context.queues.addComparison({ comparisonId: id, round });
  } catch (error) {
    context.logger.warn(
      { err: error, comparisonId: id },
      'the queue is away; the reconciler will send this comparison',
    );
  }
}

/** All of it in one snapshot of the tables, so that what it says of the runs is of one moment. */
async function computeClosedForms(
  context: ComparisonContext,
  row: ComparisonRow,
  onProgress: Progress,
): Promise<'refining' | 'completed' | 'superseded'> {
  const { database, queues } = context;
  const { result, resultOf } = await inSnapshot(database, async (tx) => {
    const runs = await readComparedRuns(tx, row.projectId, row.runIds);
    const settled = await settle(tx, runs, row.options);
    return {
      result: await compute(tx, settled, row.options, onProgress),
      resultOf: heldBy(runs),
    };
  });
  const state = row.options.resample ? 'refining' : 'completed';
  const progress = row.options.resample ? CLOSED_FORMS_SHARE : 1;
  const stored = await storeResult(database, row, { state, progress, result, resultOf });
  await queues.announceComparison(row.id);
  return stored ? state : 'superseded';
}

/** The closed forms take this share of the time, as far as the progress says. */
const CLOSED_FORMS_SHARE = 0.3;

const inSnapshot = <Result>(
  database: Database,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> =>
  database.transaction(async (tx) => {
    await tx.query(sql`set transaction isolation level repeatable read read only`);
    return work(tx);
  });

/**
 * Works on one round of a comparison: closed forms first, shown as soon as they are there, then
 * resampling. Does nothing where the round is over. Throws where it should be tried again.
 */
export async function workOnComparison(
  context: ComparisonContext,
  resampler: Resampler,
  { comparisonId, round }: ComparisonJob,
): Promise<void> {
  const { database, queues } = context;
  const row = await beginRound(database, { comparisonId, round });
  if (!row) return;
  await queues.announceComparison(row.id);
  try {
    if (row.begun > BEGUN_MAX) {
      throw new Hopeless('Its worker was lost or failed each time that it was begun; ask again.');
    }
    const { result } = await readResult(database, row.id);
    if (row.state !== 'refining' || !result) {
      const stage = await computeClosedForms(
        context,
        row,
        throttledProgress(context, row, 0, CLOSED_FORMS_SHARE),
      );
      if (stage !== 'refining') return;
    }
    await refineRound(context, resampler, row);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    await storeFailure(database, row, reason);
    await queues.announceComparison(row.id);
  }
}

/** What no further try will change. */
class Hopeless extends Error {}

/** Why it failed for good; undefined where another try may help. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Hopeless || error instanceof RequestError) return error.message;
  return undefined;
}

async function refineRound(
  context: ComparisonContext,
  resampler: Resampler,
  row: ComparisonRow,
): Promise<void> {
  const { database, queues } = context;
  const runs = await readComparedRuns(database, row.projectId, row.runIds);
  const { result, resultOf } = await readResult(database, row.id);
  let refined: ComparisonResult | undefined;
  // Where the runs have gone on, it would be resampled from something else than what stands there.
  if (result && resultOf === heldBy(runs)) {
    const settled = await settle(database, runs, row.options);
    const { confidence, seed } = row.options;
    refined = await refine(
      database,
      settled,
      row.options,
      result,
      (input) => resampler.resample(input, { confidence, seed }),
      throttledProgress(context, row, CLOSED_FORMS_SHARE, 1),
    );
  }
  const stillHeld =
    heldBy(await readComparedRuns(database, row.projectId, row.runIds)) === resultOf;
  if (refined && resultOf !== null && stillHeld) {
    await storeResult(database, row, {
      state: 'completed',
      progress: 1,
      result: refined,
      resultOf,
    });
  } else await endRound(database, row);
  await queues.announceComparison(row.id);
}

/** Stores and shows progress at most a few times a second. */
function throttledProgress(
  { database, queues, logger }: ComparisonContext,
  row: ComparisonRow,
  from: number,
  to: number,
): Progress {
  let next = 0;
  return (share) => {
    const now = Date.now();
    if (now < next) return;
    next = now + PROGRESS_EVERY_MS;
    storeProgress(database, row, from + share * (to - from)).then(
      () => queues.announceComparison(row.id),
      (error: unknown) => logger.warn({ err: error, comparisonId: row.id }, 'progress was lost'),
    );
  };
}

/** The two runs that a question about a part of a comparison is about, and the metric that it names. */
async function settlePart(
  database: Queryable,
  row: ComparisonRow,
  query: { metric: string; candidateRunId?: string | undefined },
): Promise<{
  runs: readonly [baseline: ComparedRun, candidate: ComparedRun];
  metric: SettledMetric | UsageMetric;
}> {
  const [baselineRunId = '', ...candidateRunIds] = row.runIds;
  const candidateRunId = query.candidateRunId ?? candidateRunIds[0] ?? '';
  if (!candidateRunIds.includes(candidateRunId)) {
    throw new RequestError(
      'invalid',
      'unknown_candidate',
      `The run ${candidateRunId} is no candidate of this comparison; those are ${candidateRunIds.join(', ')}.`,
      [{ field: 'candidateRunId', message: 'is no candidate of this comparison' }],
    );
  }
  const [baseline, candidate] = await readComparedRuns(database, row.projectId, [
    baselineRunId,
    candidateRunId,
  ]);
  if (!baseline || !candidate) throw new Error('Both runs were read.');
  const { usage: hasUsage, metrics: wanted } = row.options;
  const { metrics } = await settle(database, [baseline, candidate], {
    ...row.options,
    margins: {},
    differences: {},
  });
  const metric = metrics.find(({ name }) => name === query.metric);
  const usage = hasUsage ? usageMetrics.find((name) => name === query.metric) : undefined;
  const found = metric ?? usage;
  if (found) return { runs: [baseline, candidate], metric: found };
  const names = [...(wanted ?? metrics.map(({ name }) => name)), ...(hasUsage ? usageMetrics : [])];
  throw new RequestError(
    'invalid',
    'unknown_metric',
    `This comparison has no metric "${query.metric}"; it has ${names.join(', ')}.`,
    [{ field: 'metric', message: `is none of ${names.join(', ')}` }],
  );
}

async function listItems(
  database: Database,
  projectId: string,
  id: string,
  query: OperationInput<typeof operations.listComparisonItems>['query'],
): Promise<Page<ComparisonItem>> {
  const row = await getRow(database, projectId, id);
  const {
    runs: [baseline, candidate],
    metric,
  } = await settlePart(database, row, query);
  const isUsage = typeof metric === 'string';
  const [baselineIndex = -1, candidateIndex = -1] = isUsage ? [] : metric.indexes;
  return listPairs(
    database,
    {
      baseline: { run: baseline, index: baselineIndex },
      candidate: { run: candidate, index: candidateIndex },
      sign: isUsage || metric.shape.direction === 'lower' ? -1 : 1,
      filter: row.options.filter,
    },
    query,
  );
}

/** All of it is read in one snapshot of the tables. */
async function readDistribution(
  database: Database,
  projectId: string,
  id: string,
  query: OperationInput<typeof operations.getComparisonDistribution>['query'],
): Promise<ComparisonDistribution> {
  const row = await getRow(database, projectId, id);
  return inSnapshot(database, async (tx) => {
    const { runs, metric } = await settlePart(tx, row, query);
    if (typeof metric !== 'string' && metric.shape.kind === 'categorical') {
      throw new RequestError(
        'invalid',
        'not_numeric',
        `"${query.metric}" gives categories; how they changed stands in the table of the comparison's result.`,
        [{ field: 'metric', message: 'must give numbers' }],
      );
    }
    const { pairs, first } = await readPairs(tx, runs, metric, row.options);
    const names = pairs.nos.length > POINTS_MAX ? new Map() : await readNames(tx, first, pairs.nos);
    return {
      metric: query.metric,
      candidateRunId: runs[1].id,
      ...distributionOf(pairs, (no) => names.get(no)),
    };
  });
}

async function readNames(
  database: Queryable,
  { id }: ComparedRun,
  nos: Int32Array,
): Promise<Map<number, { key: string; repeat: number }>> {
  const rows = await database.query<{ no: number; key: string; repeat: number }>(sql`
    select no, key, repeat from evaluation_items
    where run_id = ${id} and no = any(${[...nos]}::int[])`);
  return new Map(rows.map(({ no, key, repeat }) => [no, { key, repeat }]));
}
