import { every, type Logger } from '#libs/config';
import type { RunSnapshot } from '#libs/contracts';
import { isFinal } from '#libs/evaluation';

/** At most four times a second a watched run is read and shown. */
const SHOW_EVERY_MS = 250;
/** Every so often all watched versions are compared, so that a lost hint heals. */
const COMPARE_EVERY_MS = 2_000;

/** What the relay reads; both answer for many runs in one query. */
export interface RunReader {
  snapshots(runIds: readonly string[]): Promise<(RunSnapshot & { projectId: string })[]>;
  versions(runIds: readonly string[]): Promise<Map<string, number>>;
}

/** Shows one snapshot to whoever watches that run at this replica. */
export type Show = (snapshot: RunSnapshot, event: 'run:progress' | 'run:finished') => void;

/**
 * Turns hints that runs have changed into snapshots for those who watch them here. A hint about a run
 * that nobody watches here costs nothing; a hint that is lost is made good within two seconds; and
 * what a watched run costs does not depend on how often it changes.
 */
export interface RunRelay {
  /** Counts one more who watches the run, from the snapshot that they are given; before they join. */
  watch(snapshot: RunSnapshot): void;
  unwatch(runId: string): void;
  /** A hint: the run may have a new version. */
  changed(runId: string): void;
  /** The newest snapshot that was shown of a watched run. */
  latest(runId: string): RunSnapshot | undefined;
  watchedRuns(): number;
  stop(): Promise<void>;
}

interface Watched {
  watchers: number;
  latest: RunSnapshot;
}

export function createRelay(reader: RunReader, show: Show, logger: Logger): RunRelay {
  const watched = new Map<string, Watched>();
  const marked = new Set<string>();

  const present = (snapshot: RunSnapshot): void => {
    const entry = watched.get(snapshot.runId);
    // Read before something newer was: versions only rise.
    if (!entry || snapshot.version <= entry.latest.version) return;
    const finishedNow = isFinal(snapshot.state) && !isFinal(entry.latest.state);
    entry.latest = snapshot;
    show(snapshot, 'run:progress');
    if (finishedNow) show(snapshot, 'run:finished');
  };

  const showMarked = async (): Promise<void> => {
    if (marked.size === 0) return;
    const runIds = [...marked];
    marked.clear();
    try {
      for (const { projectId: _projectId, ...snapshot } of await reader.snapshots(runIds)) {
        present(snapshot);
      }
    } catch (error) {
      for (const runId of runIds) if (watched.has(runId)) marked.add(runId);
      throw error;
    }
  };

  const compare = async (): Promise<void> => {
    const versions = await reader.versions([...watched.keys()]);
    for (const [runId, version] of versions) {
      const entry = watched.get(runId);
      if (entry && version > entry.latest.version) marked.add(runId);
    }
  };

  const showing = every(SHOW_EVERY_MS, showMarked, (error) =>
    logger.warn({ err: error }, 'progress could not be read; it will be shown later'),
  );
  const comparing = every(COMPARE_EVERY_MS, compare, (error) =>
    logger.warn({ err: error }, 'versions could not be compared; they will be later'),
  );

  return {
    watch(snapshot) {
      const entry = watched.get(snapshot.runId);
      if (entry) entry.watchers += 1;
      else watched.set(snapshot.runId, { watchers: 1, latest: snapshot });
      // What was read for this watcher may be newer than what the others have. They get it now, before
      // this one joins them: shown later it would reach this one twice.
      present(snapshot);
    },
    unwatch(runId) {
      const entry = watched.get(runId);
      if (!entry) return;
      entry.watchers -= 1;
      if (entry.watchers > 0) return;
      watched.delete(runId);
      marked.delete(runId);
    },
    changed(runId) {
      if (watched.has(runId)) marked.add(runId);
    },
    latest: (runId) => watched.get(runId)?.latest,
    watchedRuns: () => watched.size,
    async stop() {
      await Promise.all([showing.stop(), comparing.stop()]);
    },
  };
}
