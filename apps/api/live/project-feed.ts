import type { Principal } from '#libs/access';
import { every, type Logger } from '#libs/config';
import { subscribeProjectRequest, type ProjectRuns, type RunBrief } from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import { LRUCache } from 'lru-cache';
import type { Missed, Stage } from './events.ts';
import { COMPARE_EVERY_MS, LOOKS_PER_HINT, SHOW_EVERY_MS } from './relay.ts';
import {
  gone,
  refusal,
  type Allowance,
  type Subscriber,
  type Subscriptions,
} from './subscriptions.ts';

/** The newest of a project that whoever subscribes is given, beside those that go on. */
const NEWEST = 100;
/** Runs of one project whose versions are known: more than one look at it can give. */
const RUNS_KNOWN = 2_000;
/** Runs of which it is known whose they are, so that hints about others cost nothing. */
const PROJECTS_KNOWN = 20_000;
const READ_AT_ONCE = 1_000;
const RUNS_PER_MESSAGE = 200;
/** Times are those of the begin of a transaction, so a run may appear a while after its time. */
const OVERLAP_SECONDS = 10;

type BriefOfProject = RunBrief & { projectId: string };

/** Each answers for many in one query. */
export interface ProjectReader {
  briefs(runIds: readonly string[]): Promise<BriefOfProject[]>;
  briefsOfProjects(
    projectIds: readonly string[],
    fresh: { count: number } | { withinSeconds: number },
  ): Promise<BriefOfProject[]>;
}

/**
 * The run lists of the projects that are watched at this replica: what has changed in them, at most four
 * times a second. Hints name runs; all that were named since the last look are read in one query, but
 * those that are known to be of a project that nobody watches here. A hint that is lost is made good
 * within two seconds.
 */
export interface ProjectFeed {
  /** A hint: it may be new, or have a new version. */
  changed(runId: string): void;
  /** What one socket watches. */
  subscriptions(
    socket: Subscriber,
    allowance: Allowance,
    principal: Principal,
  ): Subscriptions<ProjectRuns>;
  /** How many projects are watched. */
  watched(): number;
  stop(): Promise<void>;
}

interface Watched {
  watchers: number;
  runs: LRUCache<string, { brief: RunBrief; shownAt: number }>;
}

const roomOf = (projectId: string): string => `project:${projectId}`;

/**
 * @param options.resolve the project that a subscription names, or the caller's own; undefined where it
 * is not for them
 */
export function createProjectFeed(options: {
  reader: ProjectReader;
  resolve: (principal: Principal, projectId: string | undefined) => Promise<string | undefined>;
  stage: Stage;
  shown: () => number;
  logger: Logger;
}): ProjectFeed {
  const { reader, stage, logger } = options;
  const watched = new Map<string, Watched>();
  const projectOf = new LRUCache<string, string>({ max: PROJECTS_KNOWN });
  /** How many looks are due. */
  const marked = new Map<string, number>();
  let comparedAt = performance.now();

  const tell = (
    projectId: string,
    runs: readonly RunBrief[],
    show: (part: ProjectRuns) => void,
  ) => {
    for (let from = 0; from < runs.length; from += RUNS_PER_MESSAGE) {
      show({ projectId, runs: runs.slice(from, from + RUNS_PER_MESSAGE) });
    }
  };

  const present = (briefs: readonly BriefOfProject[]): void => {
    const news = new Map<string, RunBrief[]>();
    for (const { projectId, ...brief } of briefs) {
      projectOf.set(brief.runId, projectId);
      const known = watched.get(projectId)?.runs;
      if (!known || brief.version <= (known.get(brief.runId)?.brief.version ?? -1)) continue;
      const changed = news.get(projectId) ?? [];
      news.set(projectId, changed);
      changed.push(brief);
      known.set(brief.runId, { brief, shownAt: 0 });
    }
    for (const [projectId, changed] of news) {
      const shownAt = stage.next();
      for (const brief of changed)
        watched.get(projectId)?.runs.set(brief.runId, { brief, shownAt });
      const room = stage.room(roomOf(projectId));
      tell(projectId, changed, (part) => room.emit('project:runs', part));
    }
  };

  const showMarked = async (): Promise<void> => {
    if (watched.size === 0) marked.clear();
    if (marked.size === 0) return;
    const due = [...marked].slice(0, READ_AT_ONCE);
    for (const [id] of due) marked.delete(id);
    try {
      present(await reader.briefs(due.map(([id]) => id)));
    } catch (error) {
      for (const [id] of due) marked.set(id, LOOKS_PER_HINT);
      throw error;
    }
    for (const [id, looks] of due) {
      const projectId = projectOf.peek(id);
      const again = looks > 1 && projectId !== undefined && watched.has(projectId);
      if (again && !marked.has(id)) marked.set(id, looks - 1);
    }
  };

  const compare = async (): Promise<void> => {
    if (watched.size === 0) return;
    const now = performance.now();
    const withinSeconds = (now - comparedAt) / 1_000 + OVERLAP_SECONDS;
    const briefs = await reader.briefsOfProjects([...watched.keys()], { withinSeconds });
    comparedAt = now;
    const seen = new Set(briefs.map(({ runId }) => runId));
    // What went on and is no longer among those that do has ended, or was never told of again.
    const ended = [...watched.values()].flatMap(({ runs }) =>
      [...runs.values()]
        .filter(({ brief }) => !isFinal(brief.state) && !seen.has(brief.runId))
        .map(({ brief }) => brief.runId),
    );
    present([...briefs, ...(await reader.briefs(ended))]);
  };

  const showing = every(SHOW_EVERY_MS, showMarked, (error) =>
    logger.warn({ err: error }, 'a list of runs could not be read; it will be shown later'),
  );
  const comparing = every(COMPARE_EVERY_MS, compare, (error) =>
    logger.warn({ err: error }, 'lists of runs could not be compared; they will be later'),
  );

  const watch = (projectId: string): void => {
    const entry = watched.get(projectId);
    if (entry) entry.watchers += 1;
    else watched.set(projectId, { watchers: 1, runs: new LRUCache({ max: RUNS_KNOWN }) });
  };

  const unwatch = (projectId: string): void => {
    const entry = watched.get(projectId);
    if (!entry) return;
    entry.watchers -= 1;
    if (entry.watchers === 0) watched.delete(projectId);
  };

  /** Of a project that is watched. What it has that is newer than was shown is shown first. */
  const listOf = async (projectId: string): Promise<() => ProjectRuns> => {
    const briefs = await reader.briefsOfProjects([projectId], { count: NEWEST });
    present(briefs);
    return () => {
      const known = watched.get(projectId)?.runs;
      return { projectId, runs: briefs.flatMap(({ runId }) => known?.peek(runId)?.brief ?? []) };
    };
  };

  const missedOf = (projectId: string, since: number): Missed[] => {
    const missed = [...(watched.get(projectId)?.runs.values() ?? [])].filter(
      ({ shownAt }) => shownAt > since,
    );
    if (missed.length === 0) return [];
    const runs = missed.map(({ brief }) => brief);
    return [
      {
        order: Math.max(...missed.map(({ shownAt }) => shownAt)),
        show: (audience) => tell(projectId, runs, (part) => audience.emit('project:runs', part)),
      },
    ];
  };

  return {
    changed(runId) {
      if (watched.size === 0) return;
      const projectId = projectOf.get(runId);
      if (projectId === undefined || watched.has(projectId)) marked.set(runId, LOOKS_PER_HINT);
    },

    subscriptions(socket, allowance, principal) {
      /** Each with the number of the last show before it was subscribed to. */
      const subscribed = new Map<string, number>();
      const named = (request: unknown) => subscribeProjectRequest.safeParse(request ?? {});

      return {
        unavailable: refusal('unavailable', 'The list of runs could not be read; try again.'),

        async subscribe(request) {
          const parsed = named(request);
          if (!parsed.success) {
            return refusal('invalid', 'Send { "projectId": "<id of a project>" }, or {}.');
          }
          const refused = allowance.subscribe();
          if (refused) return { error: refused };
          let spare = true;
          try {
            const projectId = await options.resolve(principal, parsed.data.projectId);
            if (projectId === undefined) {
              return refusal('project_not_found', 'There is no such project for this key.');
            }
            // Watched before it is read, so that no hint from then on is lost.
            watch(projectId);
            try {
              const list = await listOf(projectId);
              if (socket.disconnected) return gone;
              if (!subscribed.has(projectId)) {
                spare = false;
                watch(projectId);
                subscribed.set(projectId, options.shown());
                void socket.join(roomOf(projectId));
              }
              return list();
            } finally {
              unwatch(projectId);
            }
          } finally {
            if (spare) allowance.unsubscribe();
          }
        },

        unsubscribe(request) {
          const parsed = named(request);
          if (!parsed.success) return;
          const asked = parsed.data.projectId;
          for (const projectId of asked === undefined ? subscribed.keys() : [asked]) {
            if (!subscribed.delete(projectId)) continue;
            allowance.unsubscribe();
            unwatch(projectId);
            void socket.leave(roomOf(projectId));
          }
        },

        missed: (since) =>
          [...subscribed].flatMap(([projectId, from]) =>
            missedOf(projectId, Math.max(since, from)),
          ),

        release() {
          for (const projectId of subscribed.keys()) {
            allowance.unsubscribe();
            unwatch(projectId);
          }
          subscribed.clear();
        },
      };
    },

    watched: () => watched.size,
    async stop() {
      await Promise.all([showing.stop(), comparing.stop()]);
    },
  };
}
