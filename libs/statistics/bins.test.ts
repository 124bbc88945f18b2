import { describe, expect, test } from '@jest/globals';
import { binEdges, niceStep, withoutFarEnds } from './bins.ts';

describe('bins', () => {
  test('widths are 1, 2, 2.5 or 5 times a power of ten, and none smaller than asked for', () => {
    for (const [asked, given] of [
      [0.031, 0.05],
      [0.1, 0.1],
      [0.3 / 3, 0.1],
      [1.01, 2],
      [2.2, 2.5],
      [6, 10],
      [4e-7, 5e-7],
      [1.2e9, 2e9],
    ] as const) {
      expect(niceStep(asked)).toBeCloseTo(given, 12);
    }
  });

  test('edges are multiples of the width that hold both ends', () => {
    expect(binEdges({ from: 0.3, to: 0.7 }, 0.1)).toEqual([0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(binEdges({ from: -0.14, to: 0.21 }, 0.1)).toEqual([-0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    expect(binEdges({ from: 5, to: 5 }, 5)).toEqual([5, 10]);
  });

  test('ends far out are left to open bins, and others are not', () => {
    expect(withoutFarEnds({ least: 0, low: 1, high: 2, greatest: 2.9 })).toEqual({
      from: 0,
      to: 2.9,
    });
    expect(withoutFarEnds({ least: -9, low: 1, high: 2, greatest: 90 })).toEqual({
      from: 1,
      to: 2,
    });
  });
});
