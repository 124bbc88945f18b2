export * from './batching.ts';
export * from './lifecycle.ts';
export * from './metric.ts';
export * from './outgoing.ts';
export * from './sandbox.ts';
export * from './target.ts';
