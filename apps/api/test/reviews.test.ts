import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CreateReviewQueue, HumanMetric, HumanValue, ReviewQueue } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { startTestApi, type TestApi } from './api.ts';

interface Reviewer {
  id: string;
  client: Client;
}

describe('reviews over HTTP', () => {
  let api: TestApi;
  let projectId: string;
  let lead: Reviewer;
  let ann: Reviewer;
  let ben: Reviewer;
  let viewer: Reviewer;

  const join = async (role: 'viewer' | 'editor' | 'admin', project?: string): Promise<Reviewer> => {
    const made = await api.newKey(role, project);
    projectId = made.projectId;
    return { id: made.id, client: createClient({ baseUrl: api.url, key: made.key }) };
  };

  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  // Everybody is new to each test, and so is the project.
  beforeEach(async () => {
    lead = await join('admin');
    const project = projectId;
    ann = await join('editor', project);
    ben = await join('editor', project);
    viewer = await join('viewer', project);
  });

  /** A completed run as workers would have left it: `accuracy` passes every second item; the last failed. */
  const seedRun = async (items = 6): Promise<string> => {
    const [datasetId, versionId, id] = [uuid(), uuid(), uuid()];
    await api.database.query(sql`
      insert into datasets (id, project_id, name) values (${datasetId}, ${projectId}, 'items')`);
    await api.database.query(sql`
      insert into dataset_versions (id, dataset_id, version, item_count)
      values (${versionId}, ${datasetId}, 1, ${items})`);
    await api.database.query(sql`
      insert into dataset_items (version_id, position, key, input, expected)
      select ${versionId}, i, 'item-' || i, to_json('question ' || i), to_json('answer ' || i)
      from generate_series(0, ${items - 1}) i`);
    await api.database.query(sql`
      insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
        metrics, repeats, concurrency, total, done, batch_size, batch_window)
      values (${id}, ${projectId}, 'reviewed', 'completed', ${datasetId}, ${versionId},
        ${JSON.stringify({ kind: 'recorded', recordingId: uuid() })}::json,
        '[{"metric": "exact_match", "name": "accuracy"}]'::json, 1, 10, ${items}, ${items}, 100, 10)`);
    await api.database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
      select ${id}, i, 'item-' || i, 0, case when i = ${items - 1} then 'failed' else 'completed' end,
        1, to_json('output ' || i)
      from generate_series(0, ${items - 1}) i`);
    await api.database.query(sql`
      insert into scores (run_id, no, metric, outcome, value, passed)
      select ${id}, i, 0, 'scored', (i + 1) % 2, i % 2 = 0 from generate_series(0, ${items - 2}) i`);
    return id;
  };

  const newMetric = (
    name = 'helpful',
    scale: HumanMetric['scale'] = { kind: 'boolean' },
  ): Promise<HumanMetric> => lead.client.createHumanMetric({ body: { name, scale } });

  const newQueue = async (
    change: Partial<CreateReviewQueue> & { runId?: string } = {},
  ): Promise<{ queue: ReviewQueue; runId: string }> => {
    const { runId = await seedRun(), humanMetricIds, ...rest } = change;
    const ids = humanMetricIds ?? [(await newMetric(`metric ${uuid()}`)).id];
    const { id } = await lead.client.createReviewQueue({
      body: { name: 'to review', humanMetricIds: ids, ...rest },
    });
    const { queue } = await lead.client.addReviewItems({
      params: { id },
      body: { runId, filter: {}, seed: 7 },
    });
    return { queue, runId };
  };

  const next = ({ client }: Reviewer, { id }: { id: string }, skipped = false) =>
    client.takeNextReview({ params: { id }, body: { skipped } });

  /** Scores items one after the other, as they are handed out. */
  const scoreAll = async (
    reviewer: Reviewer,
    queue: ReviewQueue,
    valueOf: (key: string, metric: HumanMetric) => HumanValue | null,
  ): Promise<string[]> => {
    const keys: string[] = [];
    for (;;) {
      const { task } = await next(reviewer, queue);
      if (!task) return keys;
      keys.push(task.key);
      await reviewer.client.submitReview({
        params: { id: queue.id, place: task.place },
        body: {
          scores: queue.humanMetrics.map((metric) => ({
            humanMetricId: metric.id,
            value: valueOf(task.key, metric),
          })),
        },
      });
    }
  };

  const passes = (key: string): boolean => Number(key.slice('item-'.length)) % 2 === 0;

  describe('human metrics', () => {
    test('are created, renamed, archived and brought back', async () => {
      const made = await newMetric('tone', {
        kind: 'categorical',
        categories: [{ name: 'polite', description: 'As in a letter' }, { name: 'rude' }],
        ordered: true,
      });
      expect(made).toMatchObject({ guidelines: null, archivedAt: null });
      const params = { id: made.id };
      const changed = await lead.client.updateHumanMetric({
        params,
        body: { name: 'manners', guidelines: 'Ask *yourself*.' },
      });
      expect(changed).toEqual({ ...made, name: 'manners', guidelines: 'Ask *yourself*.' });
      await lead.client.updateHumanMetric({ params, body: { archived: true } });
      expect((await viewer.client.listHumanMetrics({ query: {} })).items).toEqual([]);
      const archived = await viewer.client.listHumanMetrics({ query: { archived: true } });
      expect(archived.items).toMatchObject([{ id: made.id, name: 'manners' }]);
      await lead.client.updateHumanMetric({ params, body: { archived: false } });
      expect((await viewer.client.listHumanMetrics({ query: {} })).items).toEqual([changed]);
    });

    test('have names of their own, also beside archived ones', async () => {
      const { id } = await newMetric();
      await lead.client.updateHumanMetric({ params: { id }, body: { archived: true } });
      await expect(newMetric()).rejects.toMatchObject({ code: 'human_metric_name_taken' });
      const other = await newMetric('other');
      await expect(
        lead.client.updateHumanMetric({ params: { id: other.id }, body: { name: 'helpful' } }),
      ).rejects.toMatchObject({ code: 'human_metric_name_taken' });
    });

    test.each([
      [{ kind: 'numeric', min: 3, max: 3 }, 'scale.max'],
      [{ kind: 'categorical', categories: [{ name: 'a' }, { name: 'a' }] }, 'scale.categories'],
      [{ kind: 'categorical', categories: [{ name: 'a' }] }, 'scale.categories'],
      [{ kind: 'stars' }, 'scale.kind'],
    ])('are refused with the field that is wrong: %j', async (scale, field) => {
      const answer = await api.call('POST', '/api/v1/human-metrics', {
        headers: { 'X-Project': projectId },
        body: { name: 'x', scale },
      });
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({ errors: [{ field }] });
    });
  });

  describe('what people say of an item', () => {
    test('is a score for each person and metric, replaced by the next one, and taken back', async () => {
      const runId = await seedRun();
      const params = { id: runId, no: 2 };
      const { id: humanMetricId } = await newMetric('stars', {
        kind: 'numeric',
        min: 1,
        max: 5,
        step: 1,
      });
      await ann.client.setHumanScore({ params, body: { humanMetricId, value: 2 } });
      await ann.client.setHumanScore({
        params,
        body: { humanMetricId, value: 4, comment: 'on second thought' },
      });
      await ben.client.setHumanScore({ params, body: { humanMetricId, value: null } });
      const said = await viewer.client.getItemAnnotations({ params });
      expect(said).toMatchObject({
        scores: [
          { humanMetric: 'stars', by: { keyId: ann.id }, value: 4, comment: 'on second thought' },
          { humanMetric: 'stars', by: { keyId: ben.id }, value: null },
        ],
        hidden: 0,
        notes: [],
      });
      await ann.client.deleteHumanScore({ params: { ...params, humanMetricId } });
      expect((await viewer.client.getItemAnnotations({ params })).scores).toHaveLength(1);
      await expect(
        ann.client.deleteHumanScore({ params: { ...params, humanMetricId } }),
      ).rejects.toMatchObject({ status: 404, code: 'human_score_not_found' });
    });

    test.each<[HumanMetric['scale'], HumanValue[], HumanValue[]]>([
      [{ kind: 'boolean' }, [true, false], [1, 'true']],
      [{ kind: 'numeric', min: 0, max: 1, step: 0.1 }, [0, 0.3, 1], [-0.1, 1.1, 0.25, true, '1']],
      [{ kind: 'numeric', min: -2, max: 2, step: null }, [0.123, -2], [2.01]],
      [
        { kind: 'categorical', categories: [{ name: 'a' }, { name: 'b' }], ordered: false },
        ['a', 'b'],
        ['A', 'c', 1, true],
      ],
    ])('lies on the scale: %j', async (scale, taken, refused) => {
      const params = { id: await seedRun(), no: 0 };
      const { id: humanMetricId } = await newMetric('any', scale);
      for (const value of taken) {
        const score = await ann.client.setHumanScore({ params, body: { humanMetricId, value } });
        expect(score.value).toBe(value);
      }
      for (const value of refused) {
        await expect(
          ann.client.setHumanScore({ params, body: { humanMetricId, value } }),
        ).rejects.toMatchObject({ status: 400, code: 'value_off_scale' });
      }
    });

    test('are notes, which only their authors change, and admins delete', async () => {
      const params = { id: await seedRun(), no: 5 };
      const note = await ann.client.createItemNote({ params, body: { text: 'It timed out.' } });
      expect(note).toMatchObject({ by: { keyId: ann.id }, text: 'It timed out.' });
      await expect(
        ben.client.updateItemNote({ params: { id: note.id }, body: { text: 'No.' } }),
      ).rejects.toMatchObject({ status: 403, code: 'note_of_another' });
      await expect(ben.client.deleteItemNote({ params: { id: note.id } })).rejects.toMatchObject({
        status: 403,
      });
      await ann.client.updateItemNote({ params: { id: note.id }, body: { text: 'Twice.' } });
      expect((await viewer.client.getItemAnnotations({ params })).notes).toMatchObject([
        { id: note.id, text: 'Twice.' },
      ]);
      await lead.client.deleteItemNote({ params: { id: note.id } });
      expect((await viewer.client.getItemAnnotations({ params })).notes).toEqual([]);
    });

    test('is nothing to other projects, viewers, failed outputs and archived metrics', async () => {
      const runId = await seedRun();
      const { id: humanMetricId } = await newMetric();
      const body = { humanMetricId, value: true };
      await expect(
        viewer.client.setHumanScore({ params: { id: runId, no: 0 }, body }),
      ).rejects.toMatchObject({ status: 403, code: 'role_needed' });
      await expect(
        ann.client.setHumanScore({ params: { id: runId, no: 5 }, body }),
      ).rejects.toMatchObject({ status: 409, code: 'item_not_completed' });
      await expect(
        ann.client.setHumanScore({ params: { id: runId, no: 6 }, body }),
      ).rejects.toMatchObject({ status: 404, code: 'item_not_found' });
      const stranger = await join('admin');
      await expect(
        stranger.client.getItemAnnotations({ params: { id: runId, no: 0 } }),
      ).rejects.toMatchObject({ status: 404, code: 'item_not_found' });
      await lead.client.updateHumanMetric({
        params: { id: humanMetricId },
        body: { archived: true },
      });
      await expect(
        ann.client.setHumanScore({ params: { id: runId, no: 0 }, body }),
      ).rejects.toMatchObject({ status: 409, code: 'human_metric_archived' });
    });
  });

  describe('a queue', () => {
    test('takes the completed items of a run once, in an order that follows from the seed', async () => {
      const { queue, runId } = await newQueue();
      const params = { id: queue.id };
      expect(queue).toMatchObject({ items: 5, complete: 0, reviews: 0, mine: { open: 5 } });
      const again = await lead.client.addReviewItems({ params, body: { runId, filter: {} } });
      expect(again).toMatchObject({ added: 0, present: 5, queue: { items: 5 } });
      const { items } = await viewer.client.listReviewItems({ params, query: {} });
      expect(items.map(({ place }) => place)).toEqual([0, 1, 2, 3, 4]);
      expect(new Set(items.map(({ no }) => no))).toEqual(new Set([0, 1, 2, 3, 4]));
      const { queue: other } = await newQueue({ runId });
      const order = await viewer.client.listReviewItems({ params: { id: other.id }, query: {} });
      expect(order.items.map(({ no }) => no)).toEqual(items.map(({ no }) => no));
    });

    test('takes what a filter finds, a sample of it, or items by their places', async () => {
      const runId = await seedRun(41);
      const { id } = await lead.client.createReviewQueue({
        body: { name: 'parts', humanMetricIds: [(await newMetric()).id] },
      });
      const add = (body: object) =>
        lead.client.addReviewItems({ params: { id }, body: { runId, ...body } });
      expect(await add({ filter: { metric: 'accuracy', passed: false } })).toMatchObject({
        added: 20,
      });
      expect(await add({ filter: { search: 'OUTPUT 3' } })).toMatchObject({ added: 5, present: 6 });
      const sampled = await add({ filter: {}, sample: 7, seed: 1 });
      expect(sampled.added + sampled.present).toBe(7);
      expect(sampled.queue.items).toBe(25 + sampled.added);
      expect(await add({ nos: [0, 40, 40] })).toMatchObject({ notCompleted: 1 });
      await expect(add({ filter: { metric: 'none', passed: true } })).rejects.toMatchObject({
        code: 'unknown_metric',
      });
      await expect(add({})).rejects.toMatchObject({ status: 400 });
    });

    test('draws samples in which each item is as likely as any other', async () => {
      const runId = await seedRun(11);
      const { id } = await newMetric();
      const drawn = Array<number>(10).fill(0);
      for (let seed = 0; seed < 60; seed += 1) {
        const queue = await lead.client.createReviewQueue({
          body: { name: `sample ${seed}`, humanMetricIds: [id] },
        });
        const params = { id: queue.id };
        await lead.client.addReviewItems({ params, body: { runId, filter: {}, sample: 3, seed } });
        const { items } = await lead.client.listReviewItems({ params, query: {} });
        expect(items).toHaveLength(3);
        for (const { no } of items) drawn[no] = (drawn[no] ?? 0) + 1;
      }
      // 180 draws, 18 of each item; what chance alone puts outside of this comes once in 10,000 times.
      const chiSquare = drawn.reduce((sum, times) => sum + (times - 18) ** 2 / 18, 0);
      expect(chiSquare).toBeLessThan(33.7);
    });

    test('is changed, deleted and restored, and then goes on where it was', async () => {
      const { queue } = await newQueue({ reviewersPerItem: 2 });
      const params = { id: queue.id };
      await scoreAll(ann, queue, () => true);
      const before = await lead.client.getReviewQueue({ params });
      expect(before).toMatchObject({
        complete: 0,
        reviews: 5,
        people: [{ keyId: ann.id, done: 5 }],
      });
      const one = await lead.client.updateReviewQueue({ params, body: { reviewersPerItem: 1 } });
      expect(one).toMatchObject({ complete: 5, reviewersPerItem: 1 });
      expect(one.version).toBeGreaterThan(before.version);
      await lead.client.deleteReviewQueue({ params });
      expect((await lead.client.listReviewQueues({ query: {} })).items).toEqual([]);
      await expect(next(ben, queue)).rejects.toMatchObject({ code: 'review_queue_deleted' });
      await lead.client.restoreReviewQueue({ params });
      expect((await lead.client.listReviewQueues({ query: {} })).items).toMatchObject([
        { id: queue.id, complete: 5 },
      ]);
    });

    test('lets items go, with what was counted of them', async () => {
      const { queue } = await newQueue();
      const params = { id: queue.id };
      await scoreAll(ann, queue, () => true);
      await lead.client.deleteReviewItem({ params: { ...params, place: 1 } });
      expect(await lead.client.getReviewQueue({ params })).toMatchObject({
        items: 4,
        complete: 4,
        reviews: 4,
        mine: { open: 0 },
      });
      await expect(
        lead.client.deleteReviewItem({ params: { ...params, place: 1 } }),
      ).rejects.toMatchObject({ code: 'review_item_not_found' });
    });

    test('belongs to its project, and viewers only look at it', async () => {
      const { queue } = await newQueue();
      await expect(next(viewer, queue)).rejects.toMatchObject({ status: 403 });
      const stranger = await join('admin');
      await expect(
        stranger.client.getReviewQueue({ params: { id: queue.id } }),
      ).rejects.toMatchObject({ status: 404, code: 'review_queue_not_found' });
      await expect(next(stranger, queue)).rejects.toMatchObject({ status: 404 });
    });
  });

  describe('scoring', () => {
    test('hands each item to as many people as are asked to score it', async () => {
      const { queue } = await newQueue();
      const first = await next(ann, queue);
      const second = await next(ben, queue);
      expect(first.task?.place).toBe(0);
      expect(second.task?.place).toBe(1);
      // Asked again, the item that one holds comes again.
      expect((await next(ann, queue)).task?.place).toBe(0);
      const keys = [
        ...(await scoreAll(ann, queue, () => true)),
        ...(await scoreAll(ben, queue, () => true)),
      ];
      expect(keys.toSorted()).toEqual(['item-0', 'item-1', 'item-2', 'item-3', 'item-4']);
      expect(await next(lead, queue)).toMatchObject({
        task: null,
        heldByOthers: 0,
        queue: { complete: 5, reviews: 5 },
      });
    });

    test('at once by many gives each item to as many, and loses nothing', async () => {
      const { queue } = await newQueue({ runId: await seedRun(21), reviewersPerItem: 2 });
      const people = [lead, ann, ben, await join('editor', projectId)];
      const keys = (
        await Promise.all(people.map((one) => scoreAll(one, queue, () => true)))
      ).flat();
      const { items } = await lead.client.listReviewItems({
        params: { id: queue.id },
        query: { complete: true, limit: 200 },
      });
      expect(items.map(({ reviews }) => reviews)).toEqual(Array(20).fill(2));
      expect(keys).toHaveLength(40);
      expect(await lead.client.getReviewQueue({ params: { id: queue.id } })).toMatchObject({
        complete: 20,
        reviews: 40,
      });
    });

    test('gives an item to others once who held it has been silent for too long', async () => {
      const { queue } = await newQueue();
      const held = await next(ann, queue);
      await scoreAll(ben, queue, () => true);
      expect(await next(ben, queue)).toMatchObject({ task: null, heldByOthers: 1 });
      await api.database.query(sql`
        update reviews set held_until = now() - interval '1 second'
        where queue_id = ${queue.id} and key_id = ${ann.id}`);
      const { task } = await next(ben, queue);
      expect(task?.key).toBe(held.task?.key);
      await scoreAll(ben, queue, () => true);
      // What comes late is kept all the same.
      const late = await ann.client.submitReview({
        params: { id: queue.id, place: held.task?.place ?? -1 },
        body: { scores: queue.humanMetrics.map(({ id }) => ({ humanMetricId: id, value: false })) },
      });
      expect(late).toMatchObject({ complete: 5, reviews: 6, mine: { done: 1 } });
    });

    test('shows neither run nor scores nor others where the queue is blind', async () => {
      const { queue, runId } = await newQueue({ reviewersPerItem: 2, showExpected: false });
      const { task } = await next(ann, queue);
      const params = { id: runId, no: task?.no ?? -1 };
      expect(task).toMatchObject({
        runName: null,
        scores: null,
        expected: null,
        output: `output ${task?.no}`,
        input: `question ${task?.no}`,
        mine: { state: 'held', scores: [], note: null },
      });
      await scoreAll(ben, queue, () => false);
      await ben.client.createItemNote({ params, body: { text: 'Wrong, I think.' } });
      expect(await ann.client.getItemAnnotations({ params })).toMatchObject({
        scores: [],
        hidden: 1,
        notes: [],
      });
      expect(await lead.client.getItemAnnotations({ params })).toMatchObject({ hidden: 0 });
      await scoreAll(ann, queue, () => true);
      const seen = await ann.client.getItemAnnotations({ params });
      expect(seen.scores).toHaveLength(2);
      expect(seen.notes).toHaveLength(1);
    });

    test('shows them where it is not', async () => {
      const { queue } = await newQueue({ blind: false });
      const { task } = await next(ann, queue);
      expect(task).toMatchObject({
        runName: 'reviewed',
        expected: `answer ${task?.no}`,
        scores: [{ name: 'accuracy', value: task?.no === undefined ? null : task.no % 2 === 0 }],
      });
    });

    test('asks for every metric on its scale, and takes "cannot tell"', async () => {
      const tone = await newMetric('tone', {
        kind: 'categorical',
        categories: [{ name: 'polite' }, { name: 'rude' }],
        ordered: false,
      });
      const stars = await newMetric('stars', { kind: 'numeric', min: 1, max: 5, step: 1 });
      const { queue, runId } = await newQueue({ humanMetricIds: [stars.id, tone.id] });
      expect(queue.humanMetrics.map(({ name }) => name)).toEqual(['stars', 'tone']);
      const { task } = await next(ann, queue);
      const params = { id: queue.id, place: task?.place ?? -1 };
      const submit = (scores: { humanMetricId: string; value: HumanValue | null }[]) =>
        ann.client.submitReview({ params, body: { scores, note: 'Short.' } });
      const starred = { humanMetricId: stars.id, value: 3 };
      await expect(submit([starred])).rejects.toMatchObject({ code: 'score_missing' });
      await expect(submit([starred, starred])).rejects.toMatchObject({ code: 'score_not_asked' });
      const { id: humanMetricId } = await newMetric('not asked');
      await expect(submit([starred, { humanMetricId, value: true }])).rejects.toMatchObject({
        code: 'score_not_asked',
      });
      await expect(
        submit([starred, { humanMetricId: tone.id, value: 'kind' }]),
      ).rejects.toMatchObject({ code: 'value_off_scale', errors: [{ field: 'scores.1.value' }] });
      // What is refused leaves nothing behind.
      const item = { id: runId, no: task?.no ?? -1 };
      expect(await lead.client.getItemAnnotations({ params: item })).toMatchObject({
        scores: [],
        notes: [],
      });
      await submit([starred, { humanMetricId: tone.id, value: null }]);
      expect(await lead.client.getItemAnnotations({ params: item })).toMatchObject({
        scores: [
          { humanMetric: 'stars', value: 3 },
          { humanMetric: 'tone', value: null },
        ],
        notes: [{ text: 'Short.' }],
      });
    });

    test('is changed afterwards, with its note, and counted once', async () => {
      const { queue, runId } = await newQueue();
      const { task } = await next(ann, queue);
      const params = { id: queue.id, place: task?.place ?? -1 };
      const humanMetricId = queue.humanMetrics[0]?.id ?? '';
      const submit = (value: boolean, note: string | null) =>
        ann.client.submitReview({ params, body: { scores: [{ humanMetricId, value }], note } });
      await submit(true, 'Good.');
      expect(await submit(false, 'Not so good.')).toMatchObject({ complete: 1, reviews: 1 });
      expect(await ann.client.getReviewTask({ params })).toMatchObject({
        mine: { state: 'done', scores: [{ value: false }], note: 'Not so good.' },
        heldUntil: null,
      });
      const item = { id: runId, no: task?.no ?? -1 };
      expect((await ben.client.getItemAnnotations({ params: item })).notes).toHaveLength(1);
      await submit(false, null);
      expect((await ben.client.getItemAnnotations({ params: item })).notes).toEqual([]);
      await expect(
        ann.client.deleteHumanScore({ params: { ...item, humanMetricId } }),
      ).rejects.toMatchObject({ code: 'score_of_review' });
      await expect(ben.client.getReviewTask({ params })).rejects.toMatchObject({
        code: 'review_not_taken',
      });
    });

    test('skips items, which come again when they are asked for, in turn', async () => {
      const { queue } = await newQueue();
      const places: number[] = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const { task } = await next(ann, queue);
        places.push(task?.place ?? -1);
        await ann.client.submitReview({
          params: { id: queue.id, place: task?.place ?? -1 },
          body: { skip: true },
        });
      }
      expect(places).toEqual([0, 1, 2, 3, 4]);
      expect(await next(ann, queue)).toMatchObject({
        task: null,
        queue: { mine: { done: 0, skipped: 5, open: 5 } },
      });
      const { task } = await next(ann, queue, true);
      expect(task?.place).toBe(0);
      await ann.client.submitReview({
        params: { id: queue.id, place: 0 },
        body: { skip: true },
      });
      expect((await next(ann, queue, true)).task?.place).toBe(1);
    });

    test('leaves out items of deleted runs, and says so', async () => {
      const { queue, runId } = await newQueue();
      await lead.client.deleteRun({ params: { id: runId } });
      expect(await next(ann, queue)).toMatchObject({
        task: null,
        ofDeletedRuns: 5,
        heldByOthers: 0,
      });
      await lead.client.restoreRun({ params: { id: runId } });
      expect((await next(ann, queue)).task).not.toBeNull();
    });
  });

  describe('agreement', () => {
    test('among people is counted on what both have scored', async () => {
      const runId = await seedRun(41);
      const { queue } = await newQueue({ runId, reviewersPerItem: 2 });
      const query = { humanMetricId: queue.humanMetrics[0]?.id ?? '' };
      const params = { id: queue.id };
      const nobody = await viewer.client.getReviewAgreement({ params, query });
      expect(nobody).toMatchObject({ items: 0, summary: 'Nobody has scored an item yet.' });
      await scoreAll(ann, queue, passes);
      await scoreAll(ben, queue, (key) =>
        key === 'item-0' ? null : passes(key) || key === 'item-1',
      );
      const agreement = await viewer.client.getReviewAgreement({ params, query });
      expect(agreement).toMatchObject({
        items: 40,
        pairable: 39,
        cannotTell: 1,
        level: 'nominal',
        people: [
          { keyId: ann.id, scores: 40, mean: 0.5 },
          { keyId: ben.id, scores: 39, mean: 20 / 39 },
        ],
        pairs: [{ n: 39, agreement: 38 / 39 }],
        percentAgreement: 38 / 39,
        disagreements: [{ key: 'item-1', no: 1, values: [{ value: false }, { value: true }] }],
        judges: [{ runId, metrics: ['accuracy'] }],
      });
      expect(agreement.alpha.value).toBeCloseTo(0.9494, 4);
      expect(agreement.summary).toContain('alpha of 0.95');
    });

    test('with a judge is that of what people say together', async () => {
      const runId = await seedRun(41);
      const { queue } = await newQueue({ runId, reviewersPerItem: 2 });
      await scoreAll(ann, queue, passes);
      // They disagree on one, and both differ from the judge on another one.
      await scoreAll(ben, queue, (key) => passes(key) !== (key === 'item-4'));
      const humanMetricId = queue.humanMetrics[0]?.id ?? '';
      await ann.client.setHumanScore({
        params: { id: runId, no: 7 },
        body: { humanMetricId, value: true },
      });
      await ben.client.setHumanScore({
        params: { id: runId, no: 7 },
        body: { humanMetricId, value: true },
      });
      const answer = await viewer.client.getJudgeAgreement({
        params: { id: queue.id },
        query: { humanMetricId, runId, metric: 'accuracy' },
      });
      expect(answer).toMatchObject({
        labelled: 39,
        tied: 1,
        calibration: { comparedAs: 'yes_no', n: 39, agreement: { value: 38 / 39 } },
        disagreements: [{ key: 'item-7', no: 7, human: 'true', judge: 'false' }],
      });
      await expect(
        viewer.client.getJudgeAgreement({
          params: { id: queue.id },
          query: { humanMetricId, runId, metric: 'none' },
        }),
      ).rejects.toMatchObject({ code: 'unknown_metric' });
    });

    test('with a judge on numbers is that of their mean', async () => {
      const runId = await seedRun(41);
      const stars = await newMetric('stars', { kind: 'numeric', min: 0, max: 1, step: 0.5 });
      const { queue } = await newQueue({ runId, reviewersPerItem: 2, humanMetricIds: [stars.id] });
      await scoreAll(ann, queue, (key) => (passes(key) ? 1 : 0));
      await scoreAll(ben, queue, (key) => (passes(key) ? 0.5 : 0));
      const answer = await viewer.client.getJudgeAgreement({
        params: { id: queue.id },
        query: { humanMetricId: stars.id, runId, metric: 'accuracy', threshold: 0.7 },
      });
      expect(answer).toMatchObject({
        labelled: 40,
        tied: 0,
        calibration: { agreement: { value: 1 } },
      });
      expect(
        await viewer.client.getReviewAgreement({
          params: { id: queue.id },
          query: { humanMetricId: stars.id },
        }),
      ).toMatchObject({ level: 'interval', pairable: 40, percentAgreement: 0.5 });
    });

    test('is exported line by line, in both formats', async () => {
      const { queue } = await newQueue({ reviewersPerItem: 2 });
      await scoreAll(ann, queue, passes);
      await scoreAll(ben, queue, () => null);
      const path = `/api/v1/review-queues/${queue.id}/export`;
      const headers = { 'X-Project': projectId };
      const ndjson = await api.call('GET', path, { headers });
      const lines = ndjson.text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      expect(lines).toHaveLength(10);
      expect(lines).toContainEqual(
        expect.objectContaining({
          key: 'item-3',
          value: false,
          input: 'question 3',
          expected: 'answer 3',
          output: 'output 3',
        }),
      );
      const csv = await api.call('GET', `${path}?format=csv`, { headers });
      expect(csv.headers.get('content-disposition')).toContain('to-review-reviews.csv');
      const rows = csv.text.trimEnd().split('\n');
      expect(rows).toHaveLength(11);
      expect(rows[0]).toMatch(/^place,run_id,no,key,/);
    });
  });
});
