export * from './agreement.ts';
export * from './decimal.ts';
export * from './intervals.ts';
export * from './quantile.ts';
export * from './summary.ts';
export * from './repeats.ts';
