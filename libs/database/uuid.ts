import { v7 } from 'uuid';

/** A new id: a UUID of version 7, which sorts by the time at which it was made. */
export const uuid = (): string => v7();
