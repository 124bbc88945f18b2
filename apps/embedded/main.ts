import { fileURLToPath } from 'node:url';
import { ConfigurationError, loadConfig, type Config } from '#libs/config';
import { supervise } from './supervisor.ts';
import { complain } from './terminal.ts';

function program(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

function readConfig(): Config | undefined {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    complain(error.message);
    return undefined;
  }
}

const config = readConfig();
const exitCode =
  config === undefined
    ? 1
    : await supervise(config, {
        api: program('apps/api/main.ts'),
        worker: program('apps/worker/main.ts'),
        seedDemo: async (instance) => (await import('./demo/index.ts')).seedDemo(instance),
      });
process.exit(exitCode);
