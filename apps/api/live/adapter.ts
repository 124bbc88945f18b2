import type { Logger } from '#libs/config';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';

/** What joins the Socket.IO servers of all API replicas. */
export interface ReplicaAdapter {
  factory: ReturnType<typeof createShardedAdapter>;
  close(): void;
}

/**
 * The Redis adapter (Redis 7 or newer), or nothing where there is one replica only. Sharded and static:
 * joining a room asks nothing of Redis, and a Redis that is away costs messages between replicas, which
 * the comparison of versions makes good, but no unhandled rejection.
 */
export function openAdapter(url: string | undefined, logger: Logger): ReplicaAdapter | undefined {
  if (url === undefined) return undefined;
  const retryStrategy = (times: number): number => Math.min(1_000, 50 * times);
  const publisher = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy,
  });
  const subscriber = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
  const onError = (error: Error): void => logger.warn({ err: error }, 'socket adapter connection');
  publisher.on('error', onError);
  subscriber.on('error', onError);
  return {
    factory: createShardedAdapter(publisher, subscriber, { subscriptionMode: 'static' }),
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
