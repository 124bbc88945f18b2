import { hostname, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { every, type Logger } from '#libs/config';
import type { Alerts } from './alerts.ts';
import type { Refusal } from './connections.ts';

const LOOK_EVERY_MS = 1_000;
const MEGABYTE = 1024 * 1024;
/** Of what the process may have: beyond, it is in danger. */
const SHARE = 0.8;
/** It has recovered when it is below this share of the limit; between the two nothing changes. */
const RECOVERED = 0.95;

/** Refuses sockets before the process runs out of memory. */
export interface MemoryWatch {
  /** Why no more sockets may come; undefined: they may. */
  busy(): Refusal | undefined;
  gauges(): { limitBytes: number; busy: boolean };
  stop(): Promise<void>;
}

/**
 * Looks at the resident memory of the process once a second. Over the limit one line is logged, one
 * alert is sent, and `busy` gives a reason, until it has come down again.
 * @param options.limitMb undefined: four fifths of what the container, or else the machine, has, or of
 * what the heap may grow to, if that is less
 * @param options.load what the process holds, for the log and the alert
 */
export function createMemoryWatch(options: {
  limitMb: number | undefined;
  logger: Logger;
  alerts: Alerts;
  load: () => Record<string, number>;
  residentBytes?: () => number;
}): MemoryWatch {
  const { logger, alerts, residentBytes = () => process.memoryUsage.rss() } = options;
  const limitBytes = options.limitMb === undefined ? roomOfProcess() : options.limitMb * MEGABYTE;
  let busy = false;

  const tell = (event: string, rss: number): Record<string, string | number> => ({
    replica: `${hostname()}:${process.pid}`,
    message:
      event === 'memory_high'
        ? 'This replica runs short of memory and refuses new sockets; give it more memory, or run more replicas.'
        : 'This replica has memory again and takes new sockets.',
    rssBytes: rss,
    heapUsedBytes: process.memoryUsage().heapUsed,
    limitBytes,
    ...options.load(),
  });

  const look = async (): Promise<void> => {
    const rss = residentBytes();
    if (!busy && rss > limitBytes) {
      busy = true;
      const details = tell('memory_high', rss);
      logger.error(details, 'memory is short: new sockets are refused');
      alerts.alert('memory_high', details);
    } else if (busy && rss < limitBytes * RECOVERED) {
      busy = false;
      const details = tell('memory_recovered', rss);
      logger.warn(details, 'memory is back: new sockets are taken');
      alerts.alert('memory_recovered', details);
    }
  };
  const looking = every(LOOK_EVERY_MS, look, (error) =>
    logger.error({ err: error }, 'memory could not be looked at'),
  );

  return {
    busy: () =>
      busy
        ? {
            code: 'replica_busy',
            message: 'This replica runs short of memory; try again, a proxy may lead to another.',
          }
        : undefined,
    gauges: () => ({ limitBytes, busy }),
    stop: () => looking.stop(),
  };
}

function roomOfProcess(): number {
  const constrained = process.constrainedMemory();
  const machine = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(machine, getHeapStatistics().heap_size_limit) * SHARE;
}
