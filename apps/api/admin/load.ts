import type { Database } from '#libs/database';
import type { ReplicaLoad } from '#libs/fleet';
import type { LiveGauges } from '../live/sockets.ts';

/** What this replica holds, as the list of replicas tells it. */
export const loadOf = (
  { sockets, subscriptions, rooms, bufferedBytes, memoryLimitBytes, memoryBusy }: LiveGauges,
  databaseConnections: ReturnType<Database['gauges']>,
): ReplicaLoad => ({
  sockets,
  subscriptions,
  rooms,
  bufferedBytes,
  memoryLimitBytes: Math.round(memoryLimitBytes),
  memoryBusy,
  databaseConnections,
});
