import { randomBinomial, randomNormal } from 'd3-random';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Random numbers of one stream: each draw goes on from the one before, whatever kind it was. */
export interface Random {
  /** 32 independent bits, as a signed integer. */
  bits(): number;
  /** Fills all places with draws that are uniform on 0, 1, …, n − 1, for a whole n from 1 to 2²¹. */
  fillBelow(places: Uint32Array, n: number): void;
  /** Uniform on the multiples of 2⁻⁵³ in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Successes among so many trials, a whole number from 0, each with the probability. */
  binomial(trials: number, probability: number): number;
}

/** Up to here 32 bits times n is exact in a double. */
const BELOW_MAX = 2 ** 21;

/**
 * A generator whose draws follow from the seed alone: the same on every machine and in every call.
 * Not for secrets.
 *
 * Source: the Mersenne Twister MT19937 of M. Matsumoto and T. Nishimura, ACM Transactions on Modeling
 * and Computer Simulation 8 (1998), 3–30, seeded as in their version of 2002, so that `bits` are those
 * of numpy's `RandomState(seed)`; whole numbers by multiplication, without bias (D. Lemire, ACM
 * Transactions on Modeling and Computer Simulation 29 (2019), 3), normals by Marsaglia's polar method, and binomials by splitting at
 * beta distributed order statistics, which is exact (J. H. Ahrens and U. Dieter, Computing 12 (1974),
 * 223–246), both of d3-random.
 * @param seed a whole number from 0 to 2³² − 1
 * @throws {RangeError}
 */
export function seededRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xff_ff_ff_ff) {
    throw new RangeError('a seed must be a whole number from 0 to 4294967295');
  }
  const generator = mersenne(seed);
  const uniform = () => uniformFloat64(generator);
  const fillBelow = (places: Uint32Array, n: number) => {
    if (!Number.isInteger(n) || n < 1 || n > BELOW_MAX) {
      throw new RangeError('numbers are drawn below a whole number from 1 to 2097152');
    }
    const uneven = 2 ** 32 % n;
    for (let place = 0; place < places.length; place += 1) {
      let bits = generator.next();
      while (Math.imul(bits, n) >>> 0 < uneven) bits = generator.next();
      // What lies behind the point is cut off by the array.
      places[place] = ((bits >>> 0) * n) / 2 ** 32;
    }
  };
  const binomial = randomBinomial.source(uniform);
  return {
    bits: () => generator.next(),
    fillBelow,
    uniform,
    normal: randomNormal.source(uniform)(),
    binomial: (trials, probability) => binomial(trials, probability)(),
  };
}
