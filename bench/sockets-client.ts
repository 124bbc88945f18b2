import {
  runSnapshot,
  subscribeAnswer,
  type ClientEvents,
  type ServerEvents,
} from '#libs/contracts';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';

/** What the measurement asks of a process that holds sockets. */
export const order = z.discriminatedUnion('type', [
  /** One socket for each of these runs, which it watches; answered when all of them do. */
  z.object({
    type: z.literal('connect'),
    url: z.string(),
    key: z.string(),
    runIds: z.array(z.string()),
  }),
  /** What each socket has received. */
  z.object({ type: z.literal('report') }),
  /** All sockets go: every second one without a word. */
  z.object({ type: z.literal('leave') }),
]);
export type Order = z.infer<typeof order>;

/** What one socket received: versions of its run, each with when it came (ms since 1970). */
export const received = z.object({
  runId: z.string(),
  versions: z.array(z.number()),
  times: z.array(z.number()),
  finished: z.int(),
});
export type Received = z.infer<typeof received>;

const AT_ONCE = 50;
type LiveClient = Socket<ServerEvents, ClientEvents>;
let sockets: { socket: LiveClient; received: Received }[] = [];

async function open(url: string, key: string, runId: string): Promise<void> {
  const socket: LiveClient = io(url, {
    transports: ['websocket'],
    auth: { key },
    forceNew: true,
    reconnection: false,
  });
  const mine: Received = { runId, versions: [], times: [], finished: 0 };
  const note = (version: number): void => {
    mine.versions.push(version);
    mine.times.push(Date.now());
  };
  socket.on('run:progress', (snapshot) => note(runSnapshot.parse(snapshot).version));
  socket.on('run:finished', () => {
    mine.finished += 1;
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  const answer = subscribeAnswer.parse(
    await socket.timeout(60_000).emitWithAck('run:subscribe', { runId }),
  );
  if ('error' in answer) throw new Error(answer.error.message);
  note(answer.version);
  sockets.push({ socket, received: mine });
}

async function follow(asked: Order): Promise<unknown> {
  if (asked.type === 'connect') {
    const { url, key, runIds } = asked;
    for (let from = 0; from < runIds.length; from += AT_ONCE) {
      await Promise.all(runIds.slice(from, from + AT_ONCE).map((runId) => open(url, key, runId)));
    }
    return sockets.length;
  }
  if (asked.type === 'report') return sockets.map(({ received: mine }) => mine);
  const leaving = sockets;
  sockets = [];
  for (const [at, { socket }] of leaving.entries()) {
    if (at % 2 === 0) socket.disconnect();
    else socket.io.engine.transport.close();
  }
  return leaving.length;
}

if (process.send) {
  process.on('message', (message) => {
    follow(order.parse(message)).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
