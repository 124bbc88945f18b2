export { contains, jsonContains } from './contains.ts';
export { openDatabase, sql, type Database, type PoolGauges, type Queryable } from './database.ts';
export * from './entities/index.ts';
export { isUniqueViolation } from './errors.ts';
export { exactTime, isoTime } from './iso-time.ts';
export { advisoryLocks } from './locks.ts';
export { registerPoolMetrics } from './pool-metrics.ts';
export { uuid } from './uuid.ts';
