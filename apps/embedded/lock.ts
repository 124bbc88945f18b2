import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { codeOf } from './errors.ts';
import { endProcess, identify, isAlive, waitUntilGone, type ProcessIdentity } from './processes.ts';

const identitySchema = z.object({ pid: z.number(), startedAt: z.string() });
const recordSchema = z.object({
  supervisor: identitySchema,
  /** npm, without which the supervisor is about to stop. */
  parent: identitySchema.optional(),
  stopping: z.boolean(),
  services: z.array(identitySchema),
  guardian: identitySchema.optional(),
});
type Record = z.infer<typeof recordSchema>;

/** The right to run on a data folder, held by one supervisor at a time. */
export interface Lock {
  /** Notes who runs, for the start that may have to clear up after a `kill -9`. Never throws. */
  note(change: { stopping?: true; services?: number[]; guardian?: number }): void;
  release(): void;
}

/** How long a start waits for a supervisor that is on its way out, and for what one left behind. */
const patienceMs = 20_000;

/**
 * Takes the lock. Waits for a supervisor that is stopping, and ends what a killed one left behind:
 * its services first, then its guardian and with it PostgreSQL.
 * @throws when a living supervisor holds it.
 */
export async function takeLock(file: string, parentPid?: number): Promise<Lock> {
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error('This process cannot be told from others.');
  const parent = parentPid === undefined ? undefined : identify(parentPid);
  const record: Record = { supervisor, ...(parent && { parent }), stopping: false, services: [] };
  const draft = `${file}.${process.pid}`;
  const write = (target: string) => writeFileSync(target, JSON.stringify(record), { mode: 0o600 });

  write(draft);
  try {
    while (!publish(draft, file)) {
      const holder = read(file);
      if (holder !== undefined && isAlive(holder.supervisor)) await expectEnd(holder, file);
      else removeStale(file, draft);
      if (holder !== undefined) await endLeftovers(holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }

  return {
    note: ({ stopping, services, guardian }) => {
      if (stopping) record.stopping = true;
      if (services) record.services = services.map(identify).filter((one) => one !== undefined);
      if (guardian !== undefined) record.guardian = identify(guardian);
      try {
        write(draft);
        renameSync(draft, file); // Whole or not at all.
      } catch {
        // A full disk, say. Everything works without the note but that clearing up.
      }
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Puts the finished file in its place unless there is one. */
function publish(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): Record | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined; // Gone, or not written by us.
  }
}

async function expectEnd(holder: Record, file: string): Promise<void> {
  const leaving = holder.stopping || (holder.parent !== undefined && !isAlive(holder.parent));
  if (leaving && (await waitUntilGone(holder.supervisor, patienceMs))) return;
  throw new Error(
    `LLM-Eval already runs on this data folder (process ${holder.supervisor.pid}, see ${file}): stop it first, or set LLM_EVAL_HOME and PORT for a second one.`,
  );
}

/** Two starts may find the same stale file: what is moved away must not be the other's new one. */
function removeStale(file: string, draft: string): void {
  const aside = `${draft}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return; // The other start was faster.
    throw error;
  }
  const moved = read(aside);
  if (moved !== undefined && isAlive(moved.supervisor)) publish(aside, file);
  rmSync(aside, { force: true });
}

async function endLeftovers({ services, guardian }: Record): Promise<void> {
  await Promise.all(services.map((service) => endLeftover(service)));
  if (guardian) await endLeftover(guardian);
}

async function endLeftover(identity: ProcessIdentity): Promise<void> {
  await endProcess(identity, [
    { signal: 'SIGTERM', waitMs: patienceMs },
    { signal: 'SIGKILL', waitMs: 2_000 },
  ]);
}
