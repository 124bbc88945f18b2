import { createHash, randomBytes } from 'node:crypto';

const KEY_PREFIX = 'llme_';

/** A new key: 256 random bits, with a prefix that secret scanners can recognise. */
export const newKey = (): string => KEY_PREFIX + randomBytes(32).toString('base64url');

/** A new session token. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/**
 * What is stored of a key or token. Plain SHA-256, without salt, is right for secrets of full entropy,
 * and makes the look-up one index probe.
 */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');
