import { existsSync, writeFileSync } from 'node:fs';
import { messageOf } from './errors.ts';
import type { Home } from './home.ts';
import { complain } from './terminal.ts';

/** Seeds the demo project where that was not done yet; a failure is told and tried again next time. */
export async function seedDemoOnce(
  home: Home,
  instance: { url: string; adminKey: string },
): Promise<void> {
  if (existsSync(home.demoSeeded)) return;
  try {
    const { seedDemo } = await import('./demo/index.ts');
    await seedDemo(instance);
    writeFileSync(home.demoSeeded, `${new Date().toISOString()}\n`);
  } catch (error) {
    complain(
      `The demo project could not be made (${messageOf(error)}); the next start tries again.`,
    );
  }
}
