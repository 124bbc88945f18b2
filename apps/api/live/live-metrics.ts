import { Counter, Gauge, type Registry } from 'prom-client';
import type { LiveGauges } from './sockets.ts';

/** What is shown for what: one number for the replica, or one for each label. */
const gauges: Record<string, [help: string, read: (live: LiveGauges) => number]> = {
  llm_eval_sockets: ['Open sockets of this replica', (live) => live.sockets],
  llm_eval_socket_keys: ['Keys that have sockets', (live) => live.keys],
  llm_eval_socket_addresses: ['Addresses that have sockets', (live) => live.addresses],
  llm_eval_sockets_of_key_max: ['Sockets of the key that has the most', (live) => live.mostOfKey],
  llm_eval_sockets_of_address_max: [
    'Sockets of the address that has the most',
    (live) => live.mostOfAddress,
  ],
  llm_eval_socket_rooms: ['Rooms with at least one socket', (live) => live.rooms],
  llm_eval_socket_subscriptions: ['Subscriptions of all sockets', (live) => live.subscriptions],
  llm_eval_socket_subscriptions_max: [
    'Subscriptions of the socket that has the most',
    (live) => live.mostSubscriptions,
  ],
  llm_eval_socket_buffered_bytes: [
    'Bytes that wait in this process for all sockets to read them',
    (live) => live.bufferedBytes,
  ],
  llm_eval_socket_buffered_bytes_max: [
    'Bytes that wait for the socket that has the most',
    (live) => live.mostBufferedBytes,
  ],
  llm_eval_watched_runs: ['Runs that sockets watch', (live) => live.watchedRuns],
  llm_eval_watched_comparisons: [
    'Comparisons that sockets watch',
    (live) => live.watchedComparisons,
  ],
  llm_eval_watched_reviews: ['Review queues that sockets watch', (live) => live.watchedReviews],
  llm_eval_watched_projects: [
    'Projects whose list of runs sockets watch',
    (live) => live.watchedProjects,
  ],
  llm_eval_queue_watchers: ['Sockets that watch the queues', (live) => live.queueWatchers],
  llm_eval_memory_limit_bytes: [
    'Resident memory from which on sockets are refused',
    (live) => live.memoryLimitBytes,
  ],
  llm_eval_memory_busy: [
    '1 while sockets are refused for lack of memory, else 0',
    (live) => Number(live.memoryBusy),
  ],
};

const counters: Record<string, [help: string, read: (live: LiveGauges) => [string, number][]]> = {
  llm_eval_sockets_refused_total: [
    'Handshakes, subscriptions and messages that were refused, by the code of the refusal',
    (live) => live.refused,
  ],
  llm_eval_sockets_ended_total: [
    'Sockets that this replica ended, by the code that they were told',
    (live) => live.ended,
  ],
};

/** Registers what a replica holds for its sockets. Resident memory and heap are default metrics. */
export function registerLiveMetrics(registry: Registry, live: () => LiveGauges | undefined): void {
  const registers = [registry];
  for (const [name, [help, read]] of Object.entries(gauges)) {
    void new Gauge({
      name,
      help,
      registers,
      collect() {
        const now = live();
        this.set(now ? read(now) : 0);
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(counters)) {
    void new Counter({
      name,
      help,
      labelNames: ['code'],
      registers,
      collect() {
        this.reset();
        const now = live();
        for (const [code, count] of now ? read(now) : []) this.inc({ code }, count);
      },
    });
  }
  void new Counter({
    name: 'llm_eval_socket_messages_total',
    help: 'Messages that sockets have sent',
    registers,
    collect() {
      this.reset();
      this.inc(live()?.messages ?? 0);
    },
  });
}
