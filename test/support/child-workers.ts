import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

/** A worker process of its own, as an operator runs it. */
export interface ChildWorker {
  /** Resolves with how it ended: its exit code, or the signal that killed it. */
  exited: Promise<number | string>;
  /** Sends the signal and resolves when the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string>;
}

const mainScript = fileURLToPath(new URL('../../apps/worker/main.ts', import.meta.url));
/** Kills itself when it is to score the item whose input is the variable POISON. */
export const poisonedScript = fileURLToPath(new URL('./poisoned-worker.ts', import.meta.url));

/** Starts a worker of this world and resolves when it is ready. */
export async function startChildWorker(
  world: World,
  environment: Record<string, string> = {},
  script = mainScript,
): Promise<ChildWorker> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [script], {
    env: {
      PATH,
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      ...world.environment,
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  // Where it ends before that, the test sees it by `exited`.
  await Promise.race([once(child, 'message'), exited]);
  return {
    exited,
    kill: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}
