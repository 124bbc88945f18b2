import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { chooseIdentity, failureOf, giveTo, type Identity } from './identity.ts';

export const user = 'llm_eval';
export const database = 'llm_eval';

/**
 * Opens PostgreSQL's data folder, making it on first use: complete or not at all, since it is
 * prepared beside its place and then moved there. The password lives inside, so the two cannot part.
 * @throws when the folder cannot be used, with the reason.
 */
export async function openDataFolder(
  folder: string,
  binaries: Binaries,
  durable: boolean,
): Promise<{ identity: Identity; password: string }> {
  if (existsSync(folder)) expectReadable(folder);
  if (!existsSync(join(folder, 'PG_VERSION'))) return createDataFolder(folder, binaries, durable);
  const identity = await chooseIdentity(folder, binaries.postgres);
  return { identity, password: readFileSync(passwordFile(folder), 'utf8').trim() };
}

async function createDataFolder(
  folder: string,
  binaries: Binaries,
  durable: boolean,
): Promise<{ identity: Identity; password: string }> {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(
      `${folder} holds something that is not a PostgreSQL data folder: move it away, or set LLM_EVAL_HOME to another folder.`,
    );
  }
  // In a folder of its own, since initdb wants an empty one beside the password.
  const workshop = join(dirname(folder), `${basename(folder)}.new`);
  await rm(workshop, { recursive: true, force: true });
  mkdirSync(workshop, { recursive: true, mode: 0o700 });
  const identity = await chooseIdentity(workshop, binaries.postgres);

  const password = randomBytes(24).toString('base64url');
  const given = passwordFile(workshop);
  await writeFile(given, `${password}\n`, { mode: 0o600 });
  if (identity.owner) await giveTo(given, identity.owner);

  const data = join(workshop, 'data');
  const initdb = identity.spawn(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${given}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order of texts on every machine.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-sync',
    ],
    ['ignore', 'ignore', 'pipe'],
  );
  await expectSuccess(initdb, 'PostgreSQL could not make its data folder');

  const single = ['--single', '-D', data, '-c', 'fsync=off', '-c', 'log_min_messages=error'];
  const creation = identity.spawn(
    binaries.postgres,
    [...single, 'postgres'],
    ['pipe', 'ignore', 'pipe'],
  );
  creation.stdin?.on('error', () => {}); // The exit tells what went wrong.
  creation.stdin?.end(`CREATE DATABASE ${database}\n`);
  await expectSuccess(creation, 'PostgreSQL could not make its database');

  await rename(given, passwordFile(data));
  if (durable) {
    const sync = ['--sync-only', `--pgdata=${data}`];
    const syncing = identity.spawn(binaries.initdb, sync, ['ignore', 'ignore', 'pipe']);
    await expectSuccess(syncing, 'PostgreSQL could not write its data folder');
  }
  await rename(data, folder);
  await rm(workshop, { recursive: true, force: true });
  return { identity, password };
}

function expectReadable(folder: string): void {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch {
    throw new Error(
      `${folder} belongs to another user: start LLM-Eval as that user, or set LLM_EVAL_HOME to a folder of your own.`,
    );
  }
}

async function expectSuccess(child: ChildProcess, what: string): Promise<void> {
  const problem = await failureOf(child);
  if (problem !== undefined) throw new Error(`${what}: ${problem}`);
}

function passwordFile(folder: string): string {
  return join(folder, 'llm-eval.password');
}
