import { once } from 'node:events';
import { createServer } from 'node:http';
import { registerCallMetrics, type Calls } from '#libs/calls';
import { registerPoolMetrics } from '#libs/database';
import type { RunContext } from '#libs/runs';
import { collectDefaultMetrics, Registry } from 'prom-client';

const PATIENCE_MS = 2_000;

/** A worker answers nobody's calls; this is for those who watch over it. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/health/live`, `/health/ready` (database and queue answer; otherwise 503) and `/metrics`.
 * @param port 0: any free one
 */
export async function serveHealth(
  context: RunContext,
  calls: Calls,
  host: string,
  port: number,
): Promise<HealthServer> {
  const { database, queues } = context;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerPoolMetrics(registry, database);
  registerCallMetrics(registry, calls);

  const answer = async (path: string): Promise<{ status: number; type: string; body: string }> => {
    if (path === '/metrics') {
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    }
    const type = 'application/json';
    if (path === '/health/live') return { status: 200, type, body: '{"status":"live"}' };
    if (path !== '/health/ready') return { status: 404, type, body: '{"status":"not found"}' };
    const late = AbortSignal.timeout(PATIENCE_MS);
    const ready = await Promise.race([
      Promise.all([database.ping(), queues.ping()]).then(
        () => true,
        () => false,
      ),
      once(late, 'abort').then(() => false),
    ]);
    const body = JSON.stringify({ status: ready ? 'ready' : 'unavailable' });
    return { status: ready ? 200 : 503, type, body };
  };

  const server = createServer((request, response) => {
    answer((request.url ?? '').split('?', 1).join('')).then(
      ({ status, type, body }) => response.writeHead(status, { 'Content-Type': type }).end(body),
      (error: unknown) => {
        context.logger.warn({ err: error }, 'health could not be told');
        response.writeHead(500).end();
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
