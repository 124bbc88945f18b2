import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * How to run PostgreSQL's programs, which refuse to run as root.
 *
 * An ordinary user runs them directly. Root has, in this order:
 * - a user namespace in which it has another number: files stay root's, closed folders stay open;
 * - another user (the data folder's owner, or nobody) that keeps the one capability which opens the
 *   folders above, such as root's home;
 * - that user without it, which does where every folder above may be entered.
 * Each is tried for real; a data folder that exists keeps the way in which it was made.
 */
export interface Identity {
  kind: 'direct' | 'namespace' | 'capable-user' | 'user';
  /** Who must own the data folder and what PostgreSQL reads; undefined: who owns it anyway. */
  owner: { uid: number; gid: number } | undefined;
  spawn(program: string, args: string[], stdio: StdioOptions): ChildProcess;
}

const nobody = { uid: 65534, gid: 65534 };

/**
 * Chooses the way for a data folder, which exists and may be empty, and gives it to the chosen user.
 * @throws when there is no way, with the remedy.
 */
export async function chooseIdentity(dataFolder: string, postgres: string): Promise<Identity> {
  if (process.getuid?.() !== 0) {
    const identity = withPrefix('direct', [], undefined);
    await probe(identity, dataFolder, postgres);
    return identity;
  }
  const { uid, gid } = await stat(dataFolder);
  const user = uid === 0 ? nobody : { uid, gid };
  const candidates = [capableUser(user), plainUser(user)];
  if (uid === 0) {
    candidates.unshift(
      withPrefix('namespace', ['unshare', '--user', '--map-user=1000', '--map-group=1000']),
    );
  }
  let problem = '';
  for (const identity of candidates) {
    try {
      if (identity.owner && identity.owner.uid !== uid) await giveTo(dataFolder, identity.owner);
      await probe(identity, dataFolder, postgres);
      return identity;
    } catch (error) {
      problem ||= error instanceof Error ? error.message : String(error);
    }
  }
  if (uid === 0) await giveTo(dataFolder, { uid: 0, gid });
  throw new Error(
    `PostgreSQL refuses to run as root, and no other user can use ${dataFolder} here (${problem}). Start LLM-Eval as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

function capableUser(user: { uid: number; gid: number }): Identity {
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  // Without this, access(2) ignores the capability, and PostgreSQL finds its own programs by that.
  const forAccess = '--securebits=+no_setuid_fixup';
  return withPrefix('capable-user', ['setpriv', ...ids, ...capability, forAccess], user);
}

function plainUser(user: { uid: number; gid: number }): Identity {
  return { ...withPrefix('user', [], user), spawn: (...call) => start(...call, user) };
}

/** The prefixed program replaces itself by PostgreSQL's, so pid and signals are PostgreSQL's own. */
function withPrefix(
  kind: Identity['kind'],
  prefix: string[],
  owner?: { uid: number; gid: number },
): Identity {
  return {
    kind,
    owner,
    spawn: (program, args, stdio) => {
      const [command = program, ...rest] = [...prefix, program, ...args];
      return start(command, rest, stdio);
    },
  };
}

function start(
  command: string,
  args: string[],
  stdio: StdioOptions,
  user: { uid?: number; gid?: number } = {},
): ChildProcess {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  const library = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH };
  // Nothing else is handed on: PG* variables would change what PostgreSQL does.
  return spawn(command, args, { ...user, stdio, cwd: '/', env: { PATH, ...library, LC_ALL: 'C' } });
}

/** Runs the program and writes to the folder as that identity would. */
async function probe(identity: Identity, dataFolder: string, postgres: string): Promise<void> {
  const script = '"$2" --version && { test -w "$1" || { echo "it cannot write" >&2; exit 1; }; }';
  const child = identity.spawn(
    '/bin/sh',
    ['-c', script, 'sh', dataFolder, postgres],
    ['ignore', 'ignore', 'pipe'],
  );
  const problem = await failureOf(child);
  if (problem !== undefined) throw new Error(problem);
}

/** Waits for the program's end; what it wrote to standard error when it failed. */
export async function failureOf(child: ChildProcess): Promise<string | undefined> {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      resolve(code === 0 ? undefined : text.trim() || `ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** Hands a file or a whole folder to a user. */
export async function giveTo(path: string, owner: { uid: number; gid: number }): Promise<void> {
  await run('chown', ['-R', `${owner.uid}:${owner.gid}`, path]);
}
