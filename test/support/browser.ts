import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The Chromium of this machine; undefined where there is none, and the suites that need it are skipped. */
export const chromiumPath: string | undefined = candidates.find(
  (path) => path !== undefined && existsSync(path),
);
if (chromiumPath === undefined) {
  if (process.env.CI)
    throw new Error('The browser suites need Chromium: install it, or set CHROMIUM_PATH.');
  process.stderr.write('\nBrowser suites are SKIPPED: install chromium, or set CHROMIUM_PATH.\n\n');
}

/** Starts a headless browser that talks to nobody but us. */
export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error('There is no Chromium: check chromiumPath first.');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
