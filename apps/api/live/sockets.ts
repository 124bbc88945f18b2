import type { Server as HttpServer } from 'node:http';
import type { Principal } from '#libs/access';
import type { Config, Logger } from '#libs/config';
import {
  comparisonChangedHint,
  runChangedHint,
  subscribeComparisonRequest,
  subscribeRequest,
  type ClientEvents,
  type ComparisonSnapshot,
  type RunSnapshot,
  type ServerEvents,
} from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import type { Queues } from '#libs/queues';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import type { Authenticator } from '../http/auth.ts';
import { isOwnOrigin } from '../http/origin.ts';
import { HttpProblem } from '../http/problem.ts';
import { openAdapter } from './adapter.ts';
import { createRelay } from './relay.ts';
import { createSubscriptions } from './subscriptions.ts';

const MAX_MESSAGE_BYTES = 16 * 1024;
/** Packets that may wait for a client that does not read; beyond, it is let go. */
const MAX_WAITING_PACKETS = 256;

interface SocketData {
  principal: Principal;
}

/** What API replicas tell one another. */
interface ReplicaEvents {
  'run:changed': (runId: string) => void;
}

type LiveServer = Server<ClientEvents, ServerEvents, ReplicaEvents, SocketData>;
type LiveSocket = Socket<ClientEvents, ServerEvents, ReplicaEvents, SocketData>;

/** The live side of an API replica. */
export interface Live {
  /** Says to all replicas that a call has changed a run. */
  runChanged(runId: string): void;
  /** Ends the sockets of a key on all replicas. */
  dropKey(keyId: string): void;
  gauges(): { sockets: number; watchedRuns: number; watchedComparisons: number };
  close(): Promise<void>;
}

const handshakeKey = z.object({
  key: z.string().max(300).optional(),
  token: z.string().max(300).optional(),
});
const roomOf = (runId: string): string => `run:${runId}`;
const roomOfComparison = (comparisonId: string): string => `comparison:${comparisonId}`;
const roomOfKey = (keyId: string): string => `key:${keyId}`;

/** What the relays read; each answers for many in one query. */
export interface LiveReader<Snapshot> {
  snapshots(ids: readonly string[]): Promise<(Snapshot & { projectId: string })[]>;
  versions(ids: readonly string[]): Promise<Map<string, number>>;
}

/**
 * Attaches Socket.IO: websockets only, so that no replica needs sticky sessions. Progress goes only to
 * the sockets of this replica, since every replica reads for itself; what must reach all of them
 * crosses the adapter.
 */
export async function attachLive(options: {
  httpServer: HttpServer;
  config: Config;
  logger: Logger;
  authenticator: Authenticator;
  runs: LiveReader<RunSnapshot>;
  comparisons: LiveReader<ComparisonSnapshot>;
  queues: Queues;
}): Promise<Live> {
  const { httpServer, config, logger, authenticator, runs, comparisons, queues } = options;
  const adapter = openAdapter(config.redisSocketUrl, logger);
  const io: LiveServer = new Server(httpServer, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    ...(adapter && { adapter: adapter.factory }),
    allowRequest: (request, decide) => {
      // Programs send no Origin; a page that does must be one of ours.
      const allowed =
        request.headers.origin === undefined ||
        isOwnOrigin(request.headers, request.headers.host, config.publicOrigins);
      decide(allowed ? null : 'foreign origin', allowed);
    },
  });

  const relays = {
    runs: createRelay<RunSnapshot>(
      {
        snapshots: async (ids) =>
          (await runs.snapshots(ids)).map(({ projectId, ...snapshot }) => ({
            projectId,
            snapshot,
          })),
        versions: (ids) => runs.versions(ids),
        idOf: ({ runId }) => runId,
        isFinal: ({ state }) => isFinal(state),
        show(snapshot, event) {
          const room = io.local.to(roomOf(snapshot.runId));
          if (event === 'finished') room.emit('run:finished', snapshot);
          // Volatile: a client that does not read loses progress, and this process no memory.
          else io.local.volatile.to(roomOf(snapshot.runId)).emit('run:progress', snapshot);
        },
      },
      logger,
    ),
    comparisons: createRelay<ComparisonSnapshot>(
      {
        snapshots: async (ids) =>
          (await comparisons.snapshots(ids)).map(({ projectId, ...snapshot }) => ({
            projectId,
            snapshot,
          })),
        versions: (ids) => comparisons.versions(ids),
        idOf: ({ comparisonId }) => comparisonId,
        isFinal: isComparisonFinal,
        show(snapshot, event) {
          const room = roomOfComparison(snapshot.comparisonId);
          if (event === 'finished') io.local.to(room).emit('comparison:finished', snapshot);
          else io.local.volatile.to(room).emit('comparison:progress', snapshot);
        },
      },
      logger,
    ),
  };

  io.use((socket, next) => {
    identify(authenticator, socket).then(
      (principal) => {
        socket.data.principal = principal;
        next();
      },
      (error: unknown) => {
        if (!(error instanceof HttpProblem)) logger.warn({ err: error }, 'a handshake failed');
        next(error instanceof HttpProblem ? error : new Error('The handshake failed; try again.'));
      },
    );
  });

  io.on('connection', (socket) => serve(socket, relays, logger));
  io.on('run:changed', (runId) => relays.runs.changed(runId));

  const stopListening = await queues.listenForHints((hint) => {
    const run = runChangedHint.safeParse(hint);
    if (run.success) relays.runs.changed(run.data.runId);
    const comparison = comparisonChangedHint.safeParse(hint);
    if (comparison.success) relays.comparisons.changed(comparison.data.comparisonId);
  });

  return {
    runChanged(runId) {
      relays.runs.changed(runId);
      // Without an adapter there is no other replica to tell.
      if (adapter) io.serverSideEmit('run:changed', runId);
    },
    dropKey: (keyId) => io.in(roomOfKey(keyId)).disconnectSockets(true),
    gauges: () => ({
      sockets: io.of('/').sockets.size,
      watchedRuns: relays.runs.watched(),
      watchedComparisons: relays.comparisons.watched(),
    }),
    async close() {
      await stopListening();
      await Promise.all([relays.runs.stop(), relays.comparisons.stop()]);
      // Not io.close(): the HTTP server has requests of its own to finish.
      io.local.disconnectSockets(true);
      io.engine.close();
      await io.of('/').adapter.close();
      adapter?.close();
    },
  };
}

/** By key in the handshake's `auth`, by Bearer key or by session cookie. @throws {HttpProblem} */
async function identify(authenticator: Authenticator, socket: LiveSocket): Promise<Principal> {
  const { headers, address, auth } = socket.handshake;
  const given = handshakeKey.safeParse(auth);
  const key = given.success ? (given.data.key ?? given.data.token) : undefined;
  if (key !== undefined) return authenticator.checkKey(key, address);
  const identity = await authenticator.identify({ headers, address });
  if (identity) return identity.principal;
  throw new HttpProblem(
    401,
    'unauthenticated',
    'Connect with { auth: { key } }, or sign in first.',
  );
}

interface Relays {
  runs: ReturnType<typeof createRelay<RunSnapshot>>;
  comparisons: ReturnType<typeof createRelay<ComparisonSnapshot>>;
}

const isComparisonFinal = ({ state }: ComparisonSnapshot): boolean =>
  state === 'completed' || state === 'failed';

function serve(socket: LiveSocket, relays: Relays, logger: Logger): void {
  const { principal } = socket.data;
  void socket.join(roomOfKey(principal.keyId));
  letGoOfWhoDoesNotRead(socket, logger);

  const runs = createSubscriptions(
    {
      relay: relays.runs,
      roomOf,
      idIn(request) {
        const parsed = subscribeRequest.safeParse(request);
        return parsed.success ? parsed.data.runId : undefined;
      },
      noun: 'run',
      field: 'runId',
    },
    socket,
    principal,
  );
  const comparisons = createSubscriptions(
    {
      relay: relays.comparisons,
      roomOf: roomOfComparison,
      idIn(request) {
        const parsed = subscribeComparisonRequest.safeParse(request);
        return parsed.success ? parsed.data.comparisonId : undefined;
      },
      noun: 'comparison',
      field: 'comparisonId',
    },
    socket,
    principal,
  );

  socket.on('run:subscribe', (request, answer) => {
    if (typeof answer !== 'function') return;
    runs.subscribe(request).then(
      (answered) => {
        answer(answered);
        // It was over before anyone here watched it: nothing else would say so.
        if (!('error' in answered) && isFinal(answered.state)) {
          socket.emit('run:finished', answered);
        }
      },
      (error: unknown) => {
        logger.warn({ err: error }, 'a subscription failed');
        answer(runs.unavailable);
      },
    );
  });
  socket.on('run:unsubscribe', (request) => runs.unsubscribe(request));

  socket.on('comparison:subscribe', (request, answer) => {
    if (typeof answer !== 'function') return;
    comparisons.subscribe(request).then(
      (answered) => {
        answer(answered);
        if (!('error' in answered) && isComparisonFinal(answered)) {
          socket.emit('comparison:finished', answered);
        }
      },
      (error: unknown) => {
        logger.warn({ err: error }, 'a subscription failed');
        answer(comparisons.unavailable);
      },
    );
  });
  socket.on('comparison:unsubscribe', (request) => comparisons.unsubscribe(request));

  socket.on('disconnect', () => {
    runs.release();
    comparisons.release();
  });
}

/** Progress is volatile, but answers and final states wait for a client; without end they may not. */
function letGoOfWhoDoesNotRead(socket: LiveSocket, logger: Logger): void {
  const { conn } = socket;
  let waiting = 0;
  conn.on('drain', () => {
    waiting = 0;
  });
  conn.on('packetCreate', () => {
    waiting += 1;
    if (waiting <= MAX_WAITING_PACKETS) return;
    logger.warn({ keyId: socket.data.principal.keyId }, 'a client does not read; let go');
    conn.close(true);
  });
}
