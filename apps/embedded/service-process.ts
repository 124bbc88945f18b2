import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { z } from 'zod';
import { followErrors, lastWords } from './error-lines.ts';
import { fileSize } from './log-files.ts';
import { complain } from './terminal.ts';

export interface ServiceOptions {
  name: string;
  /** The program; it says `{ type: 'ready', … }` or `{ type: 'failed', message }` over IPC. */
  entry: string;
  logFile: string;
  /** Read at every start of the process. */
  environment: () => NodeJS.ProcessEnv;
  /** Told whenever a process of the service starts or ends. */
  onChange: () => void;
}

const readySchema = z.object({ type: z.literal('ready'), port: z.number().optional() });
const failedSchema = z.object({ type: z.literal('failed'), message: z.string() });
export type Ready = z.infer<typeof readySchema>;

const firstStartLimitMs = 60_000;
const shortestPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * One service of the embedded mode, kept running: idle → starting → running ⇄ pausing → stopped.
 * A process that ends after the service was ready once is started again, after a pause that doubles
 * with every end until a process has run for longer than the longest pause.
 */
export class ServiceProcess {
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopped = false;
  #pause = shortestPauseMs;
  #pauseTimer: NodeJS.Timeout | undefined;
  #unfollow: () => void = () => {};

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the service for the first time.
   * @throws when its process ends, fails or is stopped before it is ready.
   */
  async start(): Promise<Ready> {
    const { name, logFile } = this.#options;
    const logStart = fileSize(logFile);
    let limit: NodeJS.Timeout | undefined;
    try {
      const ready = await new Promise<Ready>((resolve, reject) => {
        limit = setTimeout(() => {
          reject(new Error(`The ${name} was not ready within ${firstStartLimitMs / 1000} s.`));
        }, firstStartLimitMs);
        this.#spawn({
          onReady: resolve,
          onFailed: (message) => reject(new Error(message)),
          onExit: (how) => {
            const words = lastWords(logFile, logStart);
            const reason = words === undefined ? '' : `: ${words}`;
            reject(new Error(`The ${name} ended with ${how} before it was ready${reason}`));
          },
        });
      });
      // Not earlier: what a failing start logs is also what it throws.
      this.#follow(logStart);
      return ready;
    } finally {
      clearTimeout(limit);
    }
  }

  /** Stops the process in order, by force once the deadline has passed, and for good. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#pauseTimer);
    this.#child?.kill('SIGTERM');
    const force = setTimeout(() => this.kill(), deadlineMs);
    await this.#exited;
    clearTimeout(force);
    this.#unfollow();
  }

  /** Ends the process now; unless the service is being stopped, another one will take its place. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #spawn(first?: {
    onReady(ready: Ready): void;
    onFailed(message: string): void;
    onExit(how: string): void;
  }): void {
    const { entry, logFile, environment, onChange } = this.#options;
    const log = openSync(logFile, 'a', 0o600);
    const env = environment();
    // Into the file, not through this process, so that nothing is lost should this one be killed.
    const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    this.#child = child;
    const startedAt = performance.now();
    let wasReady = false;

    child.on('message', (message: unknown) => {
      const ready = readySchema.safeParse(message).data;
      if (ready) {
        wasReady = true;
        first?.onReady(ready);
      }
      const failed = failedSchema.safeParse(message).data;
      if (failed) first?.onFailed(failed.message);
    });
    const { promise, resolve: exited } = Promise.withResolvers<void>();
    this.#exited = promise;
    const onEnd = (how: string): void => {
      this.#child = undefined;
      first?.onExit(how);
      if (!this.#stopped && (wasReady || !first)) this.#again(how, performance.now() - startedAt);
      exited();
      onChange();
    };
    child.on('error', (error) => {
      if (child.pid === undefined) onEnd(error.message);
    });
    child.on('exit', (code, signal) => onEnd(signal ?? `code ${code}`));
    onChange();
  }

  #follow(from: number): void {
    const { name, logFile } = this.#options;
    this.#unfollow = followErrors(logFile, from, (text, more) => {
      const others = more === 0 ? '' : ` (and ${more} more)`;
      complain(`[${name}] ${text}${others} – see ${logFile}`);
    });
  }

  #again(how: string, ranMs: number): void {
    const { name, logFile } = this.#options;
    if (ranMs > longestPauseMs) this.#pause = shortestPauseMs;
    const seconds = this.#pause / 1000;
    complain(`[${name}] ended with ${how}; starts again in ${seconds} s – see ${logFile}`);
    this.#pauseTimer = setTimeout(() => this.#spawn(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPauseMs);
  }
}
