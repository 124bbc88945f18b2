import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runListLimits, runViewLimits } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { ApiError, createClient, type Client } from '#libs/sdk';
import { seededModels, seedRuns, type SeededRuns } from '#test/seed-runs';
import { createWorld, type World } from '#test/world';
import { startApiOn, type TestApi } from './api.ts';

let world: World;
let api: Omit<TestApi, 'dropDatabase'>;
let seeded: SeededRuns;
let editor: Client;
let viewer: Client;
let editorId: string;
let stranger: Client;

beforeAll(async () => {
  world = await createWorld('postgresql');
  api = await startApiOn(world);
  const { projectId } = world;
  const clientOf = async (role: 'editor' | 'viewer', project?: string) => {
    const { key, id } = await api.newKey(role, project);
    return { id, client: createClient({ baseUrl: api.url, key }) };
  };
  ({ client: editor, id: editorId } = await clientOf('editor', projectId));
  ({ client: viewer } = await clientOf('viewer', projectId));
  ({ client: stranger } = await clientOf('editor'));
  seeded = await seedRuns(world.database, { projectId, count: 60 });
});
afterAll(async () => {
  await api.close();
  await world.close();
});

const run = (n: number): string => seeded.runIds[n] ?? '';
const refusalOf = async (call: Promise<unknown>): Promise<ApiError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};
const tagsOf = async (n: number): Promise<string[]> =>
  (await editor.getRun({ params: { id: run(n) } })).tags;

describe('filters in the address', () => {
  test('are given once, or several times', async () => {
    const list = await viewer.listRuns({
      query: { state: ['failed', 'canceled'], model: seededModels[4], limit: 5 },
    });
    expect(list.items.map(({ id }) => id)).toEqual([9, 19, 24, 29, 39].map(run));
    const once = await api.call('GET', `/api/v1/runs?state=failed&tag=release`);
    expect(once.status).toBe(200);
    const filter = { name: 'OF CAPITALS', mean: ['accuracy:0:', 'brevity::1'] };
    const { count } = await viewer.countRuns({ query: filter });
    expect(count).toBe((await viewer.listRuns({ query: filter })).items.length);
    expect(count).toBeGreaterThan(5);
  });

  test.each([
    ['state=done', 'state.0'],
    ['state=failed&state=done', 'state.1'],
    ['datasetId=7', 'datasetId.0'],
    ['mean=accuracy', 'mean.0'],
    ['mean=accuracy:a:b', 'mean.0'],
    ['mean=accuracy::', 'mean.0'],
    ['createdFrom=yesterday', 'createdFrom'],
    ['sort=cost', 'sort'],
    ['sort=mean', 'metric'],
  ])('of which %s is refused with the field', async (query, field) => {
    const answer = await api.call('GET', `/api/v1/runs?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ errors: [{ field }] });
  });

  test('offer what there is, and nothing of other projects', async () => {
    const { models, datasets } = await viewer.getRunFacets();
    expect([models.length, datasets.length]).toEqual([5, 4]);
    expect(await stranger.getRunFacets()).toMatchObject({ models: [], datasets: [] });
    expect(await stranger.countRuns({ query: {} })).toEqual({ count: 0, more: false });
  });
});

test('a run knows whose key made it', async () => {
  const body = {
    name: 'made by an editor',
    datasetId: await world.seedDataset(1),
    target: { kind: 'client' as const },
    metrics: [{ metric: 'exact_match' }],
  };
  const made = await editor.submitRun({ body });
  expect(made.createdBy).toEqual({ keyId: editorId, name: 'a editor' });
  const clone = await editor.cloneRun({ params: { id: made.id }, body: {} });
  const { items } = await viewer.listRuns({ query: { createdBy: editorId } });
  expect(items.map(({ id }) => id)).toEqual([clone.id, made.id]);
  expect((await viewer.getRun({ params: { id: run(0) } })).createdBy).toBeNull();
  const { createdBy } = await viewer.getRunFacets();
  expect(createdBy).toEqual([{ keyId: editorId, name: 'a editor' }]);
});

describe('one order for many runs', () => {
  const done = (runId: string) => ({ runId, done: true, refusal: null });
  const refused = (runId: string, code: string) => ({
    runId,
    done: false,
    refusal: expect.objectContaining({ code }),
  });

  test('tags are added and removed, and others stay', async () => {
    const before = await editor.getRun({ params: { id: run(0) } });
    expect(before.tags).toEqual(['nightly', 'release']);
    const runIds = [run(0), run(1), uuid()];
    const { items } = await editor.changeRuns({
      body: {
        action: 'tag',
        runIds,
        add: ['kept, with a comma', 'both'],
        remove: ['release', 'both'],
      },
    });
    expect(items).toEqual([done(run(0)), done(run(1)), refused(runIds[2] ?? '', 'run_not_found')]);
    expect(await tagsOf(0)).toEqual(['nightly', 'kept, with a comma', 'both']);
    expect(await tagsOf(1)).toEqual(['kept, with a comma', 'both']);
    const { items: found } = await viewer.listRuns({ query: { tag: ['kept, with a comma'] } });
    expect(found.map(({ id }) => id)).toEqual([run(0), run(1)]);
    const { version } = await editor.getRun({ params: { id: run(0) } });
    expect(version).toBe(before.version + 1);
    await editor.changeRuns({ body: { action: 'tag', runIds: [run(0)], add: ['both'] } });
    expect(await editor.getRun({ params: { id: run(0) } })).toMatchObject({ version });
  });

  test('no run gets more tags than it may have', async () => {
    const add = Array.from({ length: 50 }, (_, at) => `tag ${at}`);
    const { items } = await editor.changeRuns({
      body: { action: 'tag', runIds: [run(4), run(5)], add },
    });
    expect(items).toEqual([refused(run(4), 'too_many_tags'), done(run(5))]);
    expect([await tagsOf(4), await tagsOf(5)]).toEqual([['nightly'], add]);
  });

  test('what goes is canceled, and what is over says so', async () => {
    const open = await world.submit({
      datasetId: await world.seedDataset(3),
      target: { kind: 'client' },
    });
    const { items } = await editor.changeRuns({
      body: { action: 'cancel', runIds: [run(2), open.id, run(24)] },
    });
    // The last is canceled already.
    expect(items).toEqual([refused(run(2), 'run_state'), done(open.id), done(run(24))]);
    const canceled = await editor.getRun({ params: { id: open.id } });
    expect(canceled.state).toBe('canceled');
    expect(canceled.finishedAt).not.toBeNull();
  });

  test('what has failed is retried, each for itself', async () => {
    const datasetId = await world.seedDataset(2);
    const worker = await world.startWorker();
    const recordingId = await world.seedRecording(2, (i) => (i === 0 ? 'right' : undefined));
    const target = { kind: 'recorded' as const, recordingId };
    const failed = await world.submit({ datasetId, target });
    const before = await world.waitForState(failed.id, 'completed');
    expect(before.failed).toBe(1);
    await worker.stop();
    const { items } = await editor.changeRuns({
      body: { action: 'retry', runIds: [failed.id, run(3), run(24)] },
    });
    expect(items).toEqual([
      done(failed.id),
      refused(run(3), 'nothing_to_retry'),
      refused(run(24), 'run_state'),
    ]);
    const again = await editor.getRun({ params: { id: failed.id } });
    expect(again).toMatchObject({ state: 'running', done: 1, failed: 0 });
    const going = await editor.changeRuns({ body: { action: 'delete', runIds: [failed.id] } });
    expect(going.items).toEqual([refused(failed.id, 'run_state')]);
    await editor.cancelRun({ params: { id: failed.id } });
  });

  test('runs are deleted and restored, and it is written down who did it', async () => {
    const runIds = [run(10), run(11)];
    const { items } = await editor.changeRuns({ body: { action: 'delete', runIds } });
    expect(items).toEqual(runIds.map(done));
    const deleted = await viewer.listRuns({ query: { deleted: true } });
    expect(deleted.items.map(({ id }) => id)).toEqual(runIds);
    const tag = await editor.changeRuns({ body: { action: 'tag', runIds, add: ['x'] } });
    expect(tag.items).toEqual(runIds.map((id) => refused(id, 'run_deleted')));
    await editor.changeRuns({ body: { action: 'restore', runIds } });
    expect((await viewer.listRuns({ query: { id: runIds } })).items).toHaveLength(2);
    const events = await world.database.query<{ action: string; key_id: string }>(sql`
      select action, key_id from audit_events where target = ${run(10)} order by at, id`);
    expect(events).toEqual([
      { action: 'run.delete', key_id: editorId },
      { action: 'run.restore', key_id: editorId },
    ]);
  });

  test('is for editors of the project, and for a bounded number', async () => {
    const order = { action: 'delete' as const, runIds: [run(12)] };
    expect(await refusalOf(viewer.changeRuns({ body: order }))).toMatchObject({ status: 403 });
    const { items } = await stranger.changeRuns({ body: order });
    expect(items).toEqual([refused(run(12), 'run_not_found')]);
    const many = Array.from({ length: runListLimits.changed + 1 }, () => uuid());
    const tooMany = await refusalOf(editor.changeRuns({ body: { ...order, runIds: many } }));
    expect(tooMany.errors).toMatchObject([
      { field: 'runIds', message: 'at most 500 runs at once' },
    ]);
    const twice = { ...order, runIds: [run(12), run(12)] };
    expect((await refusalOf(editor.changeRuns({ body: twice }))).status).toBe(400);
  });
});

describe('saved views', () => {
  test('are made, listed by name, changed and deleted, by editors, for their project', async () => {
    const failed = { state: ['failed'], sort: 'duration' };
    const made = await editor.createRunView({ body: { name: 'Slow failures', search: failed } });
    await editor.createRunView({ body: { name: 'Best', search: { sort: 'mean' } } });
    const { items } = await viewer.listRunViews();
    expect(items.map(({ name, search }) => [name, search])).toEqual([
      ['Best', { sort: 'mean' }],
      ['Slow failures', failed],
    ]);
    expect(await viewer.listRunViews({ query: { limit: 1, cursor: undefined } })).toMatchObject({
      items: [{ name: 'Best' }],
    });
    const { nextCursor } = await viewer.listRunViews({ query: { limit: 1 } });
    expect(await viewer.listRunViews({ query: { cursor: nextCursor ?? '' } })).toMatchObject({
      items: [{ name: 'Slow failures' }],
      nextCursor: null,
    });

    const params = { id: made.id };
    const taken = await refusalOf(editor.updateRunView({ params, body: { name: 'Best' } }));
    expect(taken).toMatchObject({ status: 409, code: 'view_name_taken' });
    const again = { name: 'Best', search: {} };
    expect(await refusalOf(editor.createRunView({ body: again }))).toMatchObject({
      code: 'view_name_taken',
    });
    const renamed = await editor.updateRunView({ params, body: { name: 'Failures' } });
    expect(renamed).toMatchObject({ name: 'Failures', search: failed });
    await editor.updateRunView({ params, body: { search: {} } });

    expect((await stranger.listRunViews()).items).toEqual([]);
    expect((await refusalOf(stranger.deleteRunView({ params }))).code).toBe('view_not_found');
    expect((await refusalOf(viewer.deleteRunView({ params }))).status).toBe(403);
    await editor.deleteRunView({ params });
    expect((await viewer.listRunViews()).items.map(({ name }) => name)).toEqual(['Best']);
    expect(await refusalOf(editor.updateRunView({ params, body: again }))).toMatchObject({
      code: 'view_name_taken',
    });
    expect(await refusalOf(editor.updateRunView({ params, body: { name: 'New' } }))).toMatchObject({
      status: 404,
      code: 'view_not_found',
    });
  });

  test('are of a bounded number and size', async () => {
    const { items } = await stranger.listRunViews();
    expect(items).toEqual([]);
    const { projectId } = await api.newKey('editor');
    const { key } = await api.newKey('editor', projectId);
    const full = createClient({ baseUrl: api.url, key });
    await world.database.query(sql`
      insert into run_views (id, project_id, name, search)
      select gen_random_uuid(), ${projectId}, 'view ' || n, '{}'
      from generate_series(1, ${runViewLimits.views}::int) as g (n)`);
    const one = { name: 'one more', search: {} };
    expect(await refusalOf(full.createRunView({ body: one }))).toMatchObject({
      status: 409,
      code: 'too_many_views',
    });
    const large = { name: 'large', search: { q: 'x'.repeat(runViewLimits.search) } };
    expect(await refusalOf(editor.createRunView({ body: large }))).toMatchObject({ status: 400 });
  });
});
