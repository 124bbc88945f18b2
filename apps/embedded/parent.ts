import { readFileSync } from 'node:fs';
import { identify, isAlive, parentOf } from './processes.ts';

const intervalMs = 500;

/**
 * The npm that runs this script, if one does. npm runs scripts through a shell, which may have
 * replaced itself by this process or stand between the two.
 */
export function npmPid(): number | undefined {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  return isShell(process.ppid) ? parentOf(process.ppid) : process.ppid;
}

/** Calls back once the process is gone; a killed npm tells nobody. */
export function onceGone(pid: number, callback: () => void): void {
  const identity = identify(pid);
  const timer = setInterval(() => {
    if (identity !== undefined && isAlive(identity)) return;
    clearInterval(timer);
    callback();
  }, intervalMs);
  timer.unref();
}

function isShell(pid: number): boolean {
  try {
    return /^(sh|dash|bash|ash|zsh)$/.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}
