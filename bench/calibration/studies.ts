import {
  adjustByHolm,
  clusteredMean,
  clusteredProportionDifference,
  clusteredWilsonInterval,
  compareSimultaneously,
  marginalHomogeneity,
  meanInterval,
  mcnemarExact,
  mcnemarMidP,
  pairedProportionDifference,
  pairedT,
  relativeChange,
  wilsonInterval,
  type Interval,
  type Random,
} from '#libs/statistics';
import {
  CONFIDENCE,
  intervalMethods,
  LEVEL,
  momentsOf,
  pairedSample,
  testMethods,
  methodsFor,
  type Cost,
  type PairedSample,
} from './methods.ts';
import {
  drawLatents,
  populations,
  scored,
  structures,
  type Population,
  type Sample,
} from './populations.ts';

/**
 * What is asked of a share of replications: of intervals to cover the truth in 94 to 96 %; of tests to
 * reject 4 to 6 % where nothing differs, of exact ones never more than 5 %; of ends of one side to err in
 * at most 6 %. What is found of a true difference is as it is.
 */
export const measures = ['covers', 'rejects', 'exact', 'errs', 'finds'] as const;
export type Measure = (typeof measures)[number];

/**
 * Writes down whether something happened in one replication, null where the method says nothing; of an
 * interval also how wide it is.
 */
export type Note = (
  measure: Measure,
  method: string,
  happened: boolean | null,
  width?: number,
) => void;

/** How many samples go through methods of each cost. */
export type Replications = Readonly<Record<Cost, number>>;

/** Whether methods of this cost are applied to a sample. */
export type Applies = (cost: Cost) => boolean;

/** One row: a kind of data, simulated again and again. */
export interface Row {
  labels: readonly string[];
  replications: Replications;
  /** Draws a sample and notes what the methods make of it. */
  replicate(this: void, random: Random, note: Note, applies: Applies): void;
}

export interface Table {
  title: string;
  head: readonly string[];
  measures: readonly Measure[];
}

export interface Study {
  rows: readonly Row[];
  /** Each shows other measures of the same rows. */
  tables: readonly Table[];
}

const sizes = [20, 100, 1000] as const;
const numbered = (n: number): string => n.toLocaleString('en-US');

const replicationsFor = (n: number): Replications => ({
  closed: n < 1000 ? 10_000 : 4_000,
  permutations: n < 100 ? 1_000 : 2_000,
  bootstrap: n < 100 ? 1_000 : n < 1000 ? 500 : 200,
});
const closedOnly = (closed: number): Replications => ({ closed, permutations: 0, bootstrap: 0 });

const seedFrom = (random: Random): number => random.bits() >>> 0;

const holds = ({ low, high }: Interval, truth: number): boolean => low <= truth && truth <= high;

function noteInterval(note: Note, method: string, interval: Interval | null, truth: number): void {
  note(
    'covers',
    method,
    interval && holds(interval, truth),
    interval ? interval.high - interval.low : 0,
  );
}

/** Intervals of every method that is for such samples. */
function noteIntervals(
  sample: PairedSample,
  { truth, random, note, applies }: { truth: number; random: Random; note: Note; applies: Applies },
): void {
  for (const { name, apply } of methodsFor(intervalMethods, sample, applies)) {
    noteInterval(note, name, apply(sample, seedFrom(random)), truth);
  }
}

const exactTests = new Set(['McNemar exact', 'sign flip']);

function noteTests(
  sample: PairedSample,
  {
    differs,
    random,
    note,
    applies,
  }: { differs: boolean; random: Random; note: Note; applies: Applies },
): void {
  for (const { name, apply } of methodsFor(testMethods, sample, applies)) {
    const p = apply(sample, seedFrom(random));
    const measure = differs ? 'finds' : exactTests.has(name) ? 'exact' : 'rejects';
    note(measure, name, p !== null && p < LEVEL);
  }
}

/** Two runs, once where nothing differs and once where the candidate is shifted. */
function pairsOf(
  population: Population,
  draw: (random: Random) => ReturnType<typeof drawLatents>,
): Row['replicate'] {
  const truth = population.mean(population.shift) - population.mean(0);
  return (random, note, applies) => {
    const latents = draw(random);
    const alike = pairedSample(scored(latents, population, [0, 0]), population.binary);
    noteTests(alike, { differs: false, random, note, applies });
    const apart = scored(latents, population, [0, population.shift]);
    const different = pairedSample(apart, population.binary);
    noteIntervals(different, { truth, random, note, applies });
    // How often resampling finds a difference is left out: it would take as long again.
    const isClosed: Applies = (cost) => cost === 'closed';
    noteTests(different, { differs: true, random, note, applies: isClosed });
    if (!population.logarithmic) return;
    const ofLogarithms = (sample: typeof apart) =>
      tOf(pairedSample({ ...sample, runs: sample.runs.map((run) => run.map(Math.log)) }, false));
    const [none, some] = [ofLogarithms(scored(latents, population, [0, 0])), ofLogarithms(apart)];
    note('rejects', 't of logarithms', none && none.p < LEVEL);
    note('finds', 't of logarithms', some && some.p < LEVEL);
    noteInterval(note, 't of logarithms', some?.interval ?? null, population.shift);
  };
}

const structureTitles = {
  independent: 'independent pairs',
  clusters: 'pairs in clusters of unequal size (geometric, 4 on average)',
  repeats: 'n items, repeated three times',
} as const;

const twoRuns: Study[] = structures.map((structure) => ({
  rows: Object.values(populations).flatMap((population) =>
    sizes.map((size) => ({
      labels: [population.name, numbered(size)],
      replications: replicationsFor(size),
      replicate: pairsOf(population, (random) => drawLatents(random, structure, { size })),
    })),
  ),
  tables: [
    {
      title: `Intervals of the difference, ${structureTitles[structure]}`,
      head: ['data', 'n'],
      measures: ['covers'],
    },
    {
      title: `Tests, ${structureTitles[structure]}`,
      head: ['data', 'n'],
      measures: ['rejects', 'exact', 'finds'],
    },
  ],
}));

/** Of 200 pairs so many differ on average. */
const fewChanges: Study = {
  rows: [1, 2, 4, 6, 8, 10, 15, 20, 30, 50].map((expected) => ({
    labels: [String(expected)],
    replications: closedOnly(20_000),
    replicate: (random, note) => {
      const n = 200;
      const countsOf = (shareOfCandidate: number) => {
        const changed = random.binomial(n, expected / n);
        const candidateOnly = random.binomial(changed, shareOfCandidate);
        return {
          both: n - changed,
          baselineOnly: changed - candidateOnly,
          candidateOnly,
          neither: 0,
        };
      };
      const alike = countsOf(0.5);
      note('exact', 'McNemar exact', mcnemarExact(alike) < LEVEL);
      note('rejects', 'McNemar mid-p', mcnemarMidP(alike) < LEVEL);
      const score = pairedProportionDifference(alike, CONFIDENCE);
      note('rejects', 'Tango (score)', score && score.p < LEVEL);
      const different = countsOf(0.75);
      const interval = pairedProportionDifference(different, CONFIDENCE)?.interval ?? null;
      noteInterval(note, 'Tango', interval, expected / n / 2);
    },
  })),
  tables: [
    {
      title:
        'Few pairs that differ: 200 pairs, binary; where there is a difference three quarters of them are the candidate’s',
      head: ['pairs that differ, on average'],
      measures: ['covers', 'rejects', 'exact'],
    },
  ],
};

const fewClusters: Study = {
  rows: [populations.sixty, populations.ninety, populations.grades, populations.seconds].flatMap(
    (population) =>
      [4, 6, 8, 10, 15, 20, 30, 50].map((clusters) => ({
        labels: [population.name, String(clusters)],
        replications: { closed: 5_000, permutations: 500, bootstrap: 200 },
        replicate: pairsOf(population, (random) =>
          drawLatents(random, 'clusters', { size: { clusters } }),
        ),
      })),
  ),
  tables: [
    {
      title: 'Few clusters: intervals of the difference',
      head: ['data', 'clusters'],
      measures: ['covers'],
    },
    {
      title: 'Few clusters: tests',
      head: ['data', 'clusters'],
      measures: ['rejects', 'exact'],
    },
  ],
};

/** The same mean of both, but the candidate's values lie otherwise around it. */
const otherShape: Study = {
  rows: sizes.map((size) => ({
    labels: ['skewed, seconds', numbered(size)],
    replications: replicationsFor(size),
    replicate: (random, note, applies) => {
      const { runs } = drawLatents(random, 'independent', { size });
      const [baseline = new Float64Array(), candidate = new Float64Array()] = runs;
      const sample = pairedSample(
        {
          runs: [
            baseline.map((z) => 2.75 + 0.25 * z),
            candidate.map((z) => 2.75 * Math.exp(0.8 * z - 0.32)),
          ],
          clusters: null,
        },
        false,
      );
      for (const { name, apply } of methodsFor(testMethods, sample, applies)) {
        note('rejects', name, (apply(sample, seedFrom(random)) ?? 1) < LEVEL);
      }
    },
  })),
  tables: [
    {
      title:
        'The same mean, another shape: how often the tests reject (baseline normal, candidate skewed)',
      head: ['data', 'n'],
      measures: ['rejects'],
    },
  ],
};

const singleMeans: Study = {
  rows: Object.values(populations).flatMap((population) =>
    sizes.map((size) => ({
      labels: [population.name, numbered(size)],
      replications: replicationsFor(size),
      replicate: (random: Random, note: Note) => {
        const truth = population.mean(0);
        for (const structure of structures) {
          const latents = drawLatents(random, structure, { size, runs: 1 });
          const { runs, clusters } = scored(latents, population, [0]);
          const [values = new Float64Array()] = runs;
          const moments = momentsOf(values);
          const { n, mean } = moments;
          const passed = Math.round(mean * n);
          if (clusters) {
            const robust = clusteredMean(values, clusters, CONFIDENCE);
            noteInterval(note, `t, ${structure}`, robust && robust.interval, truth);
            if (!population.binary) continue;
            const wilson = robust && clusteredWilsonInterval(passed, n, robust, CONFIDENCE);
            noteInterval(note, `Wilson, ${structure}`, wilson, truth);
          } else {
            noteInterval(note, `t, ${structure}`, meanInterval(moments, CONFIDENCE), truth);
            if (!population.binary) continue;
            const wilson = wilsonInterval(passed, n, CONFIDENCE);
            noteInterval(note, `Wilson, ${structure}`, wilson, truth);
          }
        }
      },
    })),
  ),
  tables: [{ title: 'Intervals of one run’s mean', head: ['data', 'n'], measures: ['covers'] }],
};

const relativeChanges: Study = {
  rows: Object.values(populations).flatMap((population) =>
    sizes.map((size) => ({
      labels: [population.name, numbered(size)],
      replications: replicationsFor(size),
      replicate: (random: Random, note: Note) => {
        const truth = population.mean(population.shift) / population.mean(0) - 1;
        for (const structure of structures) {
          const latents = drawLatents(random, structure, { size });
          const found = relativeChangeOf(scored(latents, population, [0, population.shift]));
          noteInterval(note, `Fieller, ${structure}`, found?.interval ?? null, truth);
        }
      },
    })),
  ),
  tables: [{ title: 'Relative change', head: ['data', 'n'], measures: ['covers'] }],
};

function relativeChangeOf({ runs, clusters }: Sample, confidence = CONFIDENCE) {
  const [baseline = new Float64Array(), candidate = new Float64Array()] = runs;
  const summary = (values: Float64Array) => {
    if (clusters) {
      const robust = clusteredMean(values, clusters, CONFIDENCE);
      return {
        mean: robust?.mean ?? 0,
        variance: (robust?.standardError ?? 0) ** 2,
        degreesOfFreedom: robust?.degreesOfFreedom ?? 0,
      };
    }
    const { n, mean, standardDeviation } = momentsOf(values);
    return { mean, variance: standardDeviation ** 2 / n, degreesOfFreedom: n - 1 };
  };
  const [b, c] = [summary(baseline), summary(candidate)];
  const difference = summary(candidate.map((value, place) => value - (baseline[place] ?? 0)));
  return relativeChange(
    {
      baseline: b.mean,
      candidate: c.mean,
      baselineVariance: b.variance,
      candidateVariance: c.variance,
      covariance: (b.variance + c.variance - difference.variance) / 2,
      degreesOfFreedom: difference.degreesOfFreedom,
    },
    confidence,
  );
}

/** Both ends of this two-sided interval hold at the confidence each. */
const ONE_SIDED = 2 * CONFIDENCE - 1;

/**
 * The candidate is worse by exactly as much as a gate allows, or as much better as the margin of an
 * equivalence: "within" is wrong where the bad end of the interval lies within, "beyond" where the good
 * end lies beyond.
 */
const limits: Study = {
  rows: Object.values(populations).flatMap((population) =>
    sizes.map((size) => ({
      labels: [population.name, numbered(size)],
      replications: replicationsFor(size),
      replicate: (random: Random, note: Note) => {
        const means = [population.mean(0), population.mean(population.shift)] as const;
        const limit = means[1] - means[0];
        for (const structure of structures) {
          const latents = drawLatents(random, structure, { size });
          const sample = scored(latents, population, [0, population.shift]);
          const pair = pairedSample(sample, population.binary);
          const interval = shownInterval(pair, ONE_SIDED);
          note('errs', `${structure}: within`, interval && interval.high < limit);
          note('errs', `${structure}: beyond`, interval && interval.low > limit);
          if (population.binary) continue;
          const share = relativeChangeOf(sample, ONE_SIDED)?.interval ?? null;
          const relative = limit / means[0];
          note('errs', `${structure}, relative: within`, share && share.high < relative);
          note('errs', `${structure}, relative: beyond`, share && share.low > relative);
        }
      },
    })),
  ),
  tables: [
    {
      title:
        'Equivalence and gates: one-sided errors at a limit that the true difference just reaches',
      head: ['data', 'n'],
      measures: ['errs'],
    },
  ],
};

const categoryCuts = [0, 0.8, 1.6];
const categoryOf = (z: number): number => categoryCuts.filter((cut) => z > cut).length;

const categories: Study = {
  rows: sizes.map((size) => ({
    labels: [numbered(size)],
    replications: replicationsFor(size),
    replicate: (random, note) => {
      const { runs } = drawLatents(random, 'independent', { size });
      const [baseline = new Float64Array(), candidate = new Float64Array()] = runs;
      const table = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
      for (const [place, z] of baseline.entries()) {
        const row = table[categoryOf(z)];
        const column = categoryOf(candidate[place] ?? 0);
        if (row) row[column] = (row[column] ?? 0) + 1;
      }
      note('rejects', 'Stuart–Maxwell', (marginalHomogeneity(table)?.p ?? 1) < LEVEL);
    },
  })),
  tables: [
    {
      title: 'Categories (four, of 50, 29, 16 and 5 %)',
      head: ['n'],
      measures: ['rejects'],
    },
  ],
};

const RUNS = 5;

/** Five runs of the same quality, and five that differ a little. */
const severalRuns: Study = {
  rows: (
    [
      [populations.sixty, 'independent'],
      [populations.grades, 'independent'],
      [populations.seconds, 'independent'],
      [populations.grades, 'clusters'],
    ] as const
  ).flatMap(([population, structure]) =>
    sizes.map((size) => ({
      labels: [`${population.name}, ${structure}`, numbered(size)],
      replications: { ...replicationsFor(size), bootstrap: 300 },
      replicate: (random: Random, note: Note, applies: Applies) => {
        const latents = drawLatents(random, structure, { size, runs: RUNS + 1 });
        const alike = scored(latents, population, []);
        const pValues = alike.runs.slice(1).flatMap((run) => {
          const runs = [alike.runs[0] ?? run, run];
          const p = shownP(pairedSample({ ...alike, runs }, population.binary));
          return p === null ? [] : [p];
        });
        note(
          'exact',
          'Holm, 5 candidates',
          adjustByHolm(pValues).some((p) => p < LEVEL),
        );
        note(
          'rejects',
          'unadjusted',
          pValues.some((p) => p < LEVEL),
        );
        if (!applies('bootstrap')) return;
        const options = {
          confidence: CONFIDENCE,
          ...(alike.clusters && { clusters: alike.clusters }),
        };
        const shifts = Array.from({ length: RUNS }, (_, run) => (population.shift * run) / RUNS);
        const apart = scored(latents, population, shifts);
        const different = compareSimultaneously(apart.runs.slice(0, RUNS), options);
        const truths = shifts.map((shift) => population.mean(shift));
        note(
          'covers',
          'all 5 means',
          different?.means.every(({ interval }, run) => holds(interval, truths[run] ?? 0)) ?? false,
        );
        const truthOf = (first: number, second: number): number =>
          (truths[first] ?? 0) - (truths[second] ?? 0);
        const differences = different?.differences ?? [];
        note(
          'covers',
          'all 10 differences',
          differences.every(({ first, second, interval }) =>
            holds(interval, truthOf(first, second)),
          ),
        );
        note(
          'covers',
          'all 10, Bonferroni',
          differences.every(({ first, second }) => {
            const runs = [apart.runs[second] ?? [], apart.runs[first] ?? []].map((run) =>
              Float64Array.from(run),
            );
            const pair = pairedSample({ ...apart, runs }, false);
            const interval = tOf(pair, 1 - LEVEL / differences.length)?.interval;
            return interval !== undefined && holds(interval, truthOf(first, second));
          }),
        );
      },
    })),
  ),
  tables: [
    {
      title: 'Several runs: all intervals at once, and any wrong rejection',
      head: ['data', 'n'],
      measures: ['covers', 'rejects', 'exact'],
    },
  ],
};

/** Of pairs as they are: in clusters or not. */
function tOf({ differences, clusters }: PairedSample, confidence = CONFIDENCE) {
  return clusters
    ? clusteredMean(differences, clusters, confidence)
    : pairedT(momentsOf(differences), confidence);
}

/** By the rules of a comparison. */
function shown(sample: PairedSample, confidence: number): { p: number; interval: Interval } | null {
  const { counts, clusters, differences } = sample;
  if (!counts) return tOf(sample, confidence);
  if (!clusters) return pairedProportionDifference(counts, confidence);
  const robust = clusteredMean(differences, clusters, confidence);
  return robust && clusteredProportionDifference(counts, robust, confidence);
}

const shownInterval = (sample: PairedSample, confidence: number): Interval | null =>
  shown(sample, confidence)?.interval ?? null;
const shownP = (sample: PairedSample): number | null => shown(sample, CONFIDENCE)?.p ?? null;

/** Whether the skewness of a sample tells how far its t interval may be trusted. */
const skewnessRule: Study = {
  rows: sizes.map((size) => ({
    labels: [populations.seconds.name, numbered(size)],
    replications: closedOnly(replicationsFor(size).closed),
    replicate: (random, note) => {
      const population = populations.seconds;
      const latents = drawLatents(random, 'independent', { size });
      const sample = pairedSample(scored(latents, population, [0, population.shift]), false);
      const { n, mean } = momentsOf(sample.differences);
      let squares = 0;
      let cubes = 0;
      for (const difference of sample.differences) {
        squares += (difference - mean) ** 2 / n;
        cubes += (difference - mean) ** 3 / n;
      }
      const skewness = cubes / squares ** 1.5;
      const truth = population.mean(population.shift) - population.mean(0);
      const method = n >= 25 * skewness ** 2 ? 'n ≥ 25 skewness²' : 'n below';
      noteInterval(note, method, tOf(sample)?.interval ?? null, truth);
    },
  })),
  tables: [
    {
      title: 'Paired t of skewed values, by the skewness of the sample',
      head: ['data', 'n'],
      measures: ['covers'],
    },
  ],
};

export const studies: readonly Study[] = [
  ...twoRuns,
  fewChanges,
  fewClusters,
  otherShape,
  singleMeans,
  relativeChanges,
  limits,
  categories,
  severalRuns,
  skewnessRule,
];
