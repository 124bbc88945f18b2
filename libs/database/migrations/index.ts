import { Migration0001Initial } from './0001-initial.ts';

/** Every migration, in order. A migration that has been released never changes. */
export const migrations = [Migration0001Initial];
