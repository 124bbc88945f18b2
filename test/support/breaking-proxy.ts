import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that breaks at a moment which the test chooses, and is closed until it is mended. */
export interface BreakingProxy {
  /** The server's URL with the proxy in its place. */
  url: string;
  /** How many connections have been refused since it broke. */
  refused(): number;
  mend(): void;
  close(): void;
}

/** Breaks before it passes on what `breaks` says yes to; it sees all that clients send, piece by piece. */
export async function breakingProxy(
  serverUrl: string,
  breaks: (sent: string) => boolean,
): Promise<BreakingProxy> {
  const url = new URL(serverUrl);
  const server = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let state: 'whole' | 'broken' | 'mended' = 'whole';
  let refused = 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const proxy = createServer((client) => {
    client.on('error', () => {});
    if (state === 'broken') {
      refused += 1;
      client.destroy();
      return;
    }
    const upstream = connect(server);
    upstream.on('error', () => {});
    sockets.add(client).add(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.pipe(client);
    client.on('data', (data) => {
      if (state === 'whole' && breaks(data.toString())) {
        state = 'broken';
        cut();
      } else {
        upstream.write(data);
      }
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    refused: () => refused,
    mend: () => {
      state = 'mended';
    },
    close: () => {
      proxy.close();
      cut();
    },
  };
}
