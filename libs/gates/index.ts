export { getBaseline, listBaselines, pinBaseline, unpinBaseline } from './baselines.ts';
export type { GateContext } from './context.ts';
export {
  decideFollowUp,
  followUpComparison,
  followUpRunSoon,
  reconcileFollowUps,
} from './follow-ups.ts';
export { createGate, deleteGate, getGate, listGates, updateGate } from './gates.ts';
export { checkGate, listGateResults } from './results.ts';
