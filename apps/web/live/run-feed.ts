import { runSnapshot, socketClosed, subscribeAnswer, type RunSnapshot } from '#libs/contracts';
import { z } from 'zod';
import type { LiveSocket } from './socket.ts';

/**
 * idle: nothing is watched, so there may be no connection. connecting: the first attempt. live: numbers arrive.
 * lost: for longer than a moment no numbers can arrive, so pages ask the API instead.
 */
export type Connection = 'idle' | 'connecting' | 'live' | 'lost';

export interface RunFeedEvents {
  snapshot: (snapshot: RunSnapshot) => void;
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
 * The one socket of the page, and which runs it watches. A run is subscribed to while at least one
 * caller watches it, and again after every reconnect; its answer carries the numbers that were
 * missed in between.
 */
export class RunFeed {
  readonly #createSocket: () => LiveSocket;
  readonly #events: RunFeedEvents;
  readonly #watchers = new Map<string, number>();
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
    const before = this.#watchers.get(runId) ?? 0;
    this.#watchers.set(runId, before + 1);
    const socket = this.#connected();
    if (this.#connection === 'idle') this.#connectAgain(socket);
    if (before === 0 && socket.connected) this.#subscribe(socket, runId);
    let watching = true;
    return () => {
      if (watching) this.#release(runId);
      watching = false;
    };
  }

  /** Ends the connection, for a session that ended. Watching again opens a new one. */
  close(): void {
    clearTimeout(this.#lostTimer);
    clearTimeout(this.#retryTimer);
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#watchers.clear();
    this.#become('idle');
  }

  readonly connection = (): Connection => this.#connection;
  readonly onConnection = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #release(runId: string): void {
    // Scrolling and remounting release a run only to watch it again at once.
    setTimeout(() => {
      const left = (this.#watchers.get(runId) ?? 0) - 1;
      if (left > 0) {
        this.#watchers.set(runId, left);
      } else if (this.#watchers.delete(runId) && this.#socket?.connected === true) {
        this.#socket.emit('run:unsubscribe', { runId });
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
      for (const runId of this.#watchers.keys()) this.#subscribe(socket, runId);
    });
    socket.on('socket:closed', (reason) => {
      const parsed = socketClosed.safeParse(reason);
      if (parsed.success && aboutAccess.has(parsed.data.code)) this.#events.refused();
    });
    socket.on('disconnect', () => {
      // Active: socket.io tries again by itself. Else the server ended it, which it also does to who
      // watches nothing for long.
      if (!socket.active && this.#watchers.size === 0) return this.#become('idle');
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
    socket.on('run:progress', (snapshot) => this.#receive(snapshot));
    socket.on('run:finished', (snapshot) => this.#receive(snapshot));
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

  #subscribe(socket: LiveSocket, runId: string): void {
    socket.timeout(answerTimeout).emit('run:subscribe', { runId }, (error, answer) => {
      if (error) {
        const wanted = this.#watchers.has(runId) && socket === this.#socket && socket.connected;
        if (wanted) this.#subscribe(socket, runId);
        return;
      }
      const parsed = subscribeAnswer.safeParse(answer);
      if (!parsed.success) return;
      if (!('error' in parsed.data)) this.#events.snapshot(parsed.data);
      else if (passing.has(parsed.data.error.code)) this.#subscribeLater(socket, runId);
    });
  }

  #subscribeLater(socket: LiveSocket, runId: string): void {
    setTimeout(
      () => {
        const wanted = this.#watchers.has(runId) && socket === this.#socket && socket.connected;
        if (wanted) this.#subscribe(socket, runId);
      },
      retryAfterRefusal * (0.75 + Math.random() / 2),
    );
  }

  #receive(received: unknown): void {
    const parsed = runSnapshot.safeParse(received);
    if (parsed.success) this.#events.snapshot(parsed.data);
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
