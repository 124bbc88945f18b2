export { registerCallMetrics } from './call-metrics.ts';
export { createCalls, type Calls } from './calls.ts';
export { forgetCalls } from './forget.ts';
