import { SandboxError } from '#libs/evaluation';
import { fork, type ChildProcess } from 'node:child_process';
import { OUT_OF_MEMORY, type Answer, type Reply, type Request, type Task } from './messages.ts';

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

/** For starting a process and loading a parser, which no call is charged for. */
const LOADING_MS = 20_000;

/**
 * One process that works on one call after the other. A call that takes too long, or that breaks the
 * process, ends with it; those behind it go on in a new one, with all of their time.
 */
export class SandboxProcess {
  readonly #waiting: Call[] = [];
  #child: ChildProcess | undefined;
  /** What the process has loaded already. */
  readonly #loaded = new Set<Task['kind']>();
  #running: Running | undefined;
  #lastId = 0;
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  /**
   * @param limitMs from the moment in which the process takes it up
   * @throws {SandboxError} `timeout`, or what the process died of
   */
  async run(task: Task, limitMs: number): Promise<Answer> {
    if (this.#closed) throw closedError();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, limitMs, resolve, reject });
      this.#next();
    });
  }

  /** Ends the process; calls that run or wait are rejected. */
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
    const child = (this.#child ??= this.#start());
    const id = (this.#lastId += 1);
    const loadingMs = this.#loaded.has(call.task.kind) ? 0 : LOADING_MS;
    this.#running = { id, call, deadline: this.#deadline(call.limitMs + loadingMs) };
    const request: Request = { id, task: call.task };
    child.send(request);
  }

  #deadline(ms: number): NodeJS.Timeout {
    const deadline = setTimeout(() => {
      // Where this process was busy, the answer may have been here for long: read it first.
      setImmediate(() => {
        if (this.#running?.deadline === deadline)
          this.#lose('timeout', 'it took longer than it may');
      });
    }, ms);
    return deadline;
  }

  #start(): ChildProcess {
    // No environment reaches it, it can write no file and start no process, and what a parser prints
    // reaches no log.
    const child = fork(new URL('./process.ts', import.meta.url), {
      env: {},
      execArgv: ['--permission', '--allow-fs-read=*', '--allow-worker'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.unref();
    child.channel?.unref();
    child.on('message', (reply: Reply) => {
      if (child === this.#child) this.#receive(reply);
    });
    const lost = (code: SandboxError['code'], message: string) => {
      if (child === this.#child) this.#lose(code, message);
    };
    child.on('error', () => lost('crashed', 'the sandbox could not be started'));
    child.on('exit', (code, signal) => {
      // V8 aborts where not even collecting garbage makes room.
      const isMemory = code === OUT_OF_MEMORY || signal === 'SIGABRT' || signal === 'SIGTRAP';
      if (isMemory) lost('memory', 'it needs more memory than it may have');
      else lost('crashed', 'the work broke off');
    });
    return child;
  }

  #receive({ id, answer, spent }: Reply): void {
    if (this.#running?.id !== id) return;
    if (answer.kind === 'loaded') {
      const { call, deadline } = this.#running;
      clearTimeout(deadline);
      this.#loaded.add(call.task.kind);
      this.#running = { id, call, deadline: this.#deadline(call.limitMs) };
      return;
    }
    const call = this.#take();
    if (spent) this.#retire();
    this.#next();
    call?.resolve(answer);
  }

  /** The process is gone, or is to go: whoever it worked for is to blame, and nobody else. */
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
    const child = this.#child;
    this.#child = undefined;
    this.#loaded.clear();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
    // Now there is something to wait for.
    child.ref();
    child.kill('SIGKILL');
  }
}

const closedError = () => new SandboxError('crashed', 'the sandbox is closed');
