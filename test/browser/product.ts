import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { createClient, type Client } from '#libs/sdk';
import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { startProcess } from '../support/processes.ts';
import { createWorld, type World } from '../support/world.ts';

const ADMIN_KEY = 'browser-test-admin-key';
const built = fileURLToPath(new URL('../../apps/web/dist/index.html', import.meta.url));

export interface PageOptions {
  width?: number;
  dark?: boolean;
}

/** The whole product with a browser before it, for one test file. */
export interface Product {
  world: World;
  /** Calls the API with the same key as the person in the browser. */
  client: Client;
  url: string;
  key: string;
  /** The admin key of the instance, which works in every project. */
  instanceKey: string;
  /** Opens a page in a session of its own, in which nobody is signed in. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** Signs in where the page asks for it, with the person's key unless another is given. */
  signIn(page: Page, key?: string): Promise<void>;
  /** The cookies of the session that was opened last. */
  cookies(): ReturnType<BrowserContext['cookies']>;
  /** Ends the session that was opened last. @throws where its page threw an error */
  endSession(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an API, a worker and a browser, with a person's admin key.
 * @param overrides of the environment of both
 */
export async function startProduct(overrides: Record<string, string> = {}): Promise<Product> {
  if (!existsSync(built)) throw new Error('The UI is not built: npm run build.');
  const world = await createWorld('postgresql', overrides);
  const environment = { ...world.environment, PORT: '0', LLM_EVAL_ADMIN_KEY: ADMIN_KEY };
  const [api, worker, browser] = await Promise.all([
    startProcess('api', environment),
    startProcess('worker', environment),
    launchBrowser(),
  ]);
  const url = api.url ?? '';
  const instance = createClient({ baseUrl: url, key: ADMIN_KEY });
  const { projectId } = world;
  const { key } = await instance.createKey({ body: { name: 'person', role: 'admin', projectId } });
  const complaints: string[] = [];
  let context: BrowserContext | undefined;

  return {
    world,
    client: createClient({ baseUrl: url, key }),
    url,
    key,
    instanceKey: ADMIN_KEY,
    async open(path, { width = 1440, dark = false } = {}) {
      context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        // What is asked about a page is then asked about what it comes to, not about what is fading out.
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${url}${path}`);
      return page;
    },
    async signIn(page, by = key) {
      await page.getByLabel('Key', { exact: true }).fill(by);
      await page.getByRole('button', { name: 'Sign in' }).click();
      // The navigation itself stands behind a button on a phone.
      await page.getByRole('button', { name: 'Account' }).waitFor();
    },
    cookies: async () => (await context?.cookies()) ?? [],
    async endSession() {
      await context?.close();
      context = undefined;
      const said = complaints.splice(0);
      if (said.length > 0) throw new Error(`the page complained: ${said.join('; ')}`);
    },
    async stop() {
      await browser.close();
      await Promise.all([api.stop(), worker.stop()]);
      await world.close();
    },
  };
}

/** What axe finds wrong on the page, each with its elements. */
export const violationsOf = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );

/** The widths and colours in which every page must be accessible. */
export const looks = [
  { width: 1440, dark: false },
  { width: 1440, dark: true },
  { width: 390, dark: false },
  { width: 390, dark: true },
] as const satisfies readonly PageOptions[];
