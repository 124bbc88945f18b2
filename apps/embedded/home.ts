import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from './errors.ts';

/**
 * The data folder of the embedded mode (LLM_EVAL_HOME, default .llm-eval):
 *
 *   admin-key      the generated admin key, readable by its owner only
 *   demo-seeded    there once the demo project was made
 *   logs/          api.log, worker.log, postgres.log; each with one older part, *.log.1
 *   postgres/      PostgreSQL's data: everything that was ever accepted. Back this one up.
 *   secret-key     the generated key that credentials of providers and secrets are encrypted with, and
 *                  during a rotation the older ones behind it; readable by its owner only. Back it
 *                  up apart from the data: without it they are lost.
 *   running.json   who runs on this folder just now (see lock.ts)
 */
export interface Home {
  folder: string;
  adminKey: string;
  demoSeeded: string;
  logs: string;
  postgres: string;
  running: string;
  secretKey: string;
}

/**
 * Makes sure that the data folder exists and can be written to.
 * @throws otherwise, with the remedy.
 */
export function openHome(folder: string): Home {
  const home: Home = {
    folder,
    adminKey: join(folder, 'admin-key'),
    demoSeeded: join(folder, 'demo-seeded'),
    logs: join(folder, 'logs'),
    postgres: join(folder, 'postgres'),
    running: join(folder, 'running.json'),
    secretKey: join(folder, 'secret-key'),
  };
  try {
    if (!existsSync(folder)) {
      makeFolder(folder);
      // May be passed through, for a PostgreSQL that runs as another user; what is in it is closed.
      chmodSync(folder, 0o711);
    }
    mkdirSync(home.logs, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    accessSync(home.logs, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `The data folder ${folder} cannot be used (${messageOf(error)}): set LLM_EVAL_HOME to a folder that you may write to.`,
      { cause: error },
    );
  }
  return home;
}

/** mkdir -p. Node's own, asked for a folder in /proc, tries for ever. */
function makeFolder(folder: string): void {
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** The kept admin key; generated on first use, which `isNew` tells. */
export function openAdminKey(home: Home): { key: string; isNew: boolean } {
  if (existsSync(home.adminKey)) {
    const key = readFileSync(home.adminKey, 'utf8').trim();
    if (key.length >= 16) return { key, isNew: false };
    throw new Error(
      `${home.adminKey} holds no usable key: remove the file to have a new one generated.`,
    );
  }
  const key = `llme_admin_${randomBytes(32).toString('base64url')}`;
  writeFileSync(home.adminKey, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return { key, isNew: true };
}

/** The kept key for secrets, as LLM_EVAL_SECRET_KEY has it; generated on first use. */
export function openSecretKey(home: Home): string {
  if (existsSync(home.secretKey)) {
    const keys = readFileSync(home.secretKey, 'utf8').trim();
    if (keys.length >= 32) return keys;
    throw new Error(
      `${home.secretKey} holds no usable key: bring back a copy of it, or remove the file to have a new one generated, and enter the credentials of providers and secrets again.`,
    );
  }
  const key = randomBytes(32).toString('base64');
  writeFileSync(home.secretKey, `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
