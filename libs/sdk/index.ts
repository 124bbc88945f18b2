export * from './client.ts';
export * from './compare.ts';
export * from './errors.ts';
export * from './paginate.ts';
export * from './run-target.ts';
