import type { Server as HttpServer } from 'node:http';
import type { Principal } from '#libs/access';
import type { Config, Logger } from '#libs/config';
import {
  runChangedHint,
  subscribeRequest,
  type ClientEvents,
  type RunSnapshot,
  type ServerEvents,
  type SubscribeAnswer,
} from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import type { Queues } from '#libs/queues';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import type { Authenticator } from '../http/auth.ts';
import { isOwnOrigin } from '../http/origin.ts';
import { HttpProblem } from '../http/problem.ts';
import { openAdapter } from './adapter.ts';
import { createRelay, type RunReader } from './relay.ts';

/** Runs that one socket may watch at the same time. */
const MAX_SUBSCRIPTIONS = 200;
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
  gauges(): { sockets: number; watchedRuns: number };
  close(): Promise<void>;
}

const handshakeKey = z.object({
  key: z.string().max(300).optional(),
  token: z.string().max(300).optional(),
});
const roomOf = (runId: string): string => `run:${runId}`;
const roomOfKey = (keyId: string): string => `key:${keyId}`;

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
  runs: RunReader;
  queues: Queues;
}): Promise<Live> {
  const { httpServer, config, logger, authenticator, runs, queues } = options;
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

  const relay = createRelay(
    runs,
    (snapshot, event) => {
      const room = io.local.to(roomOf(snapshot.runId));
      if (event === 'run:finished') room.emit(event, snapshot);
      // Volatile: a client that does not read loses progress, and this process no memory.
      else io.local.volatile.to(roomOf(snapshot.runId)).emit(event, snapshot);
    },
    logger,
  );

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

  io.on('connection', (socket) => serve(socket, { relay, runs, logger }));
  io.on('run:changed', (runId) => relay.changed(runId));

  const stopListening = await queues.listenForHints((hint) => {
    const parsed = runChangedHint.safeParse(hint);
    if (parsed.success) relay.changed(parsed.data.runId);
  });

  return {
    runChanged(runId) {
      relay.changed(runId);
      // Without an adapter there is no other replica to tell.
      if (adapter) io.serverSideEmit('run:changed', runId);
    },
    dropKey: (keyId) => io.in(roomOfKey(keyId)).disconnectSockets(true),
    gauges: () => ({ sockets: io.of('/').sockets.size, watchedRuns: relay.watchedRuns() }),
    async close() {
      await stopListening();
      await relay.stop();
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

function serve(
  socket: LiveSocket,
  {
    relay,
    runs,
    logger,
  }: { relay: ReturnType<typeof createRelay>; runs: RunReader; logger: Logger },
): void {
  const subscribed = new Set<string>();
  /** Subscriptions that are being looked up: many may be asked for at once. */
  let asked = 0;
  const { principal } = socket.data;
  void socket.join(roomOfKey(principal.keyId));
  letGoOfWhoDoesNotRead(socket, logger);

  const subscribe = async (request: unknown): Promise<SubscribeAnswer> => {
    const parsed = subscribeRequest.safeParse(request);
    if (!parsed.success) return refusal('invalid', 'Send { "runId": "<id of a run>" }.');
    const { runId } = parsed.data;
    if (subscribed.size + asked >= MAX_SUBSCRIPTIONS && !subscribed.has(runId)) {
      return refusal(
        'too_many_runs',
        `One socket watches at most ${MAX_SUBSCRIPTIONS} runs; unsubscribe from some.`,
      );
    }
    asked += 1;
    const [found] = await runs.snapshots([runId]).finally(() => {
      asked -= 1;
    });
    if (!found || (principal.projectId !== null && found.projectId !== principal.projectId)) {
      return refusal('run_not_found', 'There is no such run in this project.');
    }
    const { projectId: _projectId, ...snapshot } = found;
    if (socket.disconnected) return refusal('disconnected', 'The socket is gone.');
    if (subscribed.has(runId)) return newer(snapshot, relay.latest(runId));
    subscribed.add(runId);
    relay.watch(snapshot);
    const joined = socket.join(roomOf(runId));
    // Before anything is awaited: what is shown from here on reaches the room, this socket included.
    const answer = newer(snapshot, relay.latest(runId));
    await joined;
    return answer;
  };

  socket.on('run:subscribe', (request, answer) => {
    if (typeof answer !== 'function') return;
    subscribe(request).then(
      (answered) => {
        answer(answered);
        // It was over before anyone here watched it: nothing else would say so.
        if (!('error' in answered) && isFinal(answered.state)) {
          socket.emit('run:finished', answered);
        }
      },
      (error: unknown) => {
        logger.warn({ err: error }, 'a subscription failed');
        answer(refusal('unavailable', 'The run could not be read; try again.'));
      },
    );
  });

  socket.on('run:unsubscribe', (request) => {
    const parsed = subscribeRequest.safeParse(request);
    if (!parsed.success || !subscribed.delete(parsed.data.runId)) return;
    relay.unwatch(parsed.data.runId);
    void socket.leave(roomOf(parsed.data.runId));
  });

  socket.on('disconnect', () => {
    for (const runId of subscribed) relay.unwatch(runId);
    subscribed.clear();
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

const newer = (read: RunSnapshot, shown: RunSnapshot | undefined): RunSnapshot =>
  shown && shown.version > read.version ? shown : read;

const refusal = (code: string, message: string): SubscribeAnswer => ({ error: { code, message } });
