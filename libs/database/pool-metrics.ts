import { Gauge, type Registry } from 'prom-client';
import type { Database } from './database.ts';

/** Registers the gauges of a process's pool, for Prometheus: total, idle, and callers that wait. */
export function registerPoolMetrics(registry: Registry, database: Database): void {
  void new Gauge({
    name: 'llm_eval_database_connections',
    help: 'PostgreSQL connections of this process, and callers that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(database.gauges())) this.set({ state }, count);
    },
  });
}
