import { describe, expect, test } from '@jest/globals';
import { runStates, type RunState } from '#libs/contracts';
import { isFinal, nextState, statesThatAllow, type RunAction } from './lifecycle.ts';

/** Every state × action. A dash is a refusal. */
const table = `
  state      start    pause   resume   cancel    complete   fail    retry
  queued     running  -       -        canceled  -          -       -
  running    -        paused  -        canceled  completed  failed  running
  paused     -        -       running  canceled  -          -       paused
  completed  -        -       -        -         -          -       running
  failed     -        -       -        -         -          -       running
  canceled   -        -       -        -         -          -       -
`;

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const actions: RunAction[] = ['start', 'pause', 'resume', 'cancel', 'complete', 'fail', 'retry'];

const cells = runStates.flatMap((state) =>
  actions.map((action) => {
    const cell = rows.find(([name]) => name === state)?.[header.indexOf(action)];
    return { state, action, expected: cell === '-' ? undefined : cell, given: cell !== undefined };
  }),
);

describe('the life of a run', () => {
  test.each(cells)('$state + $action → $expected', ({ state, action, expected, given }) => {
    expect(given).toBe(true);
    expect(nextState(state, action)).toBe(expected);
  });

  test.each(actions)('the states that allow %s are those with a next state', (action) => {
    const allowed = cells.filter((cell) => cell.action === action && cell.expected !== undefined);
    expect(statesThatAllow(action)).toEqual(allowed.map(({ state }) => state));
  });

  test('only a retry leaves a final state', () => {
    for (const state of runStates.filter(isFinal)) {
      const leaving = actions.filter((action) => nextState(state, action) !== undefined);
      expect(leaving).toEqual(state === 'canceled' ? [] : ['retry']);
    }
  });

  test('every state is reached from queued, and every state but a final one can be canceled', () => {
    const reached = new Set<RunState>(['queued']);
    for (const state of reached) {
      for (const action of actions) {
        const next = nextState(state, action);
        if (next) reached.add(next);
      }
    }
    expect([...reached].sort()).toEqual([...runStates].sort());
    for (const state of runStates) {
      expect(nextState(state, 'cancel')).toBe(isFinal(state) ? undefined : 'canceled');
    }
  });
});
