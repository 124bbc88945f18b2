import { flushCompileCache } from 'node:module';
import { ConfigurationError, loadConfig, type Config } from './config.ts';
import { createLogger, type Logger } from './logger.ts';
import { keepHeapSmall } from './memory.ts';

/** A started process: what to tell its parent, and how to stop it in order. */
export interface Service {
  /**
   * Sent to the parent process as `{ type: 'ready', ...ready }`, where there is one. A service that
   * listens says on which `port`.
   */
  ready: Record<string, string | number>;
  /** Called once. What is not done when the deadline passes is left to other processes. */
  stop(): Promise<void>;
}

/**
 * The whole life of a service process: reads the configuration, starts, says that it is ready, and
 * stops in order on SIGINT, SIGTERM, SIGHUP, or when the parent that started it with an IPC channel
 * is gone. Exits 0 after an ordered stop and 1 when it could not start (the parent is sent
 * `{ type: 'failed', message }`), could not stop in time, or hit an error that nobody owned.
 */
export function runService(
  name: string,
  start: (config: Config, logger: Logger) => Promise<Service>,
): void {
  keepHeapSmall();
  let config: Config;
  try {
    config = loadConfig();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    tellParent({ type: 'failed', message }, () => process.exit(1));
    return;
  }
  const logger = createLogger(name, config.logLevel);
  const started = start(config, logger);
  let stopping = false;

  const stop = (why: string, exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    setTimeout(() => {
      logger.error({ deadlineMs: config.shutdownDeadlineMs }, 'not stopped in time');
      process.exit(1);
    }, config.shutdownDeadlineMs + 2_000);
    started
      .then((service) => service.stop())
      .then(
        () => process.exit(exitCode),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal, 0));
  if (process.send) process.on('disconnect', () => stop('parent is gone', 0));
  const fatal = (error: unknown): void => {
    logger.fatal({ err: error }, 'an error that nobody owned');
    stop('fatal error', 1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);

  started.then(
    (service) => {
      // Where NODE_COMPILE_CACHE is set, the next process starts faster, even if this one is killed.
      flushCompileCache();
      logger.info(service.ready, 'ready');
      tellParent({ type: 'ready', ...service.ready });
    },
    (error: unknown) => {
      if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
      else logger.fatal({ err: error }, 'could not start');
      const message = error instanceof Error ? error.message : String(error);
      tellParent({ type: 'failed', message }, () => process.exit(1));
    },
  );
}

/** Calls `sent` in any case: a parent that is gone, or that never was, is no reason to hang. */
function tellParent(message: Record<string, string | number>, sent: () => void = () => {}): void {
  if (process.send && process.connected) process.send(message, sent);
  else sent();
}
