import { runStates, type RunState } from '#libs/contracts';

/** What is done to a run, by people or by its own work. */
export type RunAction = 'start' | 'pause' | 'resume' | 'cancel' | 'complete' | 'fail' | 'retry';

const transitions: Record<RunAction, Partial<Record<RunState, RunState>>> = {
  start: { queued: 'running' },
  // Only people pause; a run that has not started yet can't be held back before it is running.
  pause: { running: 'paused' },
  resume: { paused: 'running' },
  cancel: { queued: 'canceled', running: 'canceled', paused: 'canceled' },
  complete: { running: 'completed' },
  fail: { running: 'failed' },
  // A run that still goes takes its failed items back without leaving its state.
  retry: { completed: 'running', failed: 'running', running: 'running', paused: 'paused' },
};

/** The state that an action leads to, or undefined where a run in that state refuses it. */
export const nextState = (state: RunState, action: RunAction): RunState | undefined =>
  transitions[action][state];

/** The states that an action may be taken in, for a message or an SQL condition. */
export const statesThatAllow = (action: RunAction): RunState[] =>
  runStates.filter((state) => nextState(state, action) !== undefined);

/** A final state stays, unless somebody retries. */
export const isFinal = (state: RunState): boolean =>
  state === 'completed' || state === 'failed' || state === 'canceled';
