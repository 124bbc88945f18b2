import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { sql } from '#libs/database';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { seedRuns } from '../support/seed-runs.ts';
import { waitFor } from '../support/wait.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(120_000);

(chromiumPath === undefined ? describe.skip : describe)(
  'the list of 10,000 runs, in a browser',
  () => {
    let product: Product;

    beforeAll(async () => {
      product = await startProduct();
      const { database, projectId } = product.world;
      await seedRuns(database, { projectId, count: 10_000 });
      await database.query(sql`analyze`);
    }, 90_000);
    afterEach(() => product.endSession());
    afterAll(() => product.stop());

    /** The names of the rows that are in the document, from the first. */
    const names = (page: Page): Promise<string[]> =>
      page.locator('tbody [data-column="name"] a').allTextContents();
    const untilFirst = (page: Page, name: RegExp): Promise<string[]> =>
      waitFor(async () => {
        const shown = await names(page);
        return name.test(shown[0] ?? '') ? shown : undefined;
      });
    const bar = (page: Page) => page.getByRole('region', { name: 'Selected runs' });
    async function openList(search = ''): Promise<Page> {
      const page = await product.open(`/runs${search}`);
      await product.signIn(page);
      await page.getByRole('row').nth(3).waitFor();
      return page;
    }

    test('filters, order and columns stand in the address, and are the same after a reload', async () => {
      const page = await openList();
      await page.getByRole('status').filter({ hasText: '10,000' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('of contracts');
      await untilFirst(page, /00003 of contracts/);
      await page.getByRole('button', { name: 'Filter', exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Model', exact: true }).click();
      await page.getByRole('checkbox', { name: 'gpt-5-mini', exact: true }).press('Space');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Order:/ }).click();
      await page.getByRole('menuitemradio', { name: 'accuracy, highest first' }).click();
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'brevity' }).click();
      await page.keyboard.press('Escape');
      await page.getByRole('columnheader', { name: 'brevity' }).waitFor();
      // Of every 20th run, from 15 on: the highest mean of all of them, not of those that were loaded.
      const shown = await untilFirst(page, /run 00815 of contracts/);
      const address = page.url();

      await page.reload();
      await page.getByRole('columnheader', { name: 'brevity' }).waitFor();
      expect(await untilFirst(page, /run 00815 of contracts/)).toEqual(shown);
      expect(page.url()).toBe(address);
      await page.getByRole('button', { name: 'Remove the filter Model' }).click();
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('status').filter({ hasText: '10,000' }).waitFor();
    });

    test('a view is saved for everybody, shown again, and deleted', async () => {
      const page = await openList('?state=failed&sort=duration');
      await page.getByRole('button', { name: 'Save as a view' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Slow failures');
      await page.keyboard.press('Enter');
      const tab = page.getByRole('navigation', { name: 'Views' }).getByText('Slow failures');
      await tab.waitFor();
      await page
        .getByRole('navigation', { name: 'Views' })
        .getByText('All', { exact: true })
        .click();
      await untilFirst(page, /run 00000/);
      await tab.click();
      await page.getByRole('button', { name: /State/ }).getByText('Failed').waitFor();
      expect(await tab.getAttribute('aria-current')).toBe('page');
      await page.getByRole('button', { name: 'The view Slow failures' }).click();
      await page.getByRole('menuitem', { name: 'Delete the view' }).click();
      await page.getByRole('button', { name: 'Delete the view' }).click();
      await tab.waitFor({ state: 'detached' });
      expect((await product.client.listRunViews()).items).toEqual([]);
    });

    test('runs are selected by keyboard, tagged, deleted, and the deletion is taken back', async () => {
      const page = await openList('?q=run+0012');
      const before = await untilFirst(page, /run 00120/);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('Shift+ArrowDown');
      await page.keyboard.press('j');
      await page.keyboard.press('Shift+X');
      await bar(page).getByText('3 runs selected').waitFor();
      const compare = bar(page).getByRole('link', { name: 'Compare' });
      expect(await compare.getAttribute('href')).toMatch(/^\/compare\?runs=[^,]+,[^,]+,[^,]+$/);

      await bar(page).getByRole('button', { name: 'Tag', exact: true }).click();
      await page.getByRole('combobox', { name: 'Add' }).fill('by hand');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await bar(page).getByText('3 runs tagged.').waitFor();
      await page.getByRole('row').filter({ hasText: 'by hand' }).nth(2).waitFor();
      const { items } = await product.client.listRuns({ query: { tag: 'by hand' } });
      expect(items.map(({ name }) => name)).toEqual(before.slice(0, 3));

      await bar(page).getByRole('button', { name: 'Delete' }).click();
      await bar(page).getByText('3 runs deleted.').waitFor();
      expect(await names(page)).toEqual(before.slice(3));
      await bar(page).getByRole('button', { name: 'Undo' }).click();
      await bar(page).getByText('3 runs restored.').waitFor();
      await untilFirst(page, /run 00120/);
      expect(await names(page)).toEqual(before);
    });

    test('what is new, what goes on and what is canceled is shown without polling', async () => {
      const page = await openList();
      await untilFirst(page, /run 00000/);
      // From now on only what the socket names is asked for.
      const asked: string[] = [];
      page.on('request', (request) => {
        const { pathname, search } = new URL(request.url());
        if (pathname === '/api/v1/runs') asked.push(search);
      });
      const body = {
        datasetId: await product.world.seedDataset(2),
        target: { kind: 'client' as const },
        metrics: [{ metric: 'exact_match' }],
      };
      const run = await product.client.submitRun({ body: { ...body, name: 'comes' } });
      const row = page.getByRole('row').filter({ hasText: 'comes' });
      await row.getByText('Running').waitFor();
      await row.getByRole('checkbox').click();
      await bar(page).getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Cancel them' }).click();
      await row.getByText('Canceled').waitFor();
      await product.client.updateRun({ params: { id: run.id }, body: { name: 'was renamed' } });
      await page.getByRole('row').filter({ hasText: 'was renamed' }).waitFor();
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((search) => !search.includes('id='))).toEqual([]);

      await page.getByRole('navigation', { name: 'Views' }).getByText('Going on').click();
      await page.getByText('No run meets all of the filters.').waitFor();
      await product.client.submitRun({ body: { ...body, name: 'comes too' } });
      await page.getByRole('row').filter({ hasText: 'comes too' }).waitFor();
    });

    test('more rows come by scrolling, and only those in view are in the document', async () => {
      const page = await openList('?order=asc');
      await untilFirst(page, /run 09999/);
      await page.keyboard.press('j');
      for (const last of ['09900', '09800', '09700']) {
        // The end moves on as pages arrive.
        await waitFor(async () => {
          await page.keyboard.press('End');
          return (await page.getByText(`run ${last}`).isVisible()) || undefined;
        });
      }
      expect((await names(page)).length).toBeLessThan(120);
    });

    test('nothing is wrong with open menus, whose first item has the focus', async () => {
      const page = await openList('?q=run+0012');
      await untilFirst(page, /run 00120/);
      for (const [name, first] of [
        ['Filter', 'State'],
        ['Columns', 'State'],
        [/^Order:/, 'Newest first'],
        ['Account', 'API reference'],
      ] as const) {
        await page.getByRole('button', { name }).last().press('Enter');
        const focused = page.getByRole('menu').locator(':focus').getByText(first);
        expect([name, await faultsOf(page, focused, [1440])]).toEqual([name, []]);
        await page.keyboard.press('Escape');
        await page.getByRole('menu').waitFor({ state: 'detached' });
      }
    });

    test('nothing is wrong in any look', async () => {
      const page = await openList('?state=failed');
      expect(await faultsOf(page, page.getByRole('row').nth(3))).toEqual([]);
      await page
        .getByRole('checkbox', { name: /^Select run/ })
        .first()
        .click();
      await bar(page).waitFor();
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Created', exact: true }).click();
      expect(await faultsOf(page, page.getByLabel('From'))).toEqual([]);
    });
  },
);
