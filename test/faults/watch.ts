import assert from 'node:assert/strict';
import type { ClientEvents, RunSnapshot, ServerEvents } from '#libs/contracts';
import { io, type Socket } from 'socket.io-client';
import { waitFor } from '../support/wait.ts';
import { ADMIN_KEY, type Cluster } from './cluster.ts';

type LiveClient = Socket<ServerEvents, ClientEvents>;

/** Clients that watch a run, one at each API replica, and come back by themselves like a browser. */
export interface Watchers {
  /** Waits until each has seen the run's end, and that no number ever fell. */
  expectEnd(total: number, timeoutMs: number): Promise<void>;
  close(): void;
}

export function watchRun({ members }: Cluster, runId: string): Watchers {
  let closed = false;
  const watchers = members
    .filter(({ app }) => app === 'api')
    .map(({ environment }) => {
      const seen: RunSnapshot[] = [];
      const socket: LiveClient = io(`http://127.0.0.1:${environment.PORT}`, {
        transports: ['websocket'],
        auth: { key: ADMIN_KEY },
        forceNew: true,
        reconnectionDelay: 100,
        reconnectionDelayMax: 500,
      });
      const subscribe = (): void => {
        socket.timeout(2_000).emit('run:subscribe', { runId }, (error, answer) => {
          if (socket.connected && (error || 'error' in answer)) setTimeout(subscribe, 200);
          else if (!error && !('error' in answer)) seen.push(answer);
        });
      };
      socket.on('connect', subscribe);
      socket.on('connect_error', () => {
        // The server itself said no, as while its database is away: socket.io does not try again then.
        if (!socket.active) setTimeout(() => closed || socket.connect(), 500);
      });
      socket.on('run:progress', (snapshot) => seen.push(snapshot));
      socket.on('run:finished', (snapshot) => seen.push(snapshot));
      return { socket, seen };
    });
  return {
    async expectEnd(total, timeoutMs) {
      for (const { seen } of watchers) {
        await waitFor(
          () => (seen.at(-1)?.state === 'completed' ? true : undefined),
          () => `the last that a client saw is ${JSON.stringify(seen.at(-1))}`,
          timeoutMs,
        );
        assert.equal(seen.at(-1)?.done, total);
        const versions = seen.map(({ version }) => version);
        assert.deepEqual(
          versions,
          versions.toSorted((a, b) => a - b),
          'a client saw an older version after a newer one',
        );
      }
    },
    close() {
      closed = true;
      for (const { socket } of watchers) socket.disconnect();
    },
  };
}
