import { expect, test } from '@jest/globals';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { relativeChange, type PairedMeans } from './index.ts';

const means: PairedMeans = {
  baseline: 20,
  candidate: 23,
  baselineVariance: 0.9,
  candidateVariance: 1.3,
  covariance: 0.6,
  degreesOfFreedom: 24,
};

test('the ends are where candidate − ρ · baseline is just significant', () => {
  const found = relativeChange(means, 0.95);
  expect(found?.value).toBeCloseTo(0.15, 12);
  const { low = Number.NaN, high = Number.NaN } = found?.interval ?? {};
  for (const end of [low, high]) {
    const ratio = end + 1;
    const variance =
      means.candidateVariance - 2 * ratio * means.covariance + ratio ** 2 * means.baselineVariance;
    const t = Math.abs(means.candidate - ratio * means.baseline) / Math.sqrt(variance);
    expect(t).toBeCloseTo(tQuantile(0.975, 24), 9);
  }
  expect(low).toBeLessThan(0.15);
  expect(high).toBeGreaterThan(0.15);
});

test('a baseline without spread leaves the interval of the candidate', () => {
  const found = relativeChange({ ...means, baselineVariance: 0, covariance: 0 }, 0.95);
  const half = (tQuantile(0.975, 24) * Math.sqrt(1.3)) / 20;
  expect(found?.interval?.low).toBeCloseTo(0.15 - half, 12);
  expect(found?.interval?.high).toBeCloseTo(0.15 + half, 12);
});

test('neither the unit nor its sign changes it', () => {
  const scaled = (factor: number): PairedMeans => ({
    baseline: means.baseline * factor,
    candidate: means.candidate * factor,
    baselineVariance: means.baselineVariance * factor ** 2,
    candidateVariance: means.candidateVariance * factor ** 2,
    covariance: means.covariance * factor ** 2,
    degreesOfFreedom: means.degreesOfFreedom,
  });
  const expected = relativeChange(means, 0.9)?.interval;
  for (const factor of [1000, 0.001, -7]) {
    const found = relativeChange(scaled(factor), 0.9)?.interval;
    expect(found?.low).toBeCloseTo(expected?.low ?? Number.NaN, 10);
    expect(found?.high).toBeCloseTo(expected?.high ?? Number.NaN, 10);
  }
});

test('a baseline that may be 0 has no ends, and one that is 0 has no change', () => {
  expect(relativeChange({ ...means, baseline: 1 }, 0.95)).toEqual({ value: 22, interval: null });
  expect(relativeChange({ ...means, baseline: 0 }, 0.95)).toBeNull();
});
