export * from './access.ts';
export * from './datasets.ts';
export * from './runs.ts';
