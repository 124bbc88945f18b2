import { SandboxError } from '#libs/evaluation';
import { Worker } from 'node:worker_threads';
import type { Answer, Reply, Request, Task } from './messages.ts';

interface Call {
  task: Task;
  limitMs: number;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Running {
  id: number;
  call: Call;
  deadline: NodeJS.Timeout;
}

/** For starting a thread and loading a parser, which no call is charged for. */
const LOADING_MS = 20_000;

/**
 * One thread that works on one call after the other. A call that takes too long, or that breaks the
 * thread, ends with it; those behind it go on in a new one, with all of their time.
 */
export class SandboxThread {
  readonly #waiting: Call[] = [];
  #worker: Worker | undefined;
  /** What the thread has loaded already. */
  readonly #loaded = new Set<Task['kind']>();
  #running: Running | undefined;
  #lastId = 0;
  #ending = new Set<Promise<unknown>>();
  #closed = false;

  /**
   * @param limitMs from the moment in which the thread takes it up
   * @throws {SandboxError} `timeout`, or what the thread died of
   */
  async run(task: Task, limitMs: number): Promise<Answer> {
    if (this.#closed) throw closedError();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, limitMs, resolve, reject });
      this.#next();
    });
  }

  /** Ends the thread; calls that run or wait are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#take()?.reject(closedError());
    for (const call of this.#waiting.splice(0)) call.reject(closedError());
    this.#retire();
    await Promise.all(this.#ending);
  }

  #next(): void {
    if (this.#running || this.#closed) return;
    const call = this.#waiting.shift();
    if (!call) return;
    const worker = (this.#worker ??= this.#start());
    const id = (this.#lastId += 1);
    const loadingMs = this.#loaded.has(call.task.kind) ? 0 : LOADING_MS;
    const deadline = setTimeout(() => {
      // Where this process was busy, the answer may have been here for long: read it first.
      setImmediate(() => {
        if (this.#running?.id === id) this.#lose('timeout', 'it took longer than it may');
      });
    }, call.limitMs + loadingMs);
    this.#running = { id, call, deadline };
    const request: Request = { id, task: call.task };
    worker.postMessage(request, []);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      // Nothing of the process reaches the thread, and nothing that a parser prints reaches the log.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reply: Reply) => {
      if (worker === this.#worker) this.#receive(reply);
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (worker !== this.#worker) return;
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        this.#lose('memory', 'it needs more memory than it may have');
      } else this.#lose('crashed', 'the work broke off');
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#lose('crashed', 'the work broke off');
    });
    return worker;
  }

  #receive({ id, answer, spent }: Reply): void {
    if (this.#running?.id !== id) return;
    this.#loaded.add(this.#running.call.task.kind);
    const call = this.#take();
    if (spent) this.#retire();
    this.#next();
    call?.resolve(answer);
  }

  /** The thread is gone, or is to go: whoever it worked for is to blame, and nobody else. */
  #lose(code: SandboxError['code'], message: string): void {
    const call = this.#take();
    this.#retire();
    this.#next();
    call?.reject(new SandboxError(code, message));
  }

  #take(): Call | undefined {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.deadline);
    return running?.call;
  }

  #retire(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#loaded.clear();
    if (!worker) return;
    const ended = worker.terminate().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

const closedError = () => new SandboxError('crashed', 'the sandbox is closed');
