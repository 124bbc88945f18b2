import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CreateReviewQueue, HumanMetric, HumanScale, ReviewQueue } from '#libs/contracts';
import { createClient, type Client } from '#libs/sdk';
import type { Locator, Page } from 'playwright-core';
import { chromiumPath } from '../support/browser.ts';
import { faultsOf, startProduct, type Product } from './product.ts';

jest.setTimeout(60_000);

(chromiumPath === undefined ? describe.skip : describe)('reviews, in a browser', () => {
  let product: Product;
  let ann: string;
  let ben: string;
  let metrics = 0;

  beforeAll(async () => {
    product = await startProduct();
    const instance = createClient({ baseUrl: product.url, key: product.instanceKey });
    const { projectId } = product.world;
    const newPerson = async (name: string): Promise<string> =>
      (await instance.createKey({ body: { name, role: 'editor', projectId } })).key;
    [ann, ben] = await Promise.all([newPerson('Ann'), newPerson('Ben')]);
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  /** A completed run, of which the judge `right` fails the first item. */
  async function completedRun(name: string, items = 3): Promise<string> {
    const datasetId = await product.world.seedDataset(items);
    const recordingId = await product.world.seedRecording(items, (index) =>
      index === 0 ? 'no' : String(index),
    );
    const { id } = await product.client.submitRun({
      body: {
        name,
        datasetId,
        target: { kind: 'recorded', recordingId },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    await product.world.waitForState(id, 'completed');
    return id;
  }

  const newMetric = (name: string, scale: HumanScale): Promise<HumanMetric> =>
    product.client.createHumanMetric({ body: { name: `${name} ${(metrics += 1)}`, scale } });

  async function newQueue(
    name: string,
    scales: HumanScale[],
    rest: Partial<CreateReviewQueue> = {},
  ): Promise<{ queue: ReviewQueue; runId: string }> {
    const humanMetricIds: string[] = [];
    for (const scale of scales) humanMetricIds.push((await newMetric('helpful', scale)).id);
    const { id } = await product.client.createReviewQueue({
      body: { name, humanMetricIds, ...rest },
    });
    const runId = await completedRun(`run of ${name}`);
    const { queue } = await product.client.addReviewItems({
      params: { id },
      body: { runId, filter: {}, seed: 1 },
    });
    return { queue, runId };
  }

  const quality: HumanScale = { kind: 'numeric', min: 1, max: 5, step: 1 };
  const scoreOf = (page: Page): Locator => page.getByRole('form', { name: 'Your scores' });
  const chosen = (page: Page, name: string): Promise<boolean> =>
    scoreOf(page).getByRole('radio', { name, exact: true }).isChecked();

  /** Signs in, and comes to the first item by keyboard. */
  async function beginToScore({ id }: ReviewQueue, key: string): Promise<Page> {
    const page = await product.open(`/reviews/${id}`);
    await product.signIn(page, key);
    await page.getByRole('link', { name: 'Score', exact: true }).press('Enter');
    await atRest(page);
    return page;
  }

  /** Waits until keys count: the item that is shown is the one that is asked about. */
  async function atRest(page: Page): Promise<void> {
    await scoreOf(page).waitFor();
    await page.locator('main:not(:has([aria-busy="true"]))').waitFor();
  }

  async function press(page: Page, ...keys: string[]): Promise<void> {
    for (const key of keys) await page.keyboard.press(key);
  }

  /** Submits, and waits for the item after it. */
  async function submit(page: Page, ...keys: string[]): Promise<void> {
    const before = await itemOn(page);
    await press(page, ...keys, 'Enter');
    await page
      .getByRole('main')
      .getByRole('heading', { level: 2 })
      .filter({ hasNotText: new RegExp(`^${before}$`) })
      .waitFor();
  }

  const itemOn = async (page: Page): Promise<string> =>
    (await page.getByRole('main').getByRole('heading', { level: 2 }).textContent()) ?? '';

  test('a queue comes about with its metric, is filled from a run, deleted and brought back', async () => {
    await completedRun('to be looked at', 5);
    const page = await product.open('/reviews');
    await product.signIn(page);
    await page.getByRole('button', { name: 'Create a queue' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('July');
    await dialog.getByRole('button', { name: 'Create a human metric' }).click();
    await dialog.getByLabel('Name').fill('tone');
    await dialog.getByRole('radio', { name: /^Categories/ }).check();
    await dialog.getByText('Name category 1').waitFor();
    await dialog.getByLabel('Category 1', { exact: true }).fill('cold');
    await dialog.getByLabel('Category 2', { exact: true }).fill('warm');
    await dialog.getByLabel('When to choose category 2').fill('A person would smile');
    await dialog.getByRole('checkbox', { name: /in order/ }).check();
    await dialog.getByRole('button', { name: 'Create the metric' }).click();
    // It is chosen already, and what was written before is still there.
    expect(await dialog.getByRole('checkbox', { name: 'tone' }).isChecked()).toBe(true);
    expect(await dialog.getByLabel('Name').inputValue()).toBe('July');
    await dialog.getByRole('textbox', { name: 'People per item' }).fill('2');
    await dialog.getByRole('button', { name: 'Create the queue' }).click();

    await page.getByRole('heading', { name: 'July' }).waitFor();
    await page.getByText('No item yet').waitFor();
    await page.getByRole('button', { name: 'Add items' }).first().click();
    await dialog.getByRole('combobox', { name: 'Run' }).fill('to be looked');
    await page.getByRole('option', { name: /to be looked at/ }).click();
    await dialog.getByLabel('Metric', { exact: true }).selectOption('right');
    await dialog.getByLabel('Its verdict').selectOption('passed');
    await dialog.getByLabel('Items in the sample').fill('3');
    await dialog.getByRole('button', { name: 'Add them' }).click();
    await dialog.getByText('3 items are added').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('0 of 3 complete').waitFor();
    const table = page.getByRole('table', { name: 'Items of the queue' });
    expect(await table.getByRole('row').count()).toBe(4);
    // Of the five items the judge failed the first.
    expect(await table.getByText('item-0').count()).toBe(0);

    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete the queue' }).click();
    await dialog.getByRole('button', { name: 'Delete the queue' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'All queues' }).click();
    await page.getByRole('radiogroup').getByText('Deleted').click();
    await page.getByRole('button', { name: 'Restore July' }).click();
    await page.getByText('No queue is deleted').waitFor();
    await page.getByRole('radiogroup').getByText('All').click();
    await page.getByRole('link', { name: 'Score July' }).waitFor();
  });

  test('two people score by keyboard only; progress moves elsewhere, and agreement is read off', async () => {
    const { queue, runId } = await newQueue('by keyboard', [{ kind: 'boolean' }, quality], {
      reviewersPerItem: 2,
    });
    const watching = await product.open(`/reviews/${queue.id}`);
    await product.signIn(watching);
    await watching.getByText('0 of 3 complete').waitFor();
    // From here on only the socket tells how far it is.
    product.provoke(/ERR_FAILED .*\/review-queues\//);
    await watching.route(`**/api/v1/review-queues/${queue.id}`, (route) => route.abort());

    const first = await beginToScore(queue, ann);
    const order: string[] = [];
    for (const last of [false, false, true]) {
      order.push(await itemOn(first));
      await submit(first, '1', '4');
      if (!last) await atRest(first);
    }
    await first.getByText('You have scored 3 items').waitFor();

    const second = await beginToScore(queue, ben);
    expect(await itemOn(second)).toBe(order[0]);
    await submit(second, '2', '4');
    await watching.getByText('1 of 3 complete').waitFor();
    await atRest(second);
    await submit(second, '1', 'x');
    await atRest(second);
    await submit(second, '1', '4');
    await watching.getByText('3 of 3 complete').waitFor();
    await watching.unroute(`**/api/v1/review-queues/${queue.id}`);

    await watching.getByRole('tab', { name: 'Agreement' }).click();
    const between = watching.getByRole('region', { name: 'Between people' });
    await between.getByText('Krippendorff’s alpha').waitFor();
    const pairs = between.getByRole('table', { name: 'Agreement of people two by two' });
    expect(await pairs.getByRole('row').nth(1).textContent()).toMatch(/Ann and Ben|Ben and Ann/);
    expect(await pairs.getByRole('row').nth(1).textContent()).toContain('66.7 %');
    const people = between.getByRole('table', { name: 'People and their scores' });
    expect(await people.getByRole('row', { name: /Ann/ }).textContent()).toContain('100 % pass');
    expect(await people.getByRole('row', { name: /Ben/ }).textContent()).toContain('66.7 % pass');
    const differ = between.getByRole('table', { name: 'Items on which people differ' });
    const [row] = await differ
      .getByRole('row')
      .filter({ hasText: order[0] ?? '' })
      .all();
    expect(await row?.textContent()).toMatch(/Ann pass.*Ben fail|Ben fail.*Ann pass/);

    const judge = watching.getByRole('region', { name: 'Against a judge' });
    await judge.getByText('Cohen’s kappa').waitFor();
    expect(await judge.getByLabel('Metric').inputValue()).toBe('right');
    await judge.getByText(/left out, since as many said/).waitFor();
    product.provoke(/status of 422 .*\/judge-agreement/);
    await watching.getByLabel('Human metric').selectOption({ index: 1 });
    // One of Ben's answers was that he could not tell.
    await between.getByText('Could not tell').waitFor();
    const told = between.locator('dl > div').filter({ hasText: 'Could not tell' });
    expect(await told.textContent()).toBe('Could not tell1');
    // Numbers beside a judge that says yes or no need to be told from where on they are a yes.
    await judge.getByText('cannot be compared with this metric as it is').waitFor();
    await judge.getByLabel('Pass from').fill('4');
    await judge.getByText('Cohen’s kappa').waitFor();

    const { people: counted } = await product.client.getReviewQueue({ params: { id: queue.id } });
    expect(counted).toMatchObject([{ done: 3 }, { done: 3 }]);
    const { scores } = await product.client.getItemAnnotations({ params: { id: runId, no: 0 } });
    expect(scores).toHaveLength(4);
  });

  test('one skips, goes back, says otherwise, and comes to what was skipped', async () => {
    const grade: HumanScale = { kind: 'numeric', min: 0, max: 100, step: 5 };
    const { queue, runId } = await newQueue('back and forth', [{ kind: 'boolean' }, grade]);
    const page = await beginToScore(queue, ann);
    const skipped = await itemOn(page);
    await submit(page, 's');
    await atRest(page);
    await page.getByText('0 of 3 · 1 skipped').waitFor();

    // Without a value it says so; in the field for a number Enter goes on.
    await press(page, 'Enter');
    await page.getByText('Give a value, or x').waitFor();
    const scored = await itemOn(page);
    await press(page, '1', '9', '7', 'Enter');
    await page.getByText('Give 0, or steps of 5 from there').waitFor();
    await press(page, 'Backspace', '5');
    await submit(page);
    await atRest(page);
    await page.getByText('1 of 3 · 1 skipped').waitFor();

    await press(page, 'b');
    await page.getByText('you have scored it').waitFor();
    await atRest(page);
    expect(await itemOn(page)).toBe(scored);
    expect(await chosen(page, 'pass')).toBe(true);
    expect(await scoreOf(page).getByRole('textbox').inputValue()).toBe('95');
    await press(page, 'k', 'ArrowRight', 'c');
    await page.keyboard.type('now that I see it');
    await submit(page, 'Control+Enter');
    await atRest(page);
    const no = Number(scored.replace('item-', ''));
    const { scores } = await product.client.getItemAnnotations({ params: { id: runId, no } });
    expect(scores.map(({ value, comment }) => [value, comment])).toEqual([
      [false, 'now that I see it'],
      [95, null],
    ]);

    await press(page, 'x', 'j', 'x', 'Enter');
    await page.getByRole('heading', { name: 'Only what you skipped is left' }).waitFor();
    await press(page, 'Enter');
    await atRest(page);
    expect(await itemOn(page)).toBe(skipped);
    await press(page, '2', 'x', 'Enter');
    await page.getByRole('heading', { name: 'All done' }).waitFor();
    await page.getByRole('banner').getByText('3 of 3').waitFor();
  });

  test('what somebody gave outlives a server that does not answer, and a reload', async () => {
    const { queue } = await newQueue('unsteady', [{ kind: 'boolean' }]);
    const page = await beginToScore(queue, ann);
    const item = await itemOn(page);
    product.provoke(/ERR_FAILED .*\/review$/);
    await page.route('**/review-queues/*/items/*/review', (route) => route.abort());
    await press(page, '2', 'n');
    await page.keyboard.type('worth a look');
    await press(page, 'Control+Enter');
    await page.getByText('Could not submit these scores: the server does not answer').waitFor();
    expect(await itemOn(page)).toBe(item);
    expect(await chosen(page, 'fail')).toBe(true);
    await page.reload();
    await atRest(page);
    expect(await itemOn(page)).toBe(item);
    expect(await chosen(page, 'fail')).toBe(true);
    expect(await page.getByLabel('Note on the item').inputValue()).toBe('worth a look');
    await page.unroute('**/review-queues/*/items/*/review');
    await submit(page);
    await page.getByText('1 of 3').waitFor();
  });

  test('where nothing can be scored, the page says why, and goes on when that has passed', async () => {
    const { queue, runId } = await newQueue('shared', [{ kind: 'boolean' }]);
    const another = createClient({ baseUrl: product.url, key: ben });
    const params = { id: queue.id };
    const { task } = await another.takeNextReview({ params, body: {} });
    const page = await beginToScore(queue, ann);
    expect(await itemOn(page)).not.toBe(task?.key);
    await submit(page, '1');
    await atRest(page);
    await press(page, '1', 'Enter');
    await page.getByRole('heading', { name: 'Somebody else has the rest' }).waitFor();
    await another.submitReview({
      params: { ...params, place: task?.place ?? 0 },
      body: { skip: true },
    });
    await page.getByRole('button', { name: 'Look again' }).click();
    await atRest(page);
    expect(await itemOn(page)).toBe(task?.key);
    await product.client.deleteRun({ params: { id: runId } });
    await page.reload();
    await page.getByRole('heading', { name: 'The rest cannot be shown' }).waitFor();
    await page.getByText('1 item is not shown, since the run is deleted').waitFor();
  });

  test("an item's panel takes a human score and a note, and takes the score back", async () => {
    await newMetric('polite', { kind: 'boolean' });
    const runId = await completedRun('looked at');
    const page = await product.open(`/runs/${runId}?item=1`);
    await product.signIn(page, ann);
    const people = page.getByRole('region', { name: 'People' });
    await people.getByText('Nobody has scored this item').waitFor();
    await people.getByRole('button', { name: 'Score it' }).click();
    const metric = people.getByLabel('Human metric');
    await metric.selectOption({ label: `polite ${metrics}` });
    await people.getByRole('radio', { name: 'fail' }).check();
    await people.getByLabel('Comment').fill('too short');
    await people.getByRole('button', { name: 'Save your score' }).click();
    const score = people.getByRole('listitem').filter({ hasText: 'too short' });
    expect(await score.textContent()).toMatch(/polite \d+failyou/);
    await people.getByLabel('Add a note').fill('Ask the authors.');
    await people.getByRole('button', { name: 'Add the note' }).click();
    const notes = people.getByRole('list', { name: 'Notes' });
    await notes.getByText('Ask the authors.').waitFor();
    await notes.getByRole('button', { name: 'Change your note' }).click();
    await notes.getByRole('textbox').fill('The authors know.');
    await notes.getByRole('button', { name: 'Save' }).click();
    await notes.getByText('The authors know.').waitFor();

    await score.getByRole('button', { name: /Change your score/ }).click();
    await people.getByRole('button', { name: 'Take it back' }).click();
    await score.waitFor({ state: 'detached' });
    const left = await product.client.getItemAnnotations({ params: { id: runId, no: 1 } });
    expect(left).toMatchObject({ scores: [], notes: [{ text: 'The authors know.' }] });
  });

  test('a human metric is changed, archived and brought back', async () => {
    const { name } = await newMetric('old', quality);
    const page = await product.open('/reviews?view=metrics');
    await product.signIn(page);
    await page.getByRole('button', { name: `Change ${name}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('renewed');
    await dialog.getByLabel('Guidelines').fill('Only what is *said* counts.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Archive renewed' }).click();
    await page.getByRole('row', { name: /renewed/ }).waitFor({ state: 'detached' });
    await page.getByRole('radiogroup').getByText('Archived').click();
    await page.getByRole('button', { name: 'Bring renewed back' }).click();
    await page.getByText('No human metric is archived').waitFor();
    const { items } = await product.client.listHumanMetrics({ query: { limit: 200 } });
    expect(items.filter(({ name }) => name === 'renewed')).toMatchObject([
      { guidelines: 'Only what is *said* counts.', archivedAt: null },
    ]);
  });

  test('nothing is wrong in any look', async () => {
    const { queue, runId } = await newQueue(
      'looked over',
      [
        { kind: 'boolean' },
        {
          kind: 'categorical',
          ordered: false,
          categories: [{ name: 'a', description: 'first' }, { name: 'b' }],
        },
        quality,
      ],
      { reviewersPerItem: 2, blind: false, guidelines: 'Read **first**, then score.' },
    );
    await scoreAll(createClient({ baseUrl: product.url, key: ann }), queue, true);
    await scoreAll(createClient({ baseUrl: product.url, key: ben }), queue, false);
    const page = await product.open('/reviews');
    await product.signIn(page);
    const looked: [path: string, shown: (page: Page) => Locator][] = [
      ['/reviews', (page) => page.getByRole('table', { name: 'Queues' })],
      ['/reviews?edit=new', (page) => page.getByRole('dialog').getByText('What to score')],
      ['/reviews?view=metrics', (page) => page.getByRole('table', { name: 'Human metrics' })],
      [
        '/reviews?view=metrics&edit=new',
        (page) => page.getByRole('dialog').getByText('Pass or fail'),
      ],
      [`/reviews/${queue.id}`, (page) => page.getByRole('table', { name: 'Items of the queue' })],
      [
        `/reviews/${queue.id}?view=agreement`,
        (page) => page.getByRole('region', { name: 'Against a judge' }).getByText('Cohen’s kappa'),
      ],
      [`/reviews/${queue.id}?view=settings`, (page) => page.getByText('Delete the queue').first()],
      [
        `/reviews/${queue.id}?add=true`,
        (page) => page.getByRole('dialog').getByText('random sample'),
      ],
      [
        `/runs/${runId}?item=1`,
        (page) => page.getByRole('region', { name: 'People' }).getByText('Ann').first(),
      ],
      [
        `/reviews/${queue.id}/score`,
        (page) => page.getByRole('heading', { name: 'Nothing is left for you' }),
      ],
    ];
    for (const [path, shown] of looked) {
      await page.goto(product.url + path);
      expect([path, await faultsOf(page, shown(page))]).toEqual([path, []]);
    }
    await product.client.updateReviewQueue({
      params: { id: queue.id },
      body: { reviewersPerItem: 3 },
    });
    await page.reload();
    expect(await faultsOf(page, scoreOf(page))).toEqual([]);
    await press(page, '?');
    const keys = page.getByRole('dialog').getByText('Cannot tell');
    expect(await faultsOf(page, keys)).toEqual([]);
  }, 180_000);

  /** Scores the whole queue through the API. */
  async function scoreAll(client: Client, queue: ReviewQueue, agrees: boolean): Promise<void> {
    const params = { id: queue.id };
    for (;;) {
      const { task } = await client.takeNextReview({ params, body: {} });
      if (!task) return;
      const [helpful, letter, points] = queue.humanMetrics.map(({ id }) => id);
      await client.submitReview({
        params: { ...params, place: task.place },
        body: {
          scores: [
            { humanMetricId: helpful ?? '', value: agrees || task.no > 0 },
            { humanMetricId: letter ?? '', value: 'a' },
            { humanMetricId: points ?? '', value: task.no + 1 },
          ],
        },
      });
    }
  }
});
