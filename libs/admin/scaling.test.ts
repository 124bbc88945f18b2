import { expect, test } from '@jest/globals';
import { estimate } from './scaling.ts';

const given = {
  backlog: 60_000,
  parallel: 1_000,
  speed: 50,
  targetSeconds: 60,
  alive: 2,
  slots: 8,
  slotsPerWorker: 4,
};

test('a backlog drains at the speed of all that is at work', () => {
  // 60,000 ÷ (50 × 8) = 150 s; within 60 s it takes 20 jobs side by side, and so 5 workers.
  expect(estimate(given)).toEqual({ drainSeconds: 150, workersWanted: 5 });
  expect(estimate({ ...given, targetSeconds: 150 }).workersWanted).toBe(2);
  expect(estimate({ ...given, targetSeconds: 149 }).workersWanted).toBe(3);
});

test('with as many workers as it asks for, the backlog drains within the target', () => {
  for (const backlog of [1, 999, 60_000, 1e7]) {
    for (const speed of [0.3, 50, 4_000]) {
      for (const targetSeconds of [1, 60, 3_600]) {
        const asked = { ...given, backlog, speed, targetSeconds, parallel: 1e9 };
        const { workersWanted } = estimate(asked);
        const slots = workersWanted * given.slotsPerWorker;
        const afterwards = estimate({ ...asked, alive: workersWanted, slots });
        expect(afterwards.drainSeconds).toBeLessThanOrEqual(targetSeconds * (1 + 1e-9));
        if (workersWanted === 1) continue;
        const less = estimate({ ...asked, slots: slots - given.slotsPerWorker });
        expect(less.drainSeconds).toBeGreaterThan(targetSeconds);
      }
    }
  }
});

test('it asks for no more workers than there are jobs to do side by side', () => {
  // A run of ten calls at a time keeps three workers of four places busy at most.
  expect(estimate({ ...given, parallel: 10 }).workersWanted).toBe(3);
  // And it does not drain faster because others stand idle.
  expect(estimate({ ...given, parallel: 4 }).drainSeconds).toBe(300);
});

test('nothing to do asks for nobody', () => {
  expect(estimate({ ...given, backlog: 0, parallel: 0, speed: undefined })).toEqual({
    drainSeconds: 0,
    workersWanted: 0,
  });
});

test('where nothing was done lately it asks for those there are, and for one at least', () => {
  const unknown = { ...given, speed: undefined };
  expect(estimate(unknown)).toEqual({ drainSeconds: null, workersWanted: 2 });
  expect(estimate({ ...unknown, alive: 0, slots: 0 }).workersWanted).toBe(1);
  expect(estimate({ ...unknown, alive: 5, slots: 20, parallel: 4 }).workersWanted).toBe(1);
});

test('without a worker nothing drains', () => {
  expect(estimate({ ...given, alive: 0, slots: 0 })).toEqual({
    drainSeconds: null,
    workersWanted: 5,
  });
});
