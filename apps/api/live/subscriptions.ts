import type { Principal } from '#libs/access';
import type { SubscribeRefusal } from '#libs/contracts';
import type { Refusal } from './connections.ts';
import type { Missed } from './events.ts';
import type { Kind } from './kinds.ts';
import type { Relay, Versioned } from './relay.ts';

/** What a subscription needs of the socket that asked for it. */
export interface Subscriber {
  readonly disconnected: boolean;
  join(room: string): Promise<void> | void;
  leave(room: string): Promise<void> | void;
}

/** What a socket may still subscribe to. */
export interface Allowance {
  subscribe(): Refusal | undefined;
  unsubscribe(): void;
}

/** What one socket watches of one kind. */
export interface Subscriptions<Answer> {
  /** Answers with what it is now, or why there is nothing. */
  subscribe(request: unknown): Promise<Answer | SubscribeRefusal>;
  unsubscribe(request: unknown): void;
  /** What was shown after that show of what it watches, and not to it. */
  missed(since: number): Missed[];
  /** Gives back all that the socket has watched, when it goes. */
  release(): void;
  /** The answer where it could not be read. */
  unavailable: SubscribeRefusal;
}

export const refusal = (code: string, message: string): SubscribeRefusal => ({
  error: { code, message },
});

export const gone = refusal('disconnected', 'The socket is gone.');

export function createSubscriptions<Snapshot extends Versioned>(
  { kind, relay }: { kind: Kind<Snapshot>; relay: Relay<Snapshot> },
  socket: Subscriber,
  allowance: Allowance,
  principal: Principal,
  shown: () => number,
): Subscriptions<Snapshot> {
  const { noun, field } = kind;
  const thing = noun.replaceAll('_', ' ');
  /** Each with the number of the last show before it was subscribed to. */
  const subscribed = new Map<string, number>();

  return {
    unavailable: refusal('unavailable', `The ${thing} could not be read; try again.`),

    async subscribe(request) {
      const id = kind.idIn(request);
      if (id === undefined) {
        return refusal('invalid', `Send { "${field}": "<id of a ${thing}>" }.`);
      }
      // Counted before it is looked up: many may be asked for at once.
      const refused = allowance.subscribe();
      if (refused && !subscribed.has(id)) return { error: refused };
      let spare = refused === undefined;
      try {
        const [found] = await relay.read([id]);
        if (!found || (principal.projectId !== null && found.projectId !== principal.projectId)) {
          return refusal(`${noun}_not_found`, `There is no such ${thing} in this project.`);
        }
        const { snapshot } = found;
        if (socket.disconnected) return gone;
        if (subscribed.has(id)) return newer(snapshot, relay.latest(id));
        if (refused) return { error: refused };
        spare = false;
        relay.watch(snapshot);
        subscribed.set(id, shown());
        const joined = socket.join(kind.roomOf(id));
        // Before anything is awaited: what is shown from here on reaches the room, this socket included.
        const answer = newer(snapshot, relay.latest(id));
        await joined;
        return answer;
      } finally {
        if (spare) allowance.unsubscribe();
      }
    },

    unsubscribe(request) {
      const id = kind.idIn(request);
      if (id === undefined || !subscribed.delete(id)) return;
      allowance.unsubscribe();
      relay.unwatch(id);
      void socket.leave(kind.roomOf(id));
    },

    missed: (since) =>
      [...subscribed].flatMap(([id, from]) => relay.missed(id, Math.max(since, from))),

    release() {
      for (const id of subscribed.keys()) {
        allowance.unsubscribe();
        relay.unwatch(id);
      }
      subscribed.clear();
    },
  };
}

const newer = <Snapshot extends Versioned>(
  read: Snapshot,
  shown: Snapshot | undefined,
): Snapshot => (shown && shown.version > read.version ? shown : read);
