import { Counter, Gauge, type Registry } from 'prom-client';
import type { Calls } from './calls.ts';

/** Registers what a process's calls elsewhere are at, for Prometheus. */
export function registerCallMetrics(registry: Registry, calls: Pick<Calls, 'gauges'>): void {
  const registers = [registry];
  void new Gauge({
    name: 'llm_eval_calls',
    help: 'Calls elsewhere of this process: in flight, and waiting for limits',
    labelNames: ['state'],
    registers,
    collect() {
      const { inFlight, waiting } = calls.gauges();
      this.set({ state: 'in_flight' }, inFlight);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  void new Counter({
    name: 'llm_eval_calls_refused_total',
    help: 'Calls elsewhere of this process that the other side refused as too many',
    registers,
    collect() {
      this.reset();
      this.inc(calls.gauges().refused);
    },
  });
}
