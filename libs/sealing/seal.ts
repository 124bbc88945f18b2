import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { RequestError } from '#libs/contracts';

/** The row that a sealed value belongs to. Sealed for one, it opens in no other. */
export interface SealedPlace {
  projectId: string;
  table: string;
  rowId: string;
  /** The name of the row, which must not change as long as the value is kept. */
  name: string;
}

/** A value as it is stored. */
export interface Sealed {
  sealed: string;
  /** Which of the installation's keys it was sealed with: a fingerprint, of no use without the key. */
  keyId: string;
}

/** A sealed value cannot be opened. The message says why and the remedy, and holds nothing secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** Encrypts what must never be seen, for one row of one project each. */
export interface Sealing {
  /** The fingerprint of the key that seals; undefined where the installation has none. */
  readonly keyId: string | undefined;
  /** The fingerprints of all keys that open, that one first. */
  readonly keyIds: readonly string[];
  /** @throws {RequestError} `no_secret_key` where the installation has no key */
  seal(value: string, place: SealedPlace): Sealed;
  /** @throws {SealError} where its key is not here, or it was not sealed for this place */
  open(stored: Sealed, place: SealedPlace): string;
}

const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** What NIST SP 800-38D recommends, and random: a key would have to seal 2^32 values to be unsafe. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key for each project, which HKDF-SHA-256 (RFC 5869) derives from a key of the
 * installation with the project's id as salt. The place of the value is authenticated with it.
 * @param keys of the installation, as LLM_EVAL_SECRET_KEY has them: the first seals, all open
 */
export function createSealing(keys: readonly string[]): Sealing {
  const byId = new Map(keys.map((key) => [fingerprintOf(key), key]));
  const [first] = byId;

  return {
    keyId: first?.[0],
    keyIds: [...byId.keys()],

    seal(value, place) {
      if (first === undefined) throw noSecretKey();
      const [keyId, key] = first;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, projectKey(key, place.projectId), nonce, {
        authTagLength: TAG_BYTES,
      });
      cipher.setAAD(authenticated(keyId, place));
      const parts = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return { sealed: `${FORMAT}.${Buffer.concat(parts).toString('base64url')}`, keyId };
    },

    open({ sealed, keyId }, place) {
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new SealError(
          `the key that encrypted it (${keyId}) is not in LLM_EVAL_SECRET_KEY: add that key behind the first, or enter the value again`,
        );
      }
      const bytes = Buffer.from(sealed.slice(FORMAT.length + 1), 'base64url');
      try {
        if (!sealed.startsWith(`${FORMAT}.`)) throw new Error('of an unknown format');
        const decipher = createDecipheriv(
          CIPHER,
          projectKey(key, place.projectId),
          bytes.subarray(0, NONCE_BYTES),
          { authTagLength: TAG_BYTES },
        );
        decipher.setAAD(authenticated(keyId, place));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SealError(
          'it was changed, or encrypted for another row or project: enter the value again',
          { cause: error },
        );
      }
    },
  };
}

const derive = (key: string, salt: string, purpose: string, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, `llm-eval ${purpose}`, bytes));

const projectKey = (key: string, projectId: string): Buffer =>
  derive(key, projectId, 'sealed values', KEY_BYTES);

const fingerprintOf = (key: string): string =>
  derive(key, '', 'key fingerprint', 6).toString('hex');

/** JSON keeps the parts apart, whatever they contain. */
const authenticated = (keyId: string, { projectId, table, rowId, name }: SealedPlace): Buffer =>
  Buffer.from(JSON.stringify([FORMAT, keyId, projectId, table, rowId, name]));

const noSecretKey = (): RequestError =>
  new RequestError(
    'conflict',
    'no_secret_key',
    'This installation has no key to encrypt it with: set LLM_EVAL_SECRET_KEY for every API and worker (`openssl rand -base64 32` makes one), and keep it safe.',
  );
