import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { createClient, type Client } from '#libs/sdk';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { startProcess } from '../support/processes.ts';
import { createWorld, type World } from '../support/world.ts';

const ADMIN_KEY = 'browser-test-admin-key';
const built = fileURLToPath(new URL('../../apps/web/dist/index.html', import.meta.url));

const HEIGHT = 900;
/** What a browser says where a page asks who is signed in, and nobody is. */
const NOBODY_SIGNED_IN = /status of 401 .*\/api\/v1\/session$/;

/** The whole product with a browser before it, for one test file. */
export interface Product {
  world: World;
  /** Calls the API with the same key as the person in the browser. */
  client: Client;
  url: string;
  key: string;
  /** The admin key of the instance, which works in every project. */
  instanceKey: string;
  /** Opens a page in a session of its own, in which nobody is signed in, in light colours. */
  open(path: string, width?: number): Promise<Page>;
  /** Signs in where the page asks for it, with the person's key unless another is given. */
  signIn(page: Page, key?: string): Promise<void>;
  /** The cookies of the session that was opened last. */
  cookies(): ReturnType<BrowserContext['cookies']>;
  /** From now on to the end of the session, errors in its console that match are meant to be there. */
  provoke(errors: RegExp): void;
  /** Ends the session that was opened last. @throws where its page threw an error, or its console shows one */
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
  let provoked: RegExp[] = [];
  let context: BrowserContext | undefined;

  return {
    world,
    client: createClient({ baseUrl: url, key }),
    url,
    key,
    instanceKey: ADMIN_KEY,
    async open(path, width = 1440) {
      context = await browser.newContext({
        viewport: { width, height: HEIGHT },
        colorScheme: 'light',
        // What is asked about a page is then asked about what it comes to, not about what is fading out.
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() !== 'error') return;
        const said = `${message.text()} ${message.location().url}`;
        const isMeant = [...provoked, NOBODY_SIGNED_IN].some((errors) => errors.test(said));
        if (!isMeant) complaints.push(said);
      });
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
    provoke: (errors) => void provoked.push(errors),
    async endSession() {
      await context?.close();
      context = undefined;
      provoked = [];
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

const widths = [1440, 390];

/**
 * What is wrong with what the page shows now, in every look: at each width, what axe finds in light
 * colours and what it finds of the colours in dark ones, and a page that is wider than its window. The
 * page stays what it is, and is left in the look that it was in.
 * @param shown what the page is looked at for, which must be in sight in each look
 * @param at the widths, where what is shown does not outlive a change
 */
export async function faultsOf(page: Page, shown: Locator, at = widths): Promise<string[]> {
  const size = page.viewportSize();
  const faults: string[] = [];
  for (const [index, width] of at.entries()) {
    await page.setViewportSize({ width, height: HEIGHT });
    // The colours of one width are those that the next begins with.
    for (const scheme of index % 2 === 0 ? schemes : schemes.toReversed()) {
      await page.emulateMedia({ colorScheme: scheme });
      await untilAtRest(page, shown, scheme);
      const found = [...(await violationsOf(page, scheme)), ...(await widerThanWindow(page))];
      faults.push(...found.map((fault) => `${width} px, ${scheme}: ${fault}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (size) await page.setViewportSize(size);
  return faults;
}

const schemes = ['light', 'dark'] as const;
type Scheme = (typeof schemes)[number];

/** Waits until the page has its colours and its layout, and nothing on it is loading any more. */
async function untilAtRest(page: Page, shown: Locator, scheme: Scheme): Promise<void> {
  await shown.waitFor();
  const loading = '[aria-busy="true"], .mantine-Skeleton-root';
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]:not(:has(${loading}))`).waitFor();
  // What follows the width by an observer is drawn in the frame after the one that tells it.
  await page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
  );
}

async function violationsOf(page: Page, scheme: Scheme): Promise<string[]> {
  // Of what is right nothing is told, and all is done in the page itself: that takes a fifth of the time.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({
    resultTypes: ['violations'],
    ...(scheme === 'dark' && {
      runOnly: ['cat.color'],
      // Of level AAA, and not asked for in light colours either.
      rules: { 'color-contrast-enhanced': { enabled: false } },
    }),
  });
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

async function widerThanWindow(page: Page): Promise<string[]> {
  const wider = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  return wider > 0 ? [`${wider} px too wide`] : [];
}
