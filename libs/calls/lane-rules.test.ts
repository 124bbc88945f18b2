import { expect, test } from '@jest/globals';
import { settleLane, type LaneReport } from './lane-rules.ts';

test('with fewer places than processes each has its turn, however little it wants', () => {
  const state = {
    nextRequestAt: undefined,
    nextTokenAt: undefined,
    blockedUntil: undefined,
    concurrency: 1,
    halvedAt: undefined,
  };
  const report: LaneReport = {
    limits: {},
    inUse: 0,
    waiting: 2,
    heldSlots: 0,
    slotsFor: [],
    tokenCorrection: 0,
    successes: 0,
    complaint: undefined,
    blockMs: 0,
  };
  const greedy = { holder: 'b', permits: 0, inUse: 0, wanted: 20 };
  const turns = [0, 1, 2, 3].map(
    (second) => settleLane(state, [greedy], 'a', report, second * 1_000).grant.permits,
  );
  expect(turns).toEqual([1, 0, 1, 0]);
});
