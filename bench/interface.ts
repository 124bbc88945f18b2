import { openDatabase, sql } from '#libs/database';
import type { Client } from '#libs/sdk';
import type { Locator, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { seedRuns } from '../test/support/seed-runs.ts';
import { upload } from './run-throughput.ts';
import { startTopology, type Topology } from './topology.ts';

const RUNS = 10_000;
const ITEMS = 100_000;

/** What somebody does, and what they wait for. */
interface Interaction {
  name: string;
  act: (page: Page) => Promise<unknown>;
  shown: (page: Page) => Locator;
}

const row = (page: Page, text: string | RegExp): Locator =>
  page.getByRole('row').filter({ hasText: text }).first();
const press =
  (key: string): Interaction['act'] =>
  (page) =>
    page.keyboard.press(key);

/**
 * How long people wait for the UI with 10,000 runs, one of them of 100,000 items, on this machine, which
 * also runs the product: from each input until the next frame is painted, as the browser tells it (Event
 * Timing, in steps of 8 ms), and until what was asked for is shown, the server's answer included.
 */
export async function benchInterface(rounds: number): Promise<void> {
  const topology = await startTopology('embedded');
  const browser = await launchBrowser();
  try {
    const large = await seed(topology);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${topology.url}/runs`);
    await page.getByLabel('Key', { exact: true }).fill(topology.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await row(page, 'run 00003').waitFor();
    const measured = new Map<string, Wait[]>();
    for (let round = 0; round < rounds; round += 1) {
      for (const interaction of interactions(large)) {
        const waits = measured.get(interaction.name) ?? [];
        measured.set(interaction.name, waits);
        waits.push(await measure(page, interaction));
      }
    }
    console.log(
      `${RUNS} runs, one of ${ITEMS} items; the median of ${rounds}, the worst behind it`,
    );
    for (const [name, waits] of measured) {
      console.log(
        `${name}: painted after ${spread(waits.map(({ painted }) => painted))}, shown after ${spread(waits.map(({ shown }) => shown))}`,
      );
    }
  } finally {
    await browser.close();
    await topology.stop();
  }
}

const interactions = (large: string): Interaction[] => [
  {
    name: 'runs: open the list',
    act: (page) => page.getByRole('link', { name: 'Runs', exact: true }).click(),
    shown: (page) => row(page, 'run 00003'),
  },
  {
    name: 'runs: next row (j)',
    act: press('j'),
    shown: (page) => page.locator('[data-row-action]:focus'),
  },
  {
    name: 'runs: select (x)',
    act: press('x'),
    shown: (page) => page.getByRole('region', { name: 'Selected runs' }),
  },
  {
    name: 'runs: select nothing',
    act: (page) => page.getByRole('button', { name: 'Select nothing' }).click(),
    shown: (page) => row(page, 'run 00003'),
  },
  {
    name: 'runs: last row (End)',
    act: press('End'),
    shown: (page) => row(page, /run 000[4-9]\d/),
  },
  {
    name: 'runs: first row (Home)',
    act: press('Home'),
    shown: (page) => row(page, 'run 00003'),
  },
  {
    name: 'runs: filter by a saved state',
    act: (page) =>
      page.getByRole('navigation', { name: 'Views' }).getByText('Failed', { exact: true }).click(),
    shown: (page) => row(page, 'run 00019'),
  },
  {
    name: 'runs: open the menu of orders',
    act: (page) => page.getByRole('button', { name: /^Order:/ }).click(),
    shown: (page) => page.getByRole('menuitemradio', { name: 'Name, A to Z' }),
  },
  {
    name: 'runs: order by name',
    act: (page) => page.getByRole('menuitemradio', { name: 'Name, A to Z' }).click(),
    shown: (page) => row(page, 'run 00009'),
  },
  {
    name: 'run: open the large one',
    act: (page) => page.goto(new URL(`/runs/${large}`, page.url()).href),
    shown: (page) => row(page, 'item-3'),
  },
  {
    name: 'run: worst first',
    act: async (page) => {
      await page.getByRole('combobox', { name: 'Metric' }).selectOption({ index: 1 });
      await page.getByRole('combobox', { name: 'Order' }).selectOption({ label: 'Worst first' });
    },
    shown: (page) => row(page, 'item-'),
  },
  {
    name: 'run: open an item',
    act: (page) => row(page, 'item-').getByRole('button').first().click(),
    shown: (page) => page.getByRole('dialog'),
  },
  {
    name: 'run: next item (j)',
    act: press('j'),
    shown: (page) => page.getByRole('dialog'),
  },
  {
    name: 'run: close the item (Escape)',
    act: press('Escape'),
    shown: (page) => row(page, 'item-'),
  },
  {
    name: 'run: slices',
    act: (page) => page.getByRole('tab', { name: 'Slices' }).click(),
    shown: (page) => page.getByRole('tabpanel', { name: 'Slices' }),
  },
];

interface Wait {
  /** Milliseconds. */
  painted: number;
  shown: number;
}

async function measure(page: Page, { act, shown }: Interaction): Promise<Wait> {
  await page.evaluate(`
    window.paints = [];
    window.observer?.disconnect();
    window.observer = new PerformanceObserver((list) => {
      for (const { duration, interactionId } of list.getEntries())
        if (interactionId > 0) window.paints.push(duration);
    });
    window.observer.observe({ type: 'event', durationThreshold: 16 });
  `);
  const start = performance.now();
  await act(page);
  await shown(page).waitFor();
  const waited = performance.now() - start;
  // Entries come some frames after what they are of; without one it took less than 16 ms.
  const paints = await page.evaluate(
    'new Promise((told) => setTimeout(() => told(window.paints ?? []), 200))',
  );
  const painted = Array.isArray(paints) ? Math.max(8, ...paints.map(Number)) : 8;
  return { painted, shown: waited };
}

async function seed(topology: Topology): Promise<string> {
  const { client, databaseUrl } = topology;
  const database = await openDatabase({ url: databaseUrl, poolMax: 2 });
  try {
    const { project } = await client.getSession();
    await seedRuns(database, { projectId: project.id, count: RUNS });
    await database.query(sql`analyze`);
  } finally {
    await database.close();
  }
  return largeRun(client);
}

async function largeRun(client: Client): Promise<string> {
  const { datasetId, recordingId } = await upload(client, ITEMS);
  const { id } = await client.submitRun({
    body: {
      name: 'large',
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric: 'numeric_match', expected: 'answer', extract: 'A: (.*)' }],
    },
  });
  for (;;) {
    const { state } = await client.getRun({ params: { id } });
    if (state === 'completed') return id;
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
}

/** The median, and the worst. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${median.toFixed(0)} ms (${(sorted.at(-1) ?? 0).toFixed(0)})`;
}
