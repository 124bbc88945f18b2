export { caseOf } from './case.ts';
export { isClientRun } from './client-runs.ts';
export type { RunContext } from './context.ts';
export { fill, fillSoon } from './fill.ts';
export { finish } from './finish.ts';
export { clientOutputs } from './lease.ts';
export { recordedOutputs } from './outputs.ts';
export { judgePromptsOf } from './judge-prompts.ts';
export { pickItems } from './pick.ts';
export { preview } from './preview.ts';
export { reconcile } from './reconcile.ts';
export { render } from './render.ts';
export { countReopened, reopen, type Which } from './reopen.ts';
export { createRuns, type Runs } from './runs.ts';
export {
  bookPaid,
  storeBatches,
  type BatchResults,
  type ItemResult,
  type Paid,
  type Stored,
} from './store.ts';
export { tryItems, type TryTools } from './try.ts';
export {
  deferBatch,
  faultBatch,
  openItems,
  releaseBatch,
  runsThatGoOn,
  splitBatch,
  startBatches,
  type Batch,
  type OpenItem,
  type RunPlan,
  type Start,
} from './work.ts';
