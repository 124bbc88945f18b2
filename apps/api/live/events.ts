import type { Principal } from '#libs/access';
import type { ClientEvents, ServerEvents } from '#libs/contracts';
import type { Server, Socket } from 'socket.io';

/** Who a socket belongs to. */
export interface SocketData {
  principal: Principal;
  /** Of a socket that came by a session's cookie. */
  sessionId: string | undefined;
}

/** Whose sockets are to end: a key was revoked, or a session is over. */
export type EndedAccess = { keyId: string } | { sessionId: string };

/** What API replicas tell one another. */
export interface ReplicaEvents {
  'run:changed': (runId: string) => void;
  'access:ended': (ended: EndedAccess) => void;
}

export type LiveServer = Server<ClientEvents, ServerEvents, ReplicaEvents, SocketData>;
export type LiveSocket = Socket<ClientEvents, ServerEvents, ReplicaEvents, SocketData>;

/** Whoever is shown something: a room of this replica, or one socket. */
export interface Audience {
  emit<Event extends keyof ServerEvents>(
    event: Event,
    ...payload: Parameters<ServerEvents[Event]>
  ): boolean;
}

/**
 * Where things are shown. Shows are numbered, so that who did not keep up can be shown what it missed:
 * of each thing the newest, and only that.
 */
export interface Stage {
  /** Those in a room of this replica who keep up. */
  room(name: string): Audience;
  /** The number of the show that comes now. */
  next(): number;
}

/** Something that a socket was not shown because it did not keep up. */
export interface Missed {
  order: number;
  show: (audience: Audience) => void;
}
