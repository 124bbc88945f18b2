export { createCalls, type Calls } from './calls.ts';
export { forgetCalls } from './forget.ts';
