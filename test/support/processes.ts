import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A process of the product, started as its user would, but for the IPC channel that says it is ready. */
export interface ProductProcess {
  child: ChildProcess;
  /** Of an API; undefined for a worker. */
  url: string | undefined;
  /** Asks it to stop in order, or kills it, and answers with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const messages = z.union([
  z.object({ type: z.literal('ready'), url: z.string().optional() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

/**
 * Starts an API or a worker process and waits until it is ready. It ends by itself when this process
 * does. The environment is what is given here, the PATH, and where Node keeps what it has compiled.
 * @param onLog gets what it logs; left out: that is shown
 * @param root where the product is; left out: here
 */
export async function startProcess(
  app: 'api' | 'worker',
  environment: Record<string, string>,
  onLog?: (text: string) => void,
  root = fileURLToPath(new URL('../..', import.meta.url)),
): Promise<ProductProcess> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = fork(join(root, `apps/${app}/main.ts`), {
    cwd: root,
    env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...environment },
    // Of the flags of this process none: jest's own would not do for the product.
    execArgv: [],
    stdio: ['ignore', 'ignore', onLog ? 'pipe' : 'inherit', 'ipc'],
  });
  if (onLog) child.stderr?.setEncoding('utf8').on('data', onLog);
  const exited = once(child, 'exit');
  const said = await Promise.race([
    once(child, 'message').then(([message]) => messages.parse(message)),
    exited.then(([code]) => ({ type: 'failed' as const, message: `exit code ${String(code)}` })),
  ]);
  if (said.type === 'failed') throw new Error(`The ${app} did not start: ${said.message}`);
  return {
    child,
    url: said.url,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await exited;
      }
      return child.exitCode;
    },
  };
}
