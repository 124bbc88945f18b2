import type { Principal } from '#libs/access';
import { every, type Logger } from '#libs/config';
import type { QueueCounts } from '#libs/contracts';
import type { Stage } from './events.ts';
import {
  gone,
  refusal,
  type Allowance,
  type Subscriber,
  type Subscriptions,
} from './subscriptions.ts';

const LOOK_EVERY_MS = 1_000;
/** A queue whose store is away answers late or never. */
const PATIENCE_MS = 3_000;
const ROOM = 'queues';

/**
 * How many jobs each queue holds, for admins of the instance: read once a second and replica, only while
 * somebody watches, and shown where it has changed.
 */
export interface QueueFeed {
  /** What one socket watches: the queues, or nothing. */
  subscriptions(
    socket: Subscriber,
    allowance: Allowance,
    principal: Principal,
  ): Subscriptions<QueueCounts>;
  /** How many watch. */
  watchers(): number;
  stop(): Promise<void>;
}

export function createQueueFeed(options: {
  read: () => Promise<QueueCounts>;
  stage: Stage;
  shown: () => number;
  logger: Logger;
}): QueueFeed {
  const { stage, logger } = options;
  let watchers = 0;
  let latest: { counts: QueueCounts; readAt: number; shownAt: number } | undefined;
  let reading: Promise<QueueCounts> | undefined;

  const look = async (): Promise<QueueCounts> => {
    const counts = await inTime(options.read());
    const same = JSON.stringify(counts) === JSON.stringify(latest?.counts);
    const shownAt = same ? (latest?.shownAt ?? 0) : stage.next();
    latest = { counts, readAt: performance.now(), shownAt };
    if (!same) stage.room(ROOM).emit('queues:counts', counts);
    return counts;
  };
  /** Many may ask at once; it is read once for all. */
  const lookOnce = (): Promise<QueueCounts> =>
    (reading ??= look().finally(() => {
      reading = undefined;
    }));

  const looking = every(
    LOOK_EVERY_MS,
    async () => {
      if (watchers > 0) await lookOnce();
    },
    (error) => logger.warn({ err: error }, 'the queues could not be counted; they will be later'),
  );

  return {
    subscriptions(socket, allowance, principal) {
      /** The number of the last show before the queues were subscribed to. */
      let subscribedAt: number | undefined;
      const release = (): void => {
        if (subscribedAt === undefined) return;
        subscribedAt = undefined;
        watchers -= 1;
        allowance.unsubscribe();
      };

      return {
        unavailable: refusal('unavailable', 'The queues could not be counted; try again.'),

        async subscribe() {
          if (principal.projectId !== null || principal.role !== 'admin') {
            return refusal(
              'instance_admin_needed',
              'The queues span all projects: only an admin key of the instance may watch them.',
            );
          }
          const fresh = latest && performance.now() - latest.readAt < LOOK_EVERY_MS;
          const counts = fresh && latest ? latest.counts : await lookOnce();
          if (socket.disconnected) return gone;
          if (subscribedAt !== undefined) return latest?.counts ?? counts;
          const refused = allowance.subscribe();
          if (refused) return { error: refused };
          watchers += 1;
          subscribedAt = options.shown();
          void socket.join(ROOM);
          return latest?.counts ?? counts;
        },

        unsubscribe() {
          release();
          void socket.leave(ROOM);
        },

        missed(since) {
          if (subscribedAt === undefined || !latest) return [];
          const { counts, shownAt } = latest;
          if (shownAt <= Math.max(since, subscribedAt)) return [];
          return [{ order: shownAt, show: (audience) => audience.emit('queues:counts', counts) }];
        },

        release,
      };
    },

    watchers: () => watchers,
    stop: () => looking.stop(),
  };
}

async function inTime<Result>(asked: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the queues did not answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
