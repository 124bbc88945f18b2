import { sql } from '#libs/database';

/** How often processes say that they live. */
export const BEAT_MS = 3_000;
/** One that was silent for so long is lost, and after the second forgotten. */
const LOST = sql`interval '15 seconds'`;
export const FORGOTTEN = sql`interval '1 minute'`;

/** Of the tables of processes: those that live. */
export const isAlive = sql`seen_at > now() - ${LOST}`;
/** Those that live, or were lost lately. */
export const isKnown = sql`seen_at > now() - ${FORGOTTEN}`;
