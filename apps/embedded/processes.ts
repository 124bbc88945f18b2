import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** One process, told apart from a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

const pollMs = 25;

/** The identity of a living process; undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Waits until the process is gone; false when it is still there after `deadlineMs`. */
export async function waitUntilGone(
  identity: ProcessIdentity,
  deadlineMs: number,
): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (isAlive(identity)) {
    if (performance.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/**
 * Sends the signals one after the other, each with its time to take effect, until the process is
 * gone. A process that is already gone, or that belongs to someone else, is left alone.
 */
export async function endProcess(
  identity: ProcessIdentity,
  steps: { signal: NodeJS.Signals; waitMs: number }[],
): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isAlive(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch {
      return !isAlive(identity);
    }
    if (await waitUntilGone(identity, waitMs)) return true;
  }
  return !isAlive(identity);
}

/** The process that started `pid`, as far as the system tells. */
export function parentOf(pid: number): number | undefined {
  const text =
    process.platform === 'linux'
      ? procStat(pid)?.[1]
      : output('ps', ['-o', 'ppid=', '-p', String(pid)]);
  const parent = Number(text);
  return Number.isSafeInteger(parent) && parent > 0 ? parent : undefined;
}

/** The command line of a process; empty where there is none to see. */
export function commandOf(pid: number): string {
  return output('ps', ['-o', 'command=', '-p', String(pid)]) ?? '';
}

/** What follows the name in /proc/<pid>/stat: state, parent, … (the name itself may hold spaces). */
function procStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

let bootId: string | undefined;

function startFromProc(pid: number): string | undefined {
  const fields = procStat(pid);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  // Start times count from the boot: without its id, they would repeat after the next one.
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${bootId}/${fields[19]}`;
}

function startFromPs(pid: number): string | undefined {
  const line = output('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  if (line === undefined || line === '' || line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '');
}

function output(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
