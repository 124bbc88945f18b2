import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { lastWords } from './error-lines.ts';
import { fileSize } from './log-files.ts';

/**
 * Brings the tables up to date, by a process of its own.
 * @throws when that fails, with its last words, and when `stopping` ends it early.
 */
export async function migrate(
  entry: string,
  env: NodeJS.ProcessEnv,
  logFile: string,
  stopping: AbortSignal,
): Promise<void> {
  const logStart = fileSize(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [entry], {
    env,
    stdio: ['ignore', log, log],
    signal: stopping,
  });
  closeSync(log);
  const [code, signal] = await once(child, 'exit');
  if (code === 0) return;
  const words = lastWords(logFile, logStart) ?? `ended with ${signal ?? `code ${code}`}`;
  throw new Error(`The tables could not be brought up to date: ${words} – see ${logFile}`);
}
