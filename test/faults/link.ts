import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * The way from one process to one service, which a test can cut, slow down or freeze.
 *
 * - `open`: passes everything on.
 * - `cut`: connections are broken, new ones refused.
 * - `slow`: every piece takes so many milliseconds more, in either direction.
 * - `frozen`: connections stay and new ones are taken, but nothing passes: neither side learns of it.
 */
export type LinkMode = { kind: 'open' | 'cut' | 'frozen' } | { kind: 'slow'; milliseconds: number };

export interface Link {
  port: number;
  set(mode: LinkMode): void;
  close(): Promise<void>;
}

/** @param upstream where the service is now; it may move when it is started again */
export async function openLink(upstream: () => { host: string; port: number }): Promise<Link> {
  let mode: LinkMode = { kind: 'open' };
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];

  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (data) => {
      const send = (): void => {
        if (!to.destroyed) to.write(data);
      };
      if (mode.kind === 'frozen') held.push(send);
      else if (mode.kind === 'slow') setTimeout(send, mode.milliseconds);
      else send();
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };

  const server = createServer((client) => {
    client.on('error', () => {});
    if (mode.kind === 'cut') {
      client.destroy();
      return;
    }
    client.setNoDelay(true);
    const service = connect(upstream());
    service.setNoDelay(true);
    sockets.add(client).add(service);
    pass(client, service);
    pass(service, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The link has no port.');

  const cut = (): void => {
    held.length = 0;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: address.port,
    set(next) {
      mode = next;
      if (next.kind === 'cut') cut();
      if (next.kind === 'open') for (const send of held.splice(0)) send();
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
