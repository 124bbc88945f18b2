import { expect, test } from '@jest/globals';
import { differenceBounds, pairScores, pairsOf, scoreStatus, type Alignment } from './pairs.ts';
import { drawn } from './test-input.ts';

const { open, scored, notApplicable, error, failed } = scoreStatus;
const statuses = [open, scored, scored, scored, notApplicable, error, failed];

const scores = (status: readonly number[], values: readonly number[]) => ({
  status: Uint8Array.from(status),
  values: Float64Array.from(values, (value, no) => (status[no] === scored ? value : Number.NaN)),
});

/** Two runs with scores of 0 to 1, aligned at random, with everything that can be missing. */
function scenario(seed: number, size = 40) {
  const [firstStatus, secondStatus, firstValues, secondValues] = [1, 2, 3, 4].map((part) =>
    drawn(seed * 10 + part, size, (random) =>
      part < 3
        ? (statuses[Math.floor(random.uniform() * statuses.length)] ?? 0)
        : Math.round(random.uniform() * 20) / 20,
    ),
  );
  const partner = drawn(seed, size, (random, no) => (random.uniform() < 0.2 ? -1 : size - 1 - no));
  const chosen = drawn(seed + 500, size, (random) => (random.uniform() < 0.9 ? 1 : 0));
  const alone = partner.filter((other) => other < 0).length;
  const alignment: Alignment = {
    partner: Int32Array.from(partner),
    firstOnly: alone,
    secondOnly: alone + 3,
    chosen: Uint8Array.from(chosen),
    clusters: Int32Array.from(partner, (_, no) => no % 7),
    items: null,
  };
  return {
    alignment,
    first: scores(firstStatus ?? [], firstValues ?? []),
    second: scores(secondStatus ?? [], secondValues ?? []),
    common: size - alone,
  };
}

const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);

test('every common item is counted once, and each side of those without both scores', () => {
  for (const seed of seeds) {
    const { alignment, first, second, common } = scenario(seed);
    const { pairing, pairs } = pairScores(alignment, first, second, true);
    expect(pairing.paired + pairing.unpaired + pairing.filteredOut).toBe(common);
    expect(pairs.baseline).toHaveLength(pairing.paired);
    const counted = { failed: 0, open: 0, notApplicable: 0, errors: 0 };
    for (const [no, other] of alignment.partner.entries()) {
      const status = first.status[no];
      if (other < 0 || alignment.chosen[no] !== 1) continue;
      if (status === failed) counted.failed += 1;
      if (status === error) counted.errors += 1;
      if (status === notApplicable) counted.notApplicable += 1;
      if (status === open) counted.open += 1;
    }
    expect(pairing.baseline).toEqual(counted);
  }
});

test('pairs hold the two scores of each item, in the order of the first run', () => {
  const alignment: Alignment = {
    partner: Int32Array.from([2, -1, 0, 1]),
    firstOnly: 1,
    secondOnly: 5,
    chosen: Uint8Array.from([1, 1, 1, 1]),
    clusters: Int32Array.from([7, 8, 9, 7]),
    items: Int32Array.from([0, 0, 1, 1]),
  };
  const first = scores([scored, scored, scored, failed], [0.1, 0.2, 0.3, 0]);
  const second = scores([scored, notApplicable, scored], [0.7, 0, 0.9]);
  const { pairs, pairing } = pairScores(alignment, first, second, true);
  expect([...pairs.nos]).toEqual([0, 2]);
  expect([...pairs.baseline]).toEqual([0.1, 0.3]);
  expect([...pairs.candidate]).toEqual([0.9, 0.7]);
  expect([...(pairs.clusters ?? [])]).toEqual([7, 9]);
  expect([...(pairs.items ?? [])]).toEqual([0, 1]);
  expect(pairing).toEqual({
    paired: 2,
    unpaired: 1,
    filteredOut: 0,
    baselineOnly: 1,
    candidateOnly: 5,
    baseline: { failed: 1, open: 0, notApplicable: 0, errors: 0 },
    candidate: { failed: 0, open: 0, notApplicable: 1, errors: 0 },
  });
  const part = pairsOf(pairs, (no) => no === 2);
  expect([[...part.nos], [...part.baseline], [...part.candidate]]).toEqual([[2], [0.3], [0.7]]);
  expect([[...(part.clusters ?? [])], [...(part.items ?? [])]]).toEqual([[9], [1]]);
});

test('a score that is no number is counted as an error', () => {
  const alignment: Alignment = {
    partner: Int32Array.from([0, 1]),
    firstOnly: 0,
    secondOnly: 0,
    chosen: Uint8Array.from([1, 1]),
    clusters: null,
    items: null,
  };
  const second = { ...scores([scored, scored], [1, 1]), values: Float64Array.from([NaN, 1]) };
  const { pairs, pairing } = pairScores(alignment, scores([scored, scored], [0, 0]), second, true);
  expect(pairing).toMatchObject({ paired: 1, unpaired: 1, candidate: { errors: 1 } });
  expect([...pairs.candidate]).toEqual([1]);
});

test.each(['higher', 'lower', 'none'])('bounds as of every way to fill in, %s', (direction) => {
  const shape = { range: { min: 0, max: 1 }, direction };
  for (const seed of seeds) {
    const { alignment, first, second } = scenario(seed);
    const { pairs, missing } = pairScores(alignment, first, second, true);
    // What the candidate lacks at one end of the range and what the baseline lacks at the other.
    const filled = (low: number, high: number): number => {
      const differences = Array.from(alignment.partner).flatMap((other, no) => {
        const [a, b] = [first.status[no], second.status[other]];
        const counts =
          other >= 0 && alignment.chosen[no] === 1 && a !== notApplicable && b !== notApplicable;
        if (!counts) return [];
        const candidate = b === scored ? (second.values[other] ?? 0) : low;
        return [candidate - (a === scored ? (first.values[no] ?? 0) : high)];
      });
      return differences.reduce((sum, value) => sum + value, 0) / differences.length;
    };
    const found = differenceBounds(pairs, missing, Number.NaN, shape);
    const [low, high] = [filled(0, 1), filled(1, 0)];
    expect(found?.worst).toBeCloseTo(direction === 'lower' ? high : low, 12);
    expect(found?.best).toBeCloseTo(direction === 'lower' ? low : high, 12);
  }
});

test('bounds of what is not missing are the difference itself; without bounds there are none', () => {
  const { alignment } = scenario(1);
  const all = scores(Array<number>(40).fill(scored), Array<number>(40).fill(0.5));
  const { pairs, missing } = pairScores(alignment, all, all, true);
  const shape = { range: { min: 0, max: 1 }, direction: 'higher' };
  expect(differenceBounds(pairs, missing, 0.125, shape)).toEqual({ worst: 0.125, best: 0.125 });
  const open = { ...shape, range: { min: 0, max: null } };
  expect(differenceBounds(pairs, missing, 0.125, open)).toBeNull();
});

test('exchanging baseline and candidate mirrors all of it', () => {
  for (const seed of seeds) {
    const { alignment, first, second } = scenario(seed);
    const one = pairScores(alignment, first, second, true);
    const other = pairScores(alignment, first, second, false);
    expect(other.pairs.baseline).toEqual(one.pairs.candidate);
    expect(other.pairs.candidate).toEqual(one.pairs.baseline);
    expect(other.pairs.nos).toEqual(one.pairs.nos);
    expect(other.pairing).toEqual({
      ...one.pairing,
      baseline: one.pairing.candidate,
      candidate: one.pairing.baseline,
      baselineOnly: one.pairing.candidateOnly,
      candidateOnly: one.pairing.baselineOnly,
    });
    const shape = { range: { min: 0, max: 1 }, direction: 'lower' };
    const bounds = differenceBounds(one.pairs, one.missing, 0, shape);
    const mirrored = differenceBounds(other.pairs, other.missing, 0, shape);
    expect(bounds).not.toBeNull();
    expect(mirrored?.worst).toBe(-(bounds?.best ?? Number.NaN));
    expect(mirrored?.best).toBe(-(bounds?.worst ?? Number.NaN));
  }
});
