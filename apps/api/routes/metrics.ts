import { registerPoolMetrics, type Database } from '#libs/database';
import express, { type Router } from 'express';
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import { registerLiveMetrics } from '../live/live-metrics.ts';
import type { LiveGauges } from '../live/sockets.ts';

/** What the API measures of itself, for Prometheus. */
export interface ApiMetrics {
  /** Serves `/metrics`. No key is needed: there is nothing in it but numbers. */
  router: Router;
  observe: (operation: string, status: number, seconds: number) => void;
}

export function createApiMetrics(deps: {
  registry: Registry;
  database: Database;
  live?: () => LiveGauges | undefined;
}): ApiMetrics {
  const { registry, database, live = () => undefined } = deps;
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  registerPoolMetrics(registry, database);
  registerLiveMetrics(registry, live);
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
