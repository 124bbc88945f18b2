import { projectRuns, socketClosed, type RunBrief } from '#libs/contracts';
import { z } from 'zod';
import {
  comparisonRoom,
  hear,
  queuesRoom,
  reviewRoom,
  runRoom,
  type Room,
  type RoomEvents,
} from './rooms.ts';
import { chosenProject } from '../queries/project.ts';
import type { LiveSocket } from './socket.ts';

/**
 * idle: nothing is watched, so there may be no connection. connecting: the first attempt. live: numbers arrive.
 * lost: for longer than a moment no numbers can arrive, so pages ask the API instead.
 */
export type Connection = 'idle' | 'connecting' | 'live' | 'lost';

export interface RunFeedEvents extends RoomEvents {
  /** The server does not take or keep the socket of who is not signed in: the session may have ended. */
  refused: () => void;
}

/** Somebody who shows the runs of the project. */
export interface ListWatcher {
  /** The runs that go on and the newest, as they are now: the list is live from here on. */
  listed: (runs: RunBrief[]) => void;
  /** Runs that were made, changed, deleted or have ended. */
  changed: (runs: RunBrief[]) => void;
  /** The list is not live any more, until it is listed again. */
  lost: () => void;
}

const graceBeforeLost = 1_500;
const graceBeforeUnsubscribe = 1_000;
const answerTimeout = 5_000;
const retryAfterRefusal = 10_000;

/** Not all at the same moment. */
const soon = (): number => retryAfterRefusal * (0.75 + Math.random() / 2);

/** Refusals that pass by themselves: a replica that has enough to do, or is without its database. */
const passing = new Set(['unavailable', 'too_many_messages']);
/** Refusals and ends that are about who is asking. */
const aboutAccess = new Set([
  'unauthenticated',
  'invalid_key',
  'invalid_authorization',
  'session_ended',
  'key_revoked',
]);
const refused = z.object({ error: z.object({ code: z.string() }) });
const handshakeRefusal = z.object({ data: z.object({ code: z.string() }) });

/**
 * The one socket of the page, and what it watches: runs, comparisons, review queues, queues, and the
 * list of the project's runs. Each is subscribed to while at least one caller watches it, and again after every reconnect; the
 * answer carries what was missed in between.
 */
export class RunFeed {
  readonly #createSocket: () => LiveSocket;
  readonly #events: RunFeedEvents;
  readonly #watched = new Map<string, { room: Room; watchers: number }>();
  readonly #listWatchers = new Set<ListWatcher>();
  readonly #listeners = new Set<() => void>();
  #socket: LiveSocket | undefined;
  #connection: Connection = 'idle';
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(createSocket: () => LiveSocket, events: RunFeedEvents) {
    this.#createSocket = createSocket;
    this.#events = events;
  }

  /** Watches a run until the returned function is called. */
  watch(runId: string): () => void {
    return this.#watch(runRoom(runId));
  }

  /** Watches a comparison until the returned function is called. */
  watchComparison(comparisonId: string): () => void {
    return this.#watch(comparisonRoom(comparisonId));
  }

  /** Watches how far a review queue is until the returned function is called. */
  watchReview(queueId: string): () => void {
    return this.#watch(reviewRoom(queueId));
  }

  /** Watches what the queues hold until the returned function is called; for admins of the instance. */
  watchQueues(): () => void {
    return this.#watch(queuesRoom);
  }

  #watch(room: Room): () => void {
    const before = this.#watched.get(room.key)?.watchers ?? 0;
    this.#watched.set(room.key, { room, watchers: before + 1 });
    const socket = this.#connected();
    if (this.#connection === 'idle') this.#connectAgain(socket);
    if (before === 0 && socket.connected) this.#subscribe(socket, room);
    let watching = true;
    return () => {
      if (watching) this.#release(room);
      watching = false;
    };
  }

  /** Watches the list of the project's runs until the returned function is called. */
  watchList(watcher: ListWatcher): () => void {
    this.#listWatchers.add(watcher);
    const socket = this.#connected();
    if (this.#connection === 'idle') this.#connectAgain(socket);
    // Each who comes needs an answer of their own; those who watch already take it as well.
    if (socket.connected) this.#subscribeList(socket);
    return () => {
      if (!this.#listWatchers.delete(watcher)) return;
      setTimeout(() => {
        const wanted = this.#listWatchers.size > 0 || this.#socket?.connected !== true;
        if (!wanted) this.#socket?.emit('project:unsubscribe', {});
      }, graceBeforeUnsubscribe);
    };
  }

  /** Ends the connection, for a session that ended. Watching again opens a new one. */
  close(): void {
    clearTimeout(this.#lostTimer);
    clearTimeout(this.#retryTimer);
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#watched.clear();
    this.#listWatchers.clear();
    this.#become('idle');
  }

  readonly connection = (): Connection => this.#connection;
  readonly onConnection = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #release(room: Room): void {
    // Scrolling and remounting release a room only to watch it again at once.
    setTimeout(() => {
      const left = (this.#watched.get(room.key)?.watchers ?? 0) - 1;
      if (left > 0) {
        this.#watched.set(room.key, { room, watchers: left });
      } else if (this.#watched.delete(room.key) && this.#socket?.connected === true) {
        room.unsubscribe(this.#socket);
      }
    }, graceBeforeUnsubscribe);
  }

  #connected(): LiveSocket {
    if (this.#socket) return this.#socket;
    const socket = this.#createSocket();
    this.#socket = socket;
    socket.on('connect', () => {
      clearTimeout(this.#lostTimer);
      this.#become('live');
      for (const { room } of this.#watched.values()) this.#subscribe(socket, room);
      if (this.#listWatchers.size > 0) this.#subscribeList(socket);
    });
    socket.on('socket:closed', (reason) => {
      const parsed = socketClosed.safeParse(reason);
      if (parsed.success && aboutAccess.has(parsed.data.code)) this.#events.refused();
    });
    socket.on('disconnect', () => {
      for (const watcher of this.#listWatchers) watcher.lost();
      // Active: socket.io tries again by itself. Else the server ended it, which it also does to who
      // watches nothing for long.
      if (!socket.active && !this.#watchesAny()) return this.#become('idle');
      this.#loseSoon();
      if (!socket.active) this.#connectLater(socket);
    });
    socket.on('connect_error', (error) => {
      this.#loseSoon();
      // Not active: the server itself said no, and socket.io will not try again.
      if (socket.active) return;
      const parsed = handshakeRefusal.safeParse(error);
      if (!parsed.success || aboutAccess.has(parsed.data.data.code)) this.#events.refused();
      this.#connectLater(socket);
    });
    hear(socket, this.#events);
    socket.on('project:runs', (received) => {
      const parsed = projectRuns.safeParse(received);
      if (!parsed.success) return;
      for (const watcher of this.#listWatchers) watcher.changed(parsed.data.runs);
    });
    return socket;
  }

  #watchesAny(): boolean {
    return this.#watched.size > 0 || this.#listWatchers.size > 0;
  }

  #connectAgain(socket: LiveSocket): void {
    this.#become('connecting');
    this.#loseSoon();
    socket.connect();
  }

  #connectLater(socket: LiveSocket): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      if (socket === this.#socket) socket.connect();
    }, soon());
  }

  #subscribe(socket: LiveSocket, room: Room): void {
    room.subscribe(socket, answerTimeout, (error, answer) => {
      if (error) {
        if (this.#wants(socket, room)) this.#subscribe(socket, room);
        return;
      }
      const refusal = room.read(answer, this.#events);
      if (refusal !== undefined && passing.has(refusal)) this.#subscribeLater(socket, room);
    });
  }

  #subscribeList(socket: LiveSocket): void {
    const again = (): void => {
      const wanted = this.#listWatchers.size > 0 && socket === this.#socket && socket.connected;
      if (wanted) this.#subscribeList(socket);
    };
    const request = { projectId: chosenProject() };
    socket.timeout(answerTimeout).emit('project:subscribe', request, (error, answer) => {
      if (error) return again();
      const listed = projectRuns.safeParse(answer);
      if (listed.success) {
        for (const watcher of this.#listWatchers) watcher.listed(listed.data.runs);
        return;
      }
      const refusal = refused.safeParse(answer);
      if (refusal.success && passing.has(refusal.data.error.code)) setTimeout(again, soon());
    });
  }

  #subscribeLater(socket: LiveSocket, room: Room): void {
    setTimeout(() => {
      if (this.#wants(socket, room)) this.#subscribe(socket, room);
    }, soon());
  }

  #wants(socket: LiveSocket, { key }: Room): boolean {
    return this.#watched.has(key) && socket === this.#socket && socket.connected;
  }

  #loseSoon(): void {
    clearTimeout(this.#lostTimer);
    this.#lostTimer = setTimeout(() => {
      if (this.#socket?.connected !== true) this.#become('lost');
    }, graceBeforeLost);
  }

  #become(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    for (const listener of this.#listeners) listener();
  }
}
