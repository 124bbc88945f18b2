import { every, type Logger } from '#libs/config';

/** At most four times a second what is watched is read and shown. */
const SHOW_EVERY_MS = 250;
/** Every so often all watched versions are compared, so that a lost hint heals. */
const COMPARE_EVERY_MS = 2_000;

/** What is watched, at one version. */
export interface Versioned {
  version: number;
}

/** A kind of thing that is watched: runs, or comparisons. */
export interface RelaySource<Snapshot extends Versioned> {
  /** Of many in one query; what does not exist is left out. */
  snapshots(ids: readonly string[]): Promise<{ projectId: string; snapshot: Snapshot }[]>;
  versions(ids: readonly string[]): Promise<Map<string, number>>;
  idOf(snapshot: Snapshot): string;
  isFinal(snapshot: Snapshot): boolean;
  /** Shows a snapshot to whoever watches at this replica; finished: it has just become final. */
  show(snapshot: Snapshot, event: 'progress' | 'finished'): void;
}

/**
 * Turns hints that something has changed into snapshots for those who watch it here. A hint about what
 * nobody watches here costs nothing; a hint that is lost is made good within two seconds; and what is
 * watched costs the same however often it changes.
 */
export interface Relay<Snapshot extends Versioned> {
  /** Snapshots of now. */
  read: RelaySource<Snapshot>['snapshots'];
  /** Counts one more who watches, from the snapshot that they are given; before they join. */
  watch(snapshot: Snapshot): void;
  unwatch(id: string): void;
  /** A hint: it may have a new version. */
  changed(id: string): void;
  /** The newest snapshot that was shown of what is watched. */
  latest(id: string): Snapshot | undefined;
  /** How many are watched. */
  watched(): number;
  stop(): Promise<void>;
}

interface Watched<Snapshot> {
  watchers: number;
  latest: Snapshot;
}

export function createRelay<Snapshot extends Versioned>(
  source: RelaySource<Snapshot>,
  logger: Logger,
): Relay<Snapshot> {
  const watched = new Map<string, Watched<Snapshot>>();
  const marked = new Set<string>();

  const present = (snapshot: Snapshot): void => {
    const entry = watched.get(source.idOf(snapshot));
    // Read before something newer was: versions only rise.
    if (!entry || snapshot.version <= entry.latest.version) return;
    const finishedNow = source.isFinal(snapshot) && !source.isFinal(entry.latest);
    entry.latest = snapshot;
    source.show(snapshot, 'progress');
    if (finishedNow) source.show(snapshot, 'finished');
  };

  const showMarked = async (): Promise<void> => {
    if (marked.size === 0) return;
    const ids = [...marked];
    marked.clear();
    try {
      for (const { snapshot } of await source.snapshots(ids)) present(snapshot);
    } catch (error) {
      for (const id of ids) if (watched.has(id)) marked.add(id);
      throw error;
    }
  };

  const compare = async (): Promise<void> => {
    const versions = await source.versions([...watched.keys()]);
    for (const [id, version] of versions) {
      const entry = watched.get(id);
      if (entry && version > entry.latest.version) marked.add(id);
    }
  };

  const showing = every(SHOW_EVERY_MS, showMarked, (error) =>
    logger.warn({ err: error }, 'progress could not be read; it will be shown later'),
  );
  const comparing = every(COMPARE_EVERY_MS, compare, (error) =>
    logger.warn({ err: error }, 'versions could not be compared; they will be later'),
  );

  return {
    read: (ids) => source.snapshots(ids),
    watch(snapshot) {
      const id = source.idOf(snapshot);
      const entry = watched.get(id);
      if (entry) entry.watchers += 1;
      else watched.set(id, { watchers: 1, latest: snapshot });
      // What was read for this watcher may be newer than what the others have. They get it now, before
      // this one joins them: shown later it would reach this one twice.
      present(snapshot);
    },
    unwatch(id) {
      const entry = watched.get(id);
      if (!entry) return;
      entry.watchers -= 1;
      if (entry.watchers > 0) return;
      watched.delete(id);
      marked.delete(id);
    },
    changed(id) {
      if (watched.has(id)) marked.add(id);
    },
    latest: (id) => watched.get(id)?.latest,
    watched: () => watched.size,
    async stop() {
      await Promise.all([showing.stop(), comparing.stop()]);
    },
  };
}
