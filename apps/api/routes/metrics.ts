import { registerPoolMetrics, type Database } from '#libs/database';
import express, { type Router } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

/** What the API measures of itself, for Prometheus. */
export interface ApiMetrics {
  /** Serves `/metrics`. No key is needed: there is nothing in it but numbers. */
  router: Router;
  observe: (operation: string, status: number, seconds: number) => void;
}

export function createApiMetrics(deps: {
  registry: Registry;
  database: Database;
  socketCount?: () => number;
}): ApiMetrics {
  const { registry, database, socketCount = () => 0 } = deps;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  registerPoolMetrics(registry, database);
  void new Gauge({
    name: 'llm_eval_sockets',
    help: 'Open Socket.IO connections of this process',
    registers,
    collect() {
      this.set(socketCount());
    },
  });
  const requests = new Histogram({
    name: 'llm_eval_http_request_seconds',
    help: 'Time to answer, by operation and status',
    labelNames: ['operation', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });

  const router = express.Router();
  router.get('/metrics', async (_request, response) => {
    response.set('Content-Type', registry.contentType).send(await registry.metrics());
  });
  return {
    router,
    observe: (operation, status, seconds) => requests.observe({ operation, status }, seconds),
  };
}
