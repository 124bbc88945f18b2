import {
  comparisonLimits,
  type ComparisonOptions,
  type ComparisonResult,
  type MetricComparison,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { alignRuns, slicesOf } from './alignment.ts';
import {
  compareMetric,
  type Changed,
  type ComparedMetric,
  type DraftMetric,
  type MetricInput,
  type Part,
} from './analysis/compare-metric.ts';
import { differencesOf } from './analysis/difference.ts';
import { rankRuns } from './analysis/leaderboard.ts';
import {
  pairScores,
  pairsOf,
  type Alignment,
  type MetricScores,
  type Pairs,
} from './analysis/pairs.ts';
import type { Resampled, ResampleInput } from './analysis/resample.ts';
import { adjust, outcomeOf, verdictOf } from './analysis/verdict.ts';
import type { ComparedRun } from './compared-runs.ts';
import { readFailed, readScores, readUsage, usageMetrics, type UsageMetric } from './scores.ts';
import type { Settled, SettledMetric } from './settle.ts';

/** Scores that are held at a time: so many metrics are read together. */
const VALUES_AT_ONCE = 4_000_000;

/** Tells how much is done, from 0 to 1. */
export type Progress = (share: number) => void;

/** The newer of two runs, whose items everything is counted in; so exchanging them changes no digit. */
const newerOf = (a: ComparedRun, b: ComparedRun): ComparedRun => (a.id > b.id ? a : b);

interface Scores {
  metric: ComparedMetric;
  /** In the order of the runs. */
  ofRuns: readonly MetricScores[];
}

/** The closed forms of a comparison, whole. To be called within one snapshot of the tables. */
export async function compute(
  database: Queryable,
  settled: Settled,
  options: ComparisonOptions,
  onProgress: Progress,
): Promise<ComparisonResult> {
  const { runs } = settled;
  const [baseline, ...candidates] = runs;
  if (!baseline) throw new Error('A comparison has a baseline.');
  const aligned = await alignAll(database, settled, options);
  const drafts = candidates.map((): DraftMetric[] => []);
  const leaderboards: ComparisonResult['leaderboards'] = [];
  let done = 0;
  const all = settled.metrics.length + (options.usage ? usageMetrics.length : 0);
  for await (const scores of readAll(database, settled, options)) {
    for (const [place, candidate] of candidates.entries()) {
      const pair = aligned.pairs[place];
      if (pair)
        drafts[place]?.push(
          compareMetric(inputOf(scores, place, pair, baseline, candidate, options), options),
        );
    }
    if (
      candidates.length > 1 &&
      scores.metric.source === 'metric' &&
      scores.metric.shape.kind !== 'categorical'
    ) {
      const board = rankRuns(
        {
          metric: scores.metric,
          runIds: runs.map(({ id }) => id),
          scores: scores.ofRuns,
          ...aligned.frame,
        },
        options,
      );
      if (board) leaderboards.push(board);
    }
    done += 1;
    onProgress(done / all);
  }
  const settledDrafts = settleTests(
    drafts.map((metrics) => withoutUnrecorded(metrics)),
    options,
  );
  const keys = await readKeys(
    database,
    settledDrafts.flatMap((metrics, place) => {
      const first = aligned.pairs[place]?.first;
      return first ? [{ first, metrics }] : [];
    }),
  );
  return {
    notes: [...settled.notes, ...notesOf(settled, options), ...aligned.notes],
    candidates: candidates.map(({ id }, place) => ({
      runId: id,
      metrics: (settledDrafts[place] ?? []).map((draft) =>
        finished(draft, (no) => keys.get(`${aligned.pairs[place]?.first.id}/${no}`), options),
      ),
    })),
    leaderboards,
  };
}

/** What the target uses and nobody recorded is not compared. */
const withoutUnrecorded = (metrics: readonly DraftMetric[]): DraftMetric[] =>
  metrics.filter(({ source, pairing }) => source === 'metric' || pairing.paired > 0);

interface AlignedPair {
  alignment: Alignment;
  first: ComparedRun;
  parts: readonly Part[];
}

interface Aligned {
  /** In the order of the candidates. */
  pairs: readonly AlignedPair[];
  /** All runs in the items of the newest: for the leaderboard. */
  frame: { frame: number; alignments: readonly Alignment[] };
  notes: readonly string[];
}

async function alignAll(
  database: Queryable,
  { runs, metrics }: Settled,
  options: ComparisonOptions,
): Promise<Aligned> {
  const [baseline, ...candidates] = runs;
  if (!baseline) throw new Error('A comparison has a baseline.');
  const notes = new Set<string>();
  const known = new Map<string, Promise<Alignment>>();
  const align = (first: ComparedRun, second: ComparedRun): Promise<Alignment> => {
    const key = `${first.id}/${second.id}`;
    const found = known.get(key) ?? alignRuns(database, first, second, options);
    known.set(key, found);
    return found;
  };
  const partsOf = new Map<string, readonly Part[]>();
  const perDimension = slicesPerDimension(candidates.length, metrics.length, options);
  const pairs: AlignedPair[] = [];
  for (const candidate of candidates) {
    const first = newerOf(baseline, candidate);
    const second = first === baseline ? candidate : baseline;
    let parts = partsOf.get(first.id);
    if (!parts) {
      const read: Part[] = [];
      for (const by of options.sliceBy) {
        const { slices, leftOut } = await slicesOf(database, first, by, perDimension);
        read.push(...slices.map((slice) => ({ by, ...slice })));
        if (leftOut > 0) notes.add(`${leftOut} smaller slices by ${by} are left out.`);
        if (slices.length === 0) notes.add(`No item has a value for slices by ${by}.`);
      }
      parts = read;
      partsOf.set(first.id, parts);
    }
    const alignment = await align(first, second);
    const alone = countAlone(alignment, options);
    if (alone > 0) {
      notes.add(
        `${alone.toLocaleString('en-US')} common items have no ${options.clusterBy}: each is taken as independent of all others.`,
      );
    }
    pairs.push({ first, alignment, parts });
  }
  const newest = runs.reduce(newerOf);
  const alignments =
    candidates.length < 2 ? [] : await Promise.all(runs.map((run) => align(newest, run)));
  return { pairs, frame: { frame: runs.indexOf(newest), alignments }, notes: [...notes] };
}

/** Common items that lack the field by which they are clustered. */
function countAlone(
  { clusters, partner }: Alignment,
  { clusterBy }: Pick<ComparisonOptions, 'clusterBy'>,
): number {
  if (!clusters || clusterBy === undefined) return 0;
  let alone = 0;
  partner.forEach((other, no) => {
    if (other >= 0 && (clusters[no] ?? 0) < 0) alone += 1;
  });
  return alone;
}

function slicesPerDimension(
  candidates: number,
  metrics: number,
  { sliceBy, usage }: ComparisonOptions,
): number {
  if (sliceBy.length === 0) return 0;
  const cells = candidates * (metrics + (usage ? usageMetrics.length : 0));
  const affordable = Math.floor((comparisonLimits.cells / cells - 1) / sliceBy.length);
  return Math.max(1, Math.min(comparisonLimits.slices, affordable));
}

/** Reads all scores of all runs, some metrics at a time. */
async function* readAll(
  database: Queryable,
  { runs, metrics }: Settled,
  { usage }: Pick<ComparisonOptions, 'usage'>,
): AsyncGenerator<Scores> {
  const failed: Int32Array[] = [];
  for (const run of runs) failed.push(await readFailed(database, run));
  const items = runs.reduce((sum, { total }) => sum + total, 0);
  const atOnce = Math.max(1, Math.floor(VALUES_AT_ONCE / Math.max(1, items)));
  for (let from = 0; from < metrics.length; from += atOnce) {
    const group = metrics.slice(from, from + atOnce);
    const read: MetricScores[][] = [];
    for (const [place, run] of runs.entries()) {
      read.push(
        await readScores(
          database,
          run,
          failed[place] ?? new Int32Array(),
          group.map((metric: SettledMetric) => ({
            index: metric.indexes[place] ?? -1,
            categorical: metric.shape.kind === 'categorical',
          })),
        ),
      );
    }
    for (const [index, metric] of group.entries()) {
      yield { metric, ofRuns: read.flatMap((ofRun) => ofRun[index] ?? []) };
    }
  }
  if (!usage) return;
  const used = [];
  for (const [place, run] of runs.entries()) {
    used.push(await readUsage(database, run, failed[place] ?? new Int32Array()));
  }
  for (const name of usageMetrics) {
    yield {
      metric: {
        name,
        source: 'usage',
        shape: { kind: 'numeric', range: { min: null, max: null }, direction: 'lower' },
      },
      ofRuns: used.map((ofRun) => ofRun[name]),
    };
  }
}

/** The pairs of one metric with numbers, of a baseline and one candidate, and the run that counts them. */
export async function readPairs(
  database: Queryable,
  [baseline, candidate]: readonly [ComparedRun, ComparedRun],
  metric: SettledMetric | UsageMetric,
  options: Pick<ComparisonOptions, 'filter'>,
): Promise<{ pairs: Pairs; first: ComparedRun }> {
  const first = newerOf(baseline, candidate);
  const second = first === baseline ? candidate : baseline;
  const alignment = await alignRuns(database, first, second, { filter: options.filter });
  const scoresOf = async (run: ComparedRun): Promise<MetricScores> => {
    const failed = await readFailed(database, run);
    if (typeof metric === 'string') return (await readUsage(database, run, failed))[metric];
    const index = metric.indexes[run === baseline ? 0 : 1] ?? -1;
    const [scores] = await readScores(database, run, failed, [{ index, categorical: false }]);
    if (!scores) throw new Error(`No scores of ${run.id} were read.`);
    return scores;
  };
  const { pairs } = pairScores(
    alignment,
    await scoresOf(first),
    await scoresOf(second),
    first === baseline,
  );
  return { pairs, first };
}

function inputOf(
  { metric, ofRuns }: Scores,
  place: number,
  { alignment, first, parts }: AlignedPair,
  baseline: ComparedRun,
  candidate: ComparedRun,
  { clusterBy }: Pick<ComparisonOptions, 'clusterBy'>,
): MetricInput {
  const firstIsBaseline = first === baseline;
  const [ofBaseline, ofCandidate] = [ofRuns[0], ofRuns[place + 1]];
  if (!ofBaseline || !ofCandidate) throw new Error(`No scores of ${candidate.id} were read.`);
  const [a, b] = firstIsBaseline ? [ofBaseline, ofCandidate] : [ofCandidate, ofBaseline];
  const clusteredBy = alignment.clusters ? (clusterBy ?? 'item') : null;
  const categories = ofBaseline.categories &&
    ofCandidate.categories && {
      baseline: ofBaseline.categories,
      candidate: ofCandidate.categories,
    };
  return {
    metric,
    ...pairScores(alignment, a, b, firstIsBaseline),
    ...(categories && { categories }),
    clusteredBy,
    parts,
  };
}

/** Adjusts all tests of the comparison within their families, and gives slices their outcome. */
function settleTests(
  drafts: readonly (readonly DraftMetric[])[],
  { confidence }: ComparisonOptions,
): DraftMetric[][] {
  const all = drafts.flat();
  const settled = new Map<DraftMetric, DraftMetric>();
  for (const source of ['metric', 'usage'] as const) {
    const family = all.filter((metric) => metric.source === source);
    const whole = adjust(family, ({ test }) => test);
    const slices = adjust(
      family.flatMap((metric) => metric.slices),
      ({ test }) => test,
    );
    for (const metric of family) {
      settled.set(metric, {
        ...metric,
        test: whole.get(metric) ?? metric.test,
        slices: metric.slices.map((slice) => {
          const test = slices.get(slice) ?? slice.test;
          const { direction } = metric;
          return { ...slice, test, outcome: outcomeOf({ ...slice, test, direction }, confidence) };
        }),
      });
    }
  }
  return drafts.map((metrics) => metrics.map((metric) => settled.get(metric) ?? metric));
}

function finished(
  { worst, best, ...draft }: DraftMetric,
  keyOf: (no: number) => { key: string; repeat: number } | undefined,
  { confidence }: ComparisonOptions,
): MetricComparison {
  const shown = (changed: readonly Changed[]) =>
    changed.flatMap(({ no, baseline, candidate }) => {
      const item = keyOf(no);
      return item ? [{ ...item, baseline, candidate }] : [];
    });
  return {
    ...draft,
    verdict: verdictOf({ ...draft, worst, best }, confidence),
    regressions: shown(worst),
    improvements: shown(best),
  };
}

async function readKeys(
  database: Queryable,
  needed: readonly { first: ComparedRun; metrics: readonly DraftMetric[] }[],
): Promise<Map<string, { key: string; repeat: number }>> {
  const runIds: string[] = [];
  const nos: number[] = [];
  for (const { first, metrics } of needed) {
    for (const { worst, best } of metrics) {
      for (const { no } of [...worst, ...best]) {
        runIds.push(first.id);
        nos.push(no);
      }
    }
  }
  if (nos.length === 0) return new Map();
  const rows = await database.query<{
    run_id: string;
    no: number;
    key: string;
    repeat: number;
  }>(sql`
    select distinct e.run_id, e.no, e.key, e.repeat
    from unnest(${runIds}::uuid[], ${nos}::int[]) as g (run_id, no)
    join evaluation_items e on e.run_id = g.run_id and e.no = g.no`);
  return new Map(
    rows.map(({ run_id: runId, no, key, repeat }) => [`${runId}/${no}`, { key, repeat }]),
  );
}

function notesOf({ runs }: Settled, options: ComparisonOptions): string[] {
  const notes: string[] = [];
  for (const run of runs) {
    if (run.state === 'completed') continue;
    notes.push(
      `The run "${run.name}" is ${run.state} with ${run.done.toLocaleString('en-US')} of ${run.total.toLocaleString('en-US')} items done: only those are compared, and they may not be like the rest.`,
    );
  }
  const [baseline] = runs;
  if (runs.some(({ datasetId }) => datasetId !== baseline?.datasetId)) {
    notes.push('The runs are of different datasets; items are matched by their keys.');
  } else if (runs.some(({ versionId }) => versionId !== baseline?.versionId)) {
    notes.push(
      'The runs are of different versions of the dataset; items are matched by their keys, also where their content has changed.',
    );
  }
  if (runs.some(({ repeats }) => repeats !== baseline?.repeats)) {
    notes.push('The runs repeat their items differently often; only common repeats are compared.');
  }
  if (options.clusterBy === undefined && runs.every(({ repeats }) => repeats > 1)) {
    notes.push('Repeats of an item are taken together: they say less than as many items would.');
  }
  return notes;
}

/** Resamples what stands in a result already, and puts it there. */
export async function refine(
  database: Queryable,
  settled: Settled,
  options: ComparisonOptions,
  result: ComparisonResult,
  resample: (input: ResampleInput) => Promise<Resampled | null>,
  onProgress: Progress,
): Promise<ComparisonResult> {
  const [baseline, ...candidates] = settled.runs;
  if (!baseline) throw new Error('A comparison has a baseline.');
  const aligned = await alignAll(database, settled, options);
  const resampled = new Map<MetricComparison, MetricComparison>();
  const all = result.candidates.reduce((sum, { metrics }) => sum + metrics.length, 0);
  for await (const scores of readAll(database, settled, options)) {
    if (scores.metric.shape.kind === 'categorical') continue;
    for (const [place, candidate] of candidates.entries()) {
      const pair = aligned.pairs[place];
      const metric = result.candidates[place]?.metrics.find(
        ({ metric, source }) => metric === scores.metric.name && source === scores.metric.source,
      );
      if (!pair || !metric) continue;
      const { pairs } = inputOf(scores, place, pair, baseline, candidate, options);
      const whole = await resample({ differences: differencesOf(pairs), clusters: pairs.clusters });
      const slices = [];
      for (const slice of metric.slices) {
        const part = pair.parts.find(({ by, value }) => by === slice.by && value === slice.value);
        if (!options.resampleSlices || !part) slices.push(slice);
        else {
          const inside = pairsOf(pairs, (no) => part.members[no] === 1);
          slices.push({
            ...slice,
            resampled: await resample({
              differences: differencesOf(inside),
              clusters: inside.clusters,
            }),
          });
        }
      }
      resampled.set(metric, { ...metric, resampled: whole, slices });
      onProgress(resampled.size / all);
    }
  }
  return {
    ...result,
    candidates: result.candidates.map((candidate) => ({
      ...candidate,
      metrics: candidate.metrics.map((metric) => resampled.get(metric) ?? metric),
    })),
  };
}
