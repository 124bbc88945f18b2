/** How far a local clock may have drifted from PostgreSQL's, for every millisecond since they were compared. */
const DRIFT = 1e-4;

/**
 * PostgreSQL's clock, told from here. Each answer that carries its time bounds the difference between
 * the two clocks by the time that the question took; the narrowest bound of late is kept.
 */
export interface DatabaseClock {
  /** PostgreSQL said `databaseTime` at some moment between two readings of `performance.now()`. */
  observe(databaseTime: number, askedAt: number, answeredAt: number): void;
  /** Milliseconds since 1970 by PostgreSQL, as `performance.now()` here, and back. */
  toLocal(databaseTime: number): number;
  toDatabase(localTime: number): number;
}

export function createDatabaseClock(): DatabaseClock {
  let best: { offset: number; error: number; at: number } | undefined;
  const errorAt = (now: number): number =>
    best === undefined ? Infinity : best.error + (now - best.at) * DRIFT;
  const offset = (): number => best?.offset ?? Date.now() - performance.now();
  return {
    observe(databaseTime, askedAt, answeredAt) {
      const error = (answeredAt - askedAt) / 2;
      const seen = databaseTime - (askedAt + answeredAt) / 2;
      const isApart =
        best !== undefined && Math.abs(seen - best.offset) > error + errorAt(answeredAt);
      if (isApart || error <= errorAt(answeredAt)) best = { offset: seen, error, at: answeredAt };
    },
    toLocal: (databaseTime) => databaseTime - offset(),
    toDatabase: (localTime) => localTime + offset(),
  };
}
