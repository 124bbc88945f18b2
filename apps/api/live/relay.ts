import { every, type Logger } from '#libs/config';
import type { Audience, Missed, Stage } from './events.ts';

/** At most four times a second one thing is read and shown. */
export const SHOW_EVERY_MS = 250;
/**
 * So often it is looked for what is due; all of that is one query. What has not been shown for a while
 * is shown at once, and no wait of a common clock comes on top.
 */
const LOOK_EVERY_MS = 50;
/** Every so often all watched versions are compared, so that a lost hint heals. */
export const COMPARE_EVERY_MS = 2_000;
/**
 * How often it is looked at after a hint. A worker keeps hints back that follow another one within
 * moments; what they would tell of is there at the second look.
 */
export const LOOKS_PER_HINT = 2;

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
  roomOf(id: string): string;
  /** finished: it has just become final. */
  show(audience: Audience, snapshot: Snapshot, event: 'progress' | 'finished'): void;
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
  /** What was shown of it after that show. */
  missed(id: string, since: number): Missed[];
  /** How many are watched. */
  watched(): number;
  stop(): Promise<void>;
}

interface Watched<Snapshot> {
  watchers: number;
  latest: Snapshot;
  /** On this process's clock. */
  readAt: number;
  /** When it was shown last, and its end; 0: never. */
  shownAt: number;
  finishedAt: number;
}

export function createRelay<Snapshot extends Versioned>(
  source: RelaySource<Snapshot>,
  stage: Stage,
  logger: Logger,
): Relay<Snapshot> {
  const watched = new Map<string, Watched<Snapshot>>();
  /** How many looks are due. */
  const marked = new Map<string, number>();

  const present = (snapshot: Snapshot): void => {
    const id = source.idOf(snapshot);
    const entry = watched.get(id);
    // Read before something newer was: versions only rise.
    if (!entry || snapshot.version <= entry.latest.version) return;
    const finishedNow = source.isFinal(snapshot) && !source.isFinal(entry.latest);
    entry.latest = snapshot;
    entry.shownAt = stage.next();
    source.show(stage.room(source.roomOf(id)), snapshot, 'progress');
    if (!finishedNow) return;
    entry.finishedAt = stage.next();
    source.show(stage.room(source.roomOf(id)), snapshot, 'finished');
  };

  const showMarked = async (): Promise<void> => {
    const now = performance.now();
    const due = [...marked].filter(
      ([id]) => now - (watched.get(id)?.readAt ?? now) >= SHOW_EVERY_MS,
    );
    if (due.length === 0) return;
    for (const [id] of due) {
      marked.delete(id);
      const entry = watched.get(id);
      if (entry) entry.readAt = now;
    }
    try {
      for (const { snapshot } of await source.snapshots(due.map(([id]) => id))) present(snapshot);
    } catch (error) {
      for (const [id] of due) if (watched.has(id)) marked.set(id, LOOKS_PER_HINT);
      throw error;
    }
    for (const [id, looks] of due) {
      if (looks > 1 && watched.has(id) && !marked.has(id)) marked.set(id, looks - 1);
    }
  };

  const compare = async (): Promise<void> => {
    const versions = await source.versions([...watched.keys()]);
    for (const [id, version] of versions) {
      const entry = watched.get(id);
      if (entry && version > entry.latest.version) marked.set(id, LOOKS_PER_HINT);
    }
  };

  const showing = every(LOOK_EVERY_MS, showMarked, (error) =>
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
      else watched.set(id, { watchers: 1, latest: snapshot, readAt: 0, shownAt: 0, finishedAt: 0 });
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
      if (watched.has(id)) marked.set(id, LOOKS_PER_HINT);
    },
    latest: (id) => watched.get(id)?.latest,
    missed(id, since) {
      const entry = watched.get(id);
      if (!entry) return [];
      const { latest, shownAt, finishedAt } = entry;
      const shows: [order: number, event: 'progress' | 'finished'][] = [[shownAt, 'progress']];
      // One that has finished and goes on again has no end to be told of.
      if (source.isFinal(latest)) shows.push([finishedAt, 'finished']);
      return shows
        .filter(([order]) => order > since)
        .map(([order, event]) => ({
          order,
          show: (audience: Audience) => source.show(audience, latest, event),
        }));
    },
    watched: () => watched.size,
    async stop() {
      await Promise.all([showing.stop(), comparing.stop()]);
    },
  };
}
