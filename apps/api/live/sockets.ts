import type { Server as HttpServer } from 'node:http';
import type { Access, Principal } from '#libs/access';
import { every, type Config, type Logger } from '#libs/config';
import {
  comparisonChangedHint,
  queueNames,
  RequestError,
  runChangedHint,
  type ComparisonSnapshot,
  type ReviewSnapshot,
  type RunSnapshot,
} from '#libs/contracts';
import type { Queues } from '#libs/queues';
import { Server } from 'socket.io';
import { z } from 'zod';
import { sessionToken, type Authenticator } from '../http/auth.ts';
import { isOwnOrigin } from '../http/origin.ts';
import { HttpProblem } from '../http/problem.ts';
import { openAdapter } from './adapter.ts';
import { createAlerts } from './alerts.ts';
import { createConnections, type Connection, type ConnectionGauges } from './connections.ts';
import type { EndedAccess, LiveServer, LiveSocket, SocketData, Stage } from './events.ts';
import { comparisonKind, reviewKind, runKind, type Kind, type LiveReader } from './kinds.ts';
import { createMemoryWatch } from './memory-watch.ts';
import { createProjectFeed, type ProjectReader } from './project-feed.ts';
import { createQueueFeed } from './queue-feed.ts';
import { createRelay, type Relay, type Versioned } from './relay.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

/** What a replica holds for its sockets. */
export interface LiveGauges extends ConnectionGauges {
  rooms: number;
  watchedRuns: number;
  watchedComparisons: number;
  watchedReviews: number;
  watchedProjects: number;
  queueWatchers: number;
  memoryLimitBytes: number;
  memoryBusy: boolean;
}

/** The live side of an API replica. */
export interface Live {
  /** Says to all replicas that a call has changed a run, or made it. */
  runChanged(runId: string): void;
  /** Ends the sockets of a key or of a session on all replicas. */
  endAccess(ended: EndedAccess): void;
  gauges(): LiveGauges;
  close(): Promise<void>;
}

const handshakeKey = z.object({
  key: z.string().max(300).optional(),
  token: z.string().max(300).optional(),
});
/** Sockets that do not keep up: they are shown nothing until they do. */
const BEHIND = 'behind';

/** A refusal of a handshake, as `connect_error` shows it: `data.code` is for programs. */
class HandshakeRefusal extends Error {
  readonly data: { code: string };

  constructor({ code, message }: { code: string; message: string }) {
    super(message);
    this.data = { code };
  }
}

/**
 * Attaches Socket.IO: websockets only, so that no replica needs sticky sessions. Progress goes only to
 * the sockets of this replica, since every replica reads for itself; what must reach all of them
 * crosses the adapter.
 */
export async function attachLive(options: {
  httpServer: HttpServer;
  config: Pick<
    Config,
    'live' | 'trustProxy' | 'publicOrigins' | 'redisSocketUrl' | 'alertWebhookUrl'
  >;
  logger: Logger;
  access: Access;
  authenticator: Authenticator;
  runs: LiveReader<RunSnapshot> & ProjectReader;
  comparisons: LiveReader<ComparisonSnapshot>;
  reviews: LiveReader<ReviewSnapshot>;
  queues: Pick<Queues, 'listenForHints' | 'state'>;
}): Promise<Live> {
  const { httpServer, config, logger, access, runs, queues } = options;
  const { live: bounds } = config;

  let shows = 0;
  const shown = (): number => shows;
  const memory = createMemoryWatch({
    limitMb: bounds.memoryLimitMb,
    logger,
    alerts: createAlerts(config.alertWebhookUrl, logger),
    load: () => {
      const { sockets, bufferedBytes, rooms, watchedRuns } = gauges();
      return { sockets, bufferedBytes, rooms, watchedRuns };
    },
  });
  const connections = createConnections({
    bounds,
    trustProxy: config.trustProxy,
    logger,
    busy: () => memory.busy(),
    shown,
  });

  const adapter = openAdapter(config.redisSocketUrl, logger);
  const io: LiveServer = new Server(httpServer, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: bounds.maxMessageBytes,
    connectTimeout: bounds.handshakeTimeoutMs,
    ...(adapter && { adapter: adapter.factory }),
    allowRequest: (request, decide) => {
      // Programs send no Origin; a page that does must be one of ours.
      const allowed =
        request.headers.origin === undefined ||
        isOwnOrigin(request.headers, request.headers.host, config.publicOrigins);
      if (!allowed) decide('foreign origin', false);
      // One that is to be refused is let in where possible: only then can a page read why.
      else if (connections.admit(request)) decide(null, true);
      else decide('too many sockets', false);
    },
  });
  io.engine.on('connection', (conn: LiveSocket['conn']) => connections.opened(conn));

  const stage: Stage = {
    room: (name) => io.local.to(name).except(BEHIND),
    next: () => (shows += 1),
  };
  const watch = <Snapshot extends Versioned>(kind: Kind<Snapshot>): Watch<Snapshot> => ({
    kind,
    relay: createRelay(kind, stage, logger),
  });
  const feeds: Feeds = {
    runs: watch(runKind(runs)),
    comparisons: watch(comparisonKind(options.comparisons)),
    reviews: watch(reviewKind(options.reviews)),
    projects: createProjectFeed({
      reader: runs,
      resolve: (principal, projectId) => resolveProject(access, principal, projectId),
      stage,
      shown,
      logger,
    }),
    queues: createQueueFeed({ read: () => countQueues(queues), stage, shown, logger }),
  };

  io.use((socket, next) => {
    const connection = connections.of(socket.conn.request);
    const refuse = (refusal: { code: string; message: string }): void => {
      next(new HandshakeRefusal(refusal));
      // Socket.IO says so at the next tick; then who may not stay does not keep the line.
      if (connection.refusal) setImmediate(() => connection.hangUp());
    };
    if (connection.refusal) return refuse(connection.refusal);
    identify(options, socket, connection.address).then(
      (data) => {
        const refusal = connection.claimKey(data.principal.keyId);
        if (refusal) return refuse(refusal);
        Object.assign(socket.data, data);
        next();
      },
      (error: unknown) => {
        if (error instanceof HttpProblem) return refuse(connections.refused(error));
        logger.warn({ err: error }, 'a handshake failed');
        refuse({ code: 'unavailable', message: 'The handshake failed; try again.' });
      },
    );
  });
  io.on('connection', (socket) => {
    serve(socket, { connection: connections.of(socket.conn.request), feeds, shown, logger });
  });

  const runChanged = (runId: string): void => {
    feeds.runs.relay.changed(runId);
    feeds.projects.changed(runId);
  };
  const endHere = (isEnded: (data: SocketData) => boolean, code: keyof typeof endings): void => {
    for (const socket of io.of('/').sockets.values()) {
      if (!isEnded(socket.data)) continue;
      connections.of(socket.conn.request).end({ code, message: endings[code] });
    }
  };
  const endAccessHere = (ended: EndedAccess): void => {
    if ('keyId' in ended) {
      endHere(({ principal }) => principal.keyId === ended.keyId, 'key_revoked');
    } else endHere(({ sessionId }) => sessionId === ended.sessionId, 'session_ended');
  };
  io.on('run:changed', runChanged);
  io.on('access:ended', endAccessHere);

  const recheck = async (): Promise<void> => {
    const callers = [...io.of('/').sockets.values()].map(({ data }) => data);
    if (callers.length === 0) return;
    const keyIds = new Set(callers.map(({ principal }) => principal.keyId));
    const sessionIds = new Set(callers.flatMap(({ sessionId }) => sessionId ?? []));
    const valid = await access.stillValid({ keyIds: [...keyIds], sessionIds: [...sessionIds] });
    // Only of those that were asked about: others have come meanwhile.
    endHere(
      ({ principal: { keyId } }) => keyIds.has(keyId) && !valid.keyIds.has(keyId),
      'key_revoked',
    );
    endHere(
      ({ sessionId }) =>
        sessionId !== undefined && sessionIds.has(sessionId) && !valid.sessionIds.has(sessionId),
      'session_ended',
    );
  };
  const rechecking = every(bounds.recheckIntervalMs, recheck, (error) =>
    logger.warn({ err: error }, 'keys of sockets could not be looked up; they will be later'),
  );

  const stopListening = await queues.listenForHints((hint) => {
    const run = runChangedHint.safeParse(hint);
    if (run.success) runChanged(run.data.runId);
    const comparison = comparisonChangedHint.safeParse(hint);
    if (comparison.success) feeds.comparisons.relay.changed(comparison.data.comparisonId);
  });

  function gauges(): LiveGauges {
    const { rooms, sids } = io.of('/').adapter;
    const { limitBytes, busy } = memory.gauges();
    return {
      ...connections.gauges(),
      // Every socket is in one of its own.
      rooms: Math.max(0, rooms.size - sids.size),
      watchedRuns: feeds.runs.relay.watched(),
      watchedComparisons: feeds.comparisons.relay.watched(),
      watchedReviews: feeds.reviews.relay.watched(),
      watchedProjects: feeds.projects.watched(),
      queueWatchers: feeds.queues.watchers(),
      memoryLimitBytes: limitBytes,
      memoryBusy: busy,
    };
  }

  return {
    runChanged(runId) {
      runChanged(runId);
      // Without an adapter there is no other replica to tell.
      if (adapter) io.serverSideEmit('run:changed', runId);
    },
    endAccess(ended) {
      endAccessHere(ended);
      if (adapter) io.serverSideEmit('access:ended', ended);
    },
    gauges,
    async close() {
      await stopListening();
      await Promise.all([
        ...[feeds.runs, feeds.comparisons, feeds.reviews].map(({ relay }) => relay.stop()),
        feeds.projects.stop(),
        feeds.queues.stop(),
        rechecking.stop(),
        memory.stop(),
        connections.stop(),
      ]);
      // Not io.close(): the HTTP server has requests of its own to finish. And only the connections end,
      // not the sockets: then clients connect again by themselves, to another replica.
      io.engine.close();
      await io.of('/').adapter.close();
      adapter?.close();
    },
  };
}

const endings = {
  key_revoked: 'The key of this socket was revoked; connect with another one.',
  session_ended: 'The session of this socket is over; sign in again.',
};

/** By key in the handshake's `auth`, by Bearer key or by session cookie. @throws {HttpProblem} */
async function identify(
  { authenticator, access }: { authenticator: Authenticator; access: Access },
  socket: LiveSocket,
  address: string,
): Promise<SocketData> {
  const { headers, auth } = socket.handshake;
  const given = handshakeKey.safeParse(auth);
  const key = given.success ? (given.data.key ?? given.data.token) : undefined;
  if (key !== undefined) {
    return { principal: await authenticator.checkKey(key, address), sessionId: undefined };
  }
  const identity = await authenticator.identify({ headers, address });
  if (!identity) {
    throw new HttpProblem(
      401,
      'unauthenticated',
      'Connect with { auth: { key } }, or sign in first.',
    );
  }
  const token = identity.by === 'session' ? sessionToken(headers) : undefined;
  return {
    principal: identity.principal,
    sessionId: token === undefined ? undefined : access.sessionIdOf(token),
  };
}

async function resolveProject(
  access: Access,
  principal: Principal,
  projectId: string | undefined,
): Promise<string | undefined> {
  try {
    return (await access.resolveProject(principal, projectId)).id;
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

const countQueues = async (queues: Pick<Queues, 'state'>) => ({
  queues: await Promise.all(
    queueNames.map(async (name) => {
      const { waiting, active, delayed, failed } = await queues.state(name);
      return { name, waiting, active, delayed, failed };
    }),
  ),
});

interface Watch<Snapshot extends Versioned> {
  kind: Kind<Snapshot>;
  relay: Relay<Snapshot>;
}

interface Feeds {
  runs: Watch<RunSnapshot>;
  comparisons: Watch<ComparisonSnapshot>;
  reviews: Watch<ReviewSnapshot>;
  projects: ReturnType<typeof createProjectFeed>;
  queues: ReturnType<typeof createQueueFeed>;
}

function serve(
  socket: LiveSocket,
  {
    connection,
    feeds,
    shown,
    logger,
  }: { connection: Connection; feeds: Feeds; shown: () => number; logger: Logger },
): void {
  const { principal } = socket.data;
  connection.socket = socket;

  const subscriptionsTo = <Snapshot extends Versioned>(watch: Watch<Snapshot>) =>
    createSubscriptions(watch, socket, connection, principal, shown);
  const runs = subscriptionsTo(feeds.runs);
  const comparisons = subscriptionsTo(feeds.comparisons);
  const reviews = subscriptionsTo(feeds.reviews);
  const projects = feeds.projects.subscriptions(socket, connection, principal);
  const queues = feeds.queues.subscriptions(socket, connection, principal);
  const all = [runs, comparisons, reviews, projects, queues];

  connection.onBehind = () => void socket.join(BEHIND);
  connection.onCaughtUp = (since) => {
    void socket.leave(BEHIND);
    connection.makeUp(all.flatMap((subscriptions) => subscriptions.missed(since)));
  };

  socket.use((packet, next) => {
    const refusal = connection.tooFast();
    if (!refusal) return next();
    const answer: unknown = packet.at(-1);
    if (typeof answer === 'function') answer({ error: refusal });
  });

  /** Answers a subscription; what was over before anyone here watched it is told as such. */
  const answerTo = <Answer extends object>(
    subscriptions: Subscriptions<Answer>,
    tellEnd: (answer: Answer) => void = () => {},
  ) => {
    return (request: unknown, answer: unknown): void => {
      if (typeof answer !== 'function') return;
      subscriptions.subscribe(request).then(
        (answered) => {
          answer(answered);
          if (!('error' in answered)) tellEnd(answered);
        },
        (error: unknown) => {
          logger.warn({ err: error }, 'a subscription failed');
          answer(subscriptions.unavailable);
        },
      );
    };
  };

  socket.on(
    'run:subscribe',
    answerTo(runs, (snapshot) => {
      if (feeds.runs.kind.isFinal(snapshot)) socket.emit('run:finished', snapshot);
    }),
  );
  socket.on('run:unsubscribe', (request) => runs.unsubscribe(request));
  socket.on(
    'comparison:subscribe',
    answerTo(comparisons, (snapshot) => {
      if (feeds.comparisons.kind.isFinal(snapshot)) socket.emit('comparison:finished', snapshot);
    }),
  );
  socket.on('comparison:unsubscribe', (request) => comparisons.unsubscribe(request));
  socket.on('review:subscribe', answerTo(reviews));
  socket.on('review:unsubscribe', (request) => reviews.unsubscribe(request));
  socket.on('project:subscribe', answerTo(projects));
  socket.on('project:unsubscribe', (request) => projects.unsubscribe(request));
  socket.on('queues:subscribe', answerTo(queues));
  socket.on('queues:unsubscribe', (request) => queues.unsubscribe(request));

  socket.on('disconnect', () => {
    connection.socket = undefined;
    for (const subscriptions of all) subscriptions.release();
  });
}
