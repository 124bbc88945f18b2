import { socketClosed } from '#libs/contracts';
import { z } from 'zod';
import { comparisonRoom, hear, runRoom, type Room, type RoomEvents } from './rooms.ts';
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

const graceBeforeLost = 1_500;
const graceBeforeUnsubscribe = 1_000;
const answerTimeout = 5_000;
const retryAfterRefusal = 10_000;

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
const handshakeRefusal = z.object({ data: z.object({ code: z.string() }) });

/**
 * The one socket of the page, and which runs and comparisons it watches. A room is subscribed to while at
 * least one caller watches it, and again after every reconnect; its answer carries the numbers that were
 * missed in between.
 */
export class RunFeed {
  readonly #createSocket: () => LiveSocket;
  readonly #events: RunFeedEvents;
  readonly #watched = new Map<string, { room: Room; watchers: number }>();
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

  /** Ends the connection, for a session that ended. Watching again opens a new one. */
  close(): void {
    clearTimeout(this.#lostTimer);
    clearTimeout(this.#retryTimer);
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#watched.clear();
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
    });
    socket.on('socket:closed', (reason) => {
      const parsed = socketClosed.safeParse(reason);
      if (parsed.success && aboutAccess.has(parsed.data.code)) this.#events.refused();
    });
    socket.on('disconnect', () => {
      // Active: socket.io tries again by itself. Else the server ended it, which it also does to who
      // watches nothing for long.
      if (!socket.active && this.#watched.size === 0) return this.#become('idle');
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
    return socket;
  }

  #connectAgain(socket: LiveSocket): void {
    this.#become('connecting');
    this.#loseSoon();
    socket.connect();
  }

  #connectLater(socket: LiveSocket): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(
      () => {
        if (socket === this.#socket) socket.connect();
      },
      retryAfterRefusal * (0.75 + Math.random() / 2),
    );
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

  #subscribeLater(socket: LiveSocket, room: Room): void {
    setTimeout(
      () => {
        if (this.#wants(socket, room)) this.#subscribe(socket, room);
      },
      retryAfterRefusal * (0.75 + Math.random() / 2),
    );
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
