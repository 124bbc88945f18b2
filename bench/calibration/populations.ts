import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import type { Random } from '#libs/statistics';

/** How the items of a sample depend on each other. */
export const structures = ['independent', 'clusters', 'repeats'] as const;
export type Structure = (typeof structures)[number];

/** Values of several runs for the same items, in the same order, and the cluster of each item. */
export interface Sample {
  runs: Float64Array[];
  clusters: Int32Array | null;
}

/**
 * What a run scores where its latent value, a standard normal, is z. `shift` makes the run better or
 * worse; `mean` is exact.
 */
export interface Population {
  name: string;
  binary: boolean;
  /** Whether a shift is a factor, of which the logarithm is taken. */
  logarithmic: boolean;
  score(this: void, z: number, shift: number): number;
  mean(this: void, shift: number): number;
  /** What the candidate is shifted by where there is a difference to cover or to find. */
  shift: number;
}

const below = (z: number): number => normalCdf(z, 0, 1);

/** Passes where z is above a threshold. */
const passing = (share: number, threshold: number, shift: number): Population => ({
  name: `binary, ${share} % pass`,
  binary: true,
  logarithmic: false,
  score: (z, by) => (z + by > threshold ? 1 : 0),
  mean: (by) => below(by - threshold),
  shift,
});

const cuts = [-1.3, -0.6, 0.2, 1.1];

/** Grades 0, 0.25, 0.5, 0.75, 1, of which 10, 18, 31, 29 and 14 % are given. */
const grades: Population = {
  name: 'graded, five steps',
  binary: false,
  logarithmic: false,
  score: (z, by) => cuts.filter((cut) => z + by > cut).length / cuts.length,
  mean: (by) => cuts.reduce((sum, cut) => sum + below(by - cut), 0) / cuts.length,
  shift: 0.3,
};

const SIGMA = 0.8;

/** Seconds of a lognormal distribution: median 2, mean 2.75, skewness 3.7; a shift is a factor e^shift. */
const seconds: Population = {
  name: 'skewed, seconds',
  binary: false,
  logarithmic: true,
  score: (z, by) => 2 * Math.exp(SIGMA * z + by),
  mean: (by) => 2 * Math.exp(SIGMA ** 2 / 2 + by),
  shift: Math.log(1.5),
};

/** The shares of the thresholds are 60 % and 90 %; shifted they are 74 % and 95.4 %. */
export const populations = {
  sixty: passing(60, -0.2533471031357997, 0.4),
  ninety: passing(90, -1.2815515655446004, 0.4),
  grades,
  seconds,
} as const;

/**
 * How much of the variance of a latent value comes from where. Over all structures two runs correlate
 * by 0.7 in it, which is about 0.5 in what passes; of the variance of a difference a third belongs to
 * the cluster.
 */
const shares = {
  independent: { item: 0.7, cluster: 0, clusterOfRun: 0, own: 0.3 },
  clusters: { item: 0.5, cluster: 0.2, clusterOfRun: 0.1, own: 0.2 },
  repeats: { item: 0, cluster: 0.7, clusterOfRun: 0.1, own: 0.2 },
} as const;

/** Values of a geometric distribution have this mean: items of a document, say. */
const MEAN_CLUSTER = 4;
const REPEATS = 3;

/**
 * Draws latent values of several runs.
 * @param size items; with `repeats` each of them three times, and with `clusters` in as many clusters of
 *   geometric sizes (mean 4) as it takes, or exactly so many where `clusters` says so
 */
export function drawLatents(
  random: Random,
  structure: Structure,
  { size, runs = 2 }: { size: number | { clusters: number }; runs?: number },
): Sample {
  const sizes = sizesOf(random, structure, size);
  const n = sizes.reduce((sum, count) => sum + count, 0);
  const share = shares[structure];
  const item = Math.sqrt(share.item);
  const cluster = Math.sqrt(share.cluster);
  const clusterOfRun = Math.sqrt(share.clusterOfRun);
  const own = Math.sqrt(share.own);
  const values = Array.from({ length: runs }, () => new Float64Array(n));
  const ids = new Int32Array(n);
  const ofCluster = new Float64Array(runs);
  let place = 0;
  for (const [id, count] of sizes.entries()) {
    const common = cluster === 0 ? 0 : cluster * random.normal();
    for (let run = 0; run < runs; run += 1) {
      ofCluster[run] = common + (clusterOfRun === 0 ? 0 : clusterOfRun * random.normal());
    }
    for (const end = place + count; place < end; place += 1) {
      const ofItem = item === 0 ? 0 : item * random.normal();
      ids[place] = id;
      for (const [run, into] of values.entries()) {
        into[place] = (ofCluster[run] ?? 0) + ofItem + own * random.normal();
      }
    }
  }
  return { runs: values, clusters: structure === 'independent' ? null : ids };
}

function sizesOf(
  random: Random,
  structure: Structure,
  size: number | { clusters: number },
): number[] {
  if (typeof size !== 'number') {
    return Array.from({ length: size.clusters }, () => geometric(random));
  }
  if (structure !== 'clusters') {
    return Array.from({ length: size }, () => (structure === 'repeats' ? REPEATS : 1));
  }
  const sizes: number[] = [];
  for (let left = size; left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push(Math.min(left, geometric(random)));
  }
  return sizes;
}

/** 1 or more, with the mean. */
const geometric = (random: Random): number =>
  1 + Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - 1 / MEAN_CLUSTER));

/** What the runs score, each with its shift. */
export function scored(
  { runs, clusters }: Sample,
  population: Population,
  shifts: readonly number[],
): Sample {
  return {
    runs: runs.map((latents, run) => latents.map((z) => population.score(z, shifts[run] ?? 0))),
    clusters,
  };
}
