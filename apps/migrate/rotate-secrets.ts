import { ConfigurationError, loadConfig } from '#libs/config';
import { openDatabase } from '#libs/database';
import { resealAll } from '#libs/providers';

/**
 * `npm run rotate-secrets`: encrypts the credentials of all providers, and all secrets, again with the
 * first key of LLM_EVAL_SECRET_KEY, and says when the other keys may be taken away. May run at any
 * time, and any number of times.
 */
async function rotateSecrets(): Promise<void> {
  const { databaseUrl, secretKeys } = loadConfig();
  if (databaseUrl === undefined) {
    throw new ConfigurationError('DATABASE_URL is not set: name the database to work on.');
  }
  if (secretKeys.length === 0) {
    throw new ConfigurationError(
      'LLM_EVAL_SECRET_KEY is not set: give it the new key, then those that are in use, with commas between them.',
    );
  }
  const database = await openDatabase({ url: databaseUrl, poolMax: 2 });
  try {
    const { resealed, unopened, left } = await resealAll(database, secretKeys);
    say(`Encrypted again with the first key: ${resealed}.`);
    for (const what of unopened) say(what);
    if (left > 0) {
      say(`Still encrypted with another key: ${left}. Keep the older keys, and run this again.`);
      process.exitCode = 1;
    } else {
      say(
        'Nothing is encrypted with another key. Once every API and worker runs with this first key, run this once more; when it says this again, the older keys may be taken away.',
      );
    }
  } finally {
    await database.close();
  }
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

rotateSecrets().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
