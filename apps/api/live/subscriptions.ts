import type { Principal } from '#libs/access';
import type { SubscribeRefusal } from '#libs/contracts';
import type { Relay, Versioned } from './relay.ts';

/** Of each kind that one socket may watch at the same time. */
const MAX_SUBSCRIPTIONS = 200;

/** What a subscription needs of the socket that asked for it. */
interface Subscriber {
  readonly disconnected: boolean;
  join(room: string): Promise<void> | void;
  leave(room: string): Promise<void> | void;
}

/** What one socket watches of one kind. */
export interface Subscriptions<Snapshot> {
  /** Answers with the snapshot of now, or why there is none. */
  subscribe(request: unknown): Promise<Snapshot | SubscribeRefusal>;
  unsubscribe(request: unknown): void;
  /** Gives back all that the socket has watched, when it goes. */
  release(): void;
  /** The answer where it could not be read. */
  unavailable: SubscribeRefusal;
}

const refusal = (code: string, message: string): SubscribeRefusal => ({ error: { code, message } });

export function createSubscriptions<Snapshot extends Versioned>(
  kind: {
    relay: Relay<Snapshot>;
    roomOf(id: string): string;
    /** The id that a request names. */
    idIn(request: unknown): string | undefined;
    noun: string;
    field: string;
  },
  socket: Subscriber,
  principal: Principal,
): Subscriptions<Snapshot> {
  const { relay, noun, field } = kind;
  const subscribed = new Set<string>();
  /** Subscriptions that are being looked up: many may be asked for at once. */
  let asked = 0;

  return {
    unavailable: refusal('unavailable', `The ${noun} could not be read; try again.`),

    async subscribe(request) {
      const id = kind.idIn(request);
      if (id === undefined) {
        return refusal('invalid', `Send { "${field}": "<id of a ${noun}>" }.`);
      }
      if (subscribed.size + asked >= MAX_SUBSCRIPTIONS && !subscribed.has(id)) {
        return refusal(
          `too_many_${noun}s`,
          `One socket watches at most ${MAX_SUBSCRIPTIONS} ${noun}s; unsubscribe from some.`,
        );
      }
      asked += 1;
      const [found] = await relay.read([id]).finally(() => {
        asked -= 1;
      });
      if (!found || (principal.projectId !== null && found.projectId !== principal.projectId)) {
        return refusal(`${noun}_not_found`, `There is no such ${noun} in this project.`);
      }
      const { snapshot } = found;
      if (socket.disconnected) return refusal('disconnected', 'The socket is gone.');
      if (subscribed.has(id)) return newer(snapshot, relay.latest(id));
      subscribed.add(id);
      relay.watch(snapshot);
      const joined = socket.join(kind.roomOf(id));
      // Before anything is awaited: what is shown from here on reaches the room, this socket included.
      const answer = newer(snapshot, relay.latest(id));
      await joined;
      return answer;
    },

    unsubscribe(request) {
      const id = kind.idIn(request);
      if (id === undefined || !subscribed.delete(id)) return;
      relay.unwatch(id);
      void socket.leave(kind.roomOf(id));
    },

    release() {
      for (const id of subscribed) relay.unwatch(id);
      subscribed.clear();
    },
  };
}

const newer = <Snapshot extends Versioned>(
  read: Snapshot,
  shown: Snapshot | undefined,
): Snapshot => (shown && shown.version > read.version ? shown : read);
