import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { ConfigurationError } from '#libs/config';
import { property } from './problem.ts';

const HOUR_MS = 3_600_000;

/** A listening server. */
export interface HttpServer {
  server: Server;
  url: string;
  port: number;
  /** Takes no more requests, lets those under way finish, and cuts what is left at the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * @param address.headersTimeoutMs a connection that has not sent the whole head of a request by then is
 * ended, also one that was to become a websocket
 * @throws {ConfigurationError} where the address cannot be had
 */
export async function listen(
  handler: RequestListener,
  address: { port: number; host: string; headersTimeoutMs?: number },
): Promise<HttpServer> {
  const { port, host, headersTimeoutMs = 30_000 } = address;
  const server = createServer(
    {
      // An upload of gigabytes may take long. A stalled one is noticed where it is read.
      requestTimeout: 12 * HOUR_MS,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
      keepAliveTimeout: 65_000,
    },
    handler,
  );
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ConfigurationError(explain(error, port, host));
  }
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    server,
    url: `http://${urlHost(host)}:${boundPort}`,
    port: boundPort,

    close: (deadlineMs) =>
      new Promise((resolve, reject) => {
        // Connections that are kept alive end as they fall idle.
        const sweep = setInterval(() => server.closeIdleConnections(), 50);
        const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
        server.close((error) => {
          clearInterval(sweep);
          clearTimeout(deadline);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}

function explain(error: unknown, port: number, host: string): string {
  const code = property(error, 'code');
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is taken: stop what listens there, or set PORT to another.`;
  }
  if (code === 'EACCES') return `Port ${port} needs more rights: set PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST ${host} is no address of this machine: set HOST to one that is, or to 0.0.0.0.`;
  }
  return `The API cannot listen at ${host}:${port}: ${code}.`;
}

/** What a browser on this machine can open. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
