import { existsSync, writeFileSync } from 'node:fs';
import { messageOf } from './errors.ts';
import type { Home } from './home.ts';
import { complain } from './terminal.ts';

/** A running LLM-Eval, as the demo needs to know it. */
export interface Instance {
  url: string;
  adminKey: string;
}

/** Seeds the demo project where that was not done yet; a failure is told and tried again next time. */
export async function seedDemoOnce(
  home: Home,
  instance: Instance,
  seedDemo: (instance: Instance) => Promise<void>,
): Promise<void> {
  if (existsSync(home.demoSeeded)) return;
  try {
    await seedDemo(instance);
    writeFileSync(home.demoSeeded, `${new Date().toISOString()}\n`);
  } catch (error) {
    complain(
      `The demo project could not be made (${messageOf(error)}); the next start tries again.`,
    );
  }
}
