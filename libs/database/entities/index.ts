export * from './access.ts';
export * from './calls.ts';
export * from './comparisons.ts';
export * from './datasets.ts';
export * from './gates.ts';
export * from './prompts.ts';
export * from './providers.ts';
export * from './runs.ts';
