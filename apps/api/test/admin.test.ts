import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createAdmin } from '#libs/admin';
import { createLogger } from '#libs/config';
import {
  apiReplica,
  auditEvent,
  failedItem,
  failedJob,
  failureCount,
  operations,
  queue,
  retriedFailures,
  scaling,
  worker,
  type AuditEvent,
  type Operation,
  type Scaling,
} from '#libs/contracts';
import { sql } from '#libs/database';
import { forgetOldProcesses, joinReplicas } from '#libs/fleet';
import { expectExact } from '#test/exact';
import { SMALL_BATCH } from '#test/batches';
import { createHold } from '#test/hold';
import { board, liveJobs } from '#test/jobs';
import { waitFor } from '#test/wait';
import { backends, createWorld, type World } from '#test/world';
import { z } from 'zod';
import { refusal, startApiOn, type Answer, type TestApi } from './api.ts';

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

const sorted = (numbers: (number | null)[]) => numbers.toSorted((a, b) => (a ?? -1) - (b ?? -1));

describe.each(backends)('the administration on %s', (kind) => {
  let world: World;
  let api: Omit<TestApi, 'dropDatabase'>;
  let stop: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    world = await createWorld(kind);
    api = await startApiOn(world);
  });
  afterEach(async () => {
    await Promise.all(stop.map((one) => one()));
    stop = [];
  });
  afterAll(async () => {
    await api.close();
    await world.close();
  });

  const startWorker = async (...how: Parameters<World['startWorker']>) => {
    const process = await world.startWorker(...how);
    stop.push(() => process.stop());
    return process;
  };
  const get = async <Schema extends z.ZodType>(path: string, schema: Schema) => {
    const answer = await api.call('GET', `/api/v1/admin/${path}`);
    expect([path, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([
      path,
      200,
      '',
    ]);
    return schema.parse(answer.json);
  };
  const post = (path: string, body: unknown = {}): Promise<Answer> =>
    api.call('POST', `/api/v1/admin/${path}`, { body });
  const queueNamed = async (name: string) => {
    const { items } = await get('queues', listOf(queue));
    const found = items.find((one) => one.name === name);
    if (!found) throw new Error(`there is no queue ${name}`);
    return found;
  };
  const retried = async (body: unknown) => {
    const answer = await post('retries', body);
    expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
    return retriedFailures.parse(answer.json);
  };
  const audit = async (query = '') => (await get(`audit${query}`, listOf(auditEvent))).items;
  const submit = async (items: number, outputOf?: (index: number) => unknown) => {
    const recordingId = await world.seedRecording(items, outputOf);
    const run = await world.submit({
      datasetId: await world.seedDataset(items),
      target: { kind: 'recorded', recordingId },
    });
    return { ...run, recordingId };
  };
  const addMissing = (recordingId: string, missing: number) =>
    world.database.query(sql`
      insert into recorded_outputs (recording_id, key, repeat, output)
      select ${recordingId}, 'item-' || n, 0, to_json(n::text)
      from generate_series(0, ${missing - 1}::int) as n`);

  test('is for admin keys of the instance only', async () => {
    const all: Operation[] = Object.values(operations);
    const here = all.filter(({ path }) => path.startsWith('/admin/'));
    expect(here.length).toBeGreaterThan(10);
    const admin = await api.newKey('admin');
    const editor = await api.newKey('editor', admin.projectId);
    for (const { method, path } of here) {
      const at = `/api/v1${path.replace('{queue}', 'batches')}`;
      const body = method === 'GET' ? {} : { body: { confirm: 'batches' } };
      const none = await api.call(method, at, { ...body, key: null });
      expect([at, refusal(none).code]).toEqual([at, 'unauthenticated']);
      const ofEditor = await api.call(method, at, { ...body, key: editor.key });
      expect([at, refusal(ofEditor).code]).toEqual([at, 'role_needed']);
      const ofAdmin = await api.call(method, at, { ...body, key: admin.key });
      expect([at, refusal(ofAdmin).code]).toEqual([at, 'instance_key_needed']);
    }
  });

  test('pauses a queue and resumes it: what waits is counted, and then done', async () => {
    await startWorker();
    expect((await post('queues/batches/pause')).json).toMatchObject({ paused: true });
    const run = await submit(4 * SMALL_BATCH);
    const paused = await waitFor(async () => {
      const now = await queueNamed('batches');
      return now.waiting === 4 ? now : undefined;
    });
    expect(paused).toMatchObject({ paused: true, active: 0 });
    expect(paused.oldestWaitSeconds).toBeGreaterThanOrEqual(0);
    // The reconciler takes none of them for lost.
    expect(await liveJobs(world, 'runs')).toBe(0);
    const { queues, workers } = await get('scaling', scaling);
    expect(queues[0]).toMatchObject({
      name: 'batches',
      backlog: 4 * SMALL_BATCH,
      paused: true,
      workersWanted: 0,
    });
    expect(workers.wanted).toBe(0);

    expect((await post('queues/batches/resume')).json).toMatchObject({ paused: false });
    await world.waitForState(run.id, 'completed');
    expect(await queueNamed('batches')).toMatchObject({ waiting: 0, oldestWaitSeconds: null });
    await expectExact(world, run.id);
    const attempts = await world.database.query(sql`
      select distinct attempt from run_batches where run_id = ${run.id}`);
    expect(attempts).toEqual([{ attempt: 1 }]);
  });

  test.each(['drain', 'obliterate'])(
    '%s in the middle of a run, said twice, costs nothing but time',
    async (action) => {
      const hold = createHold(3);
      await startWorker({ workerConcurrency: 2 }, hold.tools);
      const run = await submit(2_000);
      await hold.reached(5);
      for (const body of [{}, { confirm: 'calls' }, { confirm: true }]) {
        const refused = await post(`queues/batches/${action}`, body);
        expect(refused.status).toBe(400);
      }
      expect(await liveJobs(world, 'batches')).toBeGreaterThan(2);
      const done = await post(`queues/batches/${action}`, { confirm: 'batches' });
      expect([done.status, done.json]).toMatchObject([200, { paused: false }]);
      const steps = await post(`queues/runs/${action}`, { confirm: 'runs' });
      expect(steps.status).toBe(200);
      hold.release();
      await world.waitForState(run.id, 'completed', 40_000);
      await expectExact(world, run.id);
      expect(await world.runs.get(world.projectId, run.id)).toMatchObject({
        done: 2_000,
        failed: 0,
        summary: [{ n: 2_000, mean: 1 }],
      });
    },
    60_000,
  );

  test('an obliterated queue that was paused stays paused', async () => {
    await post('queues/calls/pause');
    const emptied = await post('queues/calls/obliterate', { confirm: 'calls' });
    expect(emptied.json).toMatchObject({ name: 'calls', paused: true, waiting: 0, failed: 0 });
    expect((await post('queues/calls/resume')).json).toMatchObject({ paused: false });
  });

  test('failed jobs are found by run and time, and a selection of them is tried again', async () => {
    await startWorker();
    await post('queues/batches/obliterate', { confirm: 'batches' });
    const began = new Date().toISOString();
    // Of its six batches three fail whole, and one in part.
    const missing = 3 * SMALL_BATCH + 5;
    const run = await submit(6 * SMALL_BATCH, (i) => (i < missing ? undefined : String(i)));
    const other = await submit(2 * SMALL_BATCH, () => undefined);
    await world.waitForState(run.id, 'completed');
    await world.waitForState(other.id, 'completed');
    const jobs = listOf(failedJob);
    const mine = `queues/batches/failed-jobs?runId=${run.id}`;
    const { items } = await waitFor(async () => {
      const page = await get(mine, jobs);
      return page.items.length === 4 ? page : undefined;
    });
    expect(sorted(items.map(({ batch }) => batch))).toEqual([0, 1, 2, 3]);
    expect(items[0]).toMatchObject({ name: 'batch', runId: run.id, comparisonId: null });
    expect(items.map(({ reason }) => reason).toSorted()).toEqual(
      [SMALL_BATCH, SMALL_BATCH, SMALL_BATCH, 5].map(
        (failed) => `${failed} of ${SMALL_BATCH} items failed; the run's page says which.`,
      ),
    );
    const times = items.map(({ failedAt }) => failedAt);
    expect(times).toEqual(times.toSorted().toReversed());
    expect((await get(`${mine}&to=${began}`, jobs)).items).toEqual([]);
    expect((await get(`${mine}&from=${began}`, jobs)).items).toHaveLength(4);
    // Page by page, each once.
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await get(`queues/batches/failed-jobs?limit=2${cursor}`, jobs);
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);

    // Two of the four batches, and one that is none.
    const ids = items.filter(({ batch }) => batch === 0 || batch === 3).map(({ id }) => id);
    const selection = { jobs: { queue: 'batches', ids: [...ids, 'no-such-job'] } };
    const dry = await retried({ ...selection, dryRun: true });
    expect(dry).toMatchObject({
      dryRun: true,
      items: SMALL_BATCH + 5,
      jobs: 2,
      refused: [],
      more: false,
    });
    expect(await world.runs.get(world.projectId, run.id)).toMatchObject({ failed: missing });
    await addMissing(run.recordingId, missing);
    const real = await retried(selection);
    expect(real).toEqual({ ...dry, dryRun: false });
    await world.waitForState(run.id, 'completed');
    expect(await world.runs.get(world.projectId, run.id)).toMatchObject({
      done: 6 * SMALL_BATCH,
      failed: 2 * SMALL_BATCH,
    });
    await expectExact(world, run.id);
    const left = sorted((await get(mine, jobs)).items.map(({ batch }) => batch));
    expect(left).toEqual([1, 2]);
  });

  test('failed items are found across runs by class, and a run or a class is tried again', async () => {
    await startWorker();
    await world.database.query(sql`update evaluation_runs set deleted_at = now()`);
    const first = await submit(30, (i) => (i < 12 ? undefined : String(i)));
    const second = await submit(30, (i) => (i < 7 ? undefined : String(i)));
    const canceled = await submit(20, () => undefined);
    for (const { id } of [first, second, canceled]) await world.waitForState(id, 'completed');
    await world.database.query(sql`
      update evaluation_runs set state = 'canceled' where id = ${canceled.id}`);
    // As an earlier version left it: of another class.
    await world.database.query(sql`
      update evaluation_items set error_class = 'timeout' where run_id = ${second.id} and no < 3`);
    await world.database.query(sql`
      update run_errors set items = 4 where run_id = ${second.id} and class = 'output_missing'`);
    await world.database.query(sql`
      insert into run_errors (run_id, class, items) values (${second.id}, 'timeout', 3)`);

    const counts = listOf(failureCount);
    const failures = (await get('failures', counts)).items;
    expect(failures.map(({ runId, errorClass, items }) => [runId, errorClass, items])).toEqual([
      [canceled.id, 'output_missing', 20],
      [second.id, 'timeout', 3],
      [second.id, 'output_missing', 4],
      [first.id, 'output_missing', 12],
    ]);
    const paged: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = await get(`failures?limit=1${cursor}`, counts);
      paged.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual(failures);
    const ofClass = await get(`failures?errorClass=timeout&projectId=${world.projectId}`, counts);
    expect(ofClass.items).toEqual([failures[1]]);

    const itemPage = listOf(failedItem);
    const seen: [string, number][] = [];
    for (let cursor = ''; ;) {
      const page = await get(`failed-items?limit=9&errorClass=output_missing${cursor}`, itemPage);
      seen.push(...page.items.map(({ runId, no }): [string, number] => [runId, no]));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    const mine = seen.filter(([runId]) => runId === first.id || runId === second.id);
    expect(mine).toHaveLength(16);
    expect(new Set(seen.map(String)).size).toBe(seen.length);
    const timeouts = (await get(`failed-items?runId=${second.id}&errorClass=timeout`, itemPage))
      .items;
    expect(sorted(timeouts.map(({ no }) => no))).toEqual([0, 1, 2]);
    const all = (await get(`failed-items?limit=200&runId=${second.id}`, itemPage)).items;
    expect(all).toHaveLength(7);
    const oldest = all.at(-1)?.failedAt ?? '';
    expect((await get(`failed-items?runId=${second.id}&to=${oldest}`, itemPage)).items).toEqual([]);

    // One class of one run.
    const oneClass = { runId: second.id, errorClasses: ['timeout'] };
    expect(await retried({ ...oneClass, dryRun: true })).toMatchObject({ items: 3 });
    expect(await world.runs.get(world.projectId, second.id)).toMatchObject({ failed: 7 });
    await addMissing(second.recordingId, 7);
    await addMissing(first.recordingId, 12);
    expect(await retried(oneClass)).toMatchObject({
      items: 3,
      runs: [{ runId: second.id, items: 3 }],
    });
    await world.waitForState(second.id, 'completed');
    // One class of all runs of the project; a canceled one takes no part.
    const projects = { projectId: world.projectId, errorClasses: ['output_missing'] };
    const dry = await retried({ ...projects, dryRun: true });
    expect(dry).toMatchObject({ items: 16, refused: [], more: false });
    expect(await retried(projects)).toEqual({ ...dry, dryRun: false });
    for (const { id } of [first, second]) {
      const done = await world.waitForState(id, 'completed');
      expect(done).toMatchObject({ done: 30, failed: 0 });
      await expectExact(world, id);
    }
    // A run that cannot be retried says why, and so do requests that name nothing or too much.
    expect(refusal(await post('retries', { runId: canceled.id })).code).toBe('run_state');
    const deleted = await world.runs.remove(world.projectId, first.id);
    expect(deleted).toBeUndefined();
    expect(refusal(await post('retries', { runId: first.id })).code).toBe('run_deleted');
    for (const body of [
      {},
      { runId: first.id, projectId: world.projectId, errorClasses: ['timeout'] },
      { projectId: world.projectId },
    ]) {
      expect(refusal(await post('retries', body)).code).toBe('invalid_request');
    }
  });

  test('tells the backlog from the tables, and how many workers it asks for', async () => {
    await world.database.query(sql`
      update evaluation_runs set state = 'canceled' where state in ('queued', 'running')`);
    const before = await get('scaling?target=30', scaling);
    expect(before).toMatchObject({ targetSeconds: 30, workers: { alive: 0, wanted: 0 } });
    await submit(50_000);
    const ofBatches = ({ queues }: Scaling) => queues.find(({ name }) => name === 'batches');
    const waiting = await get('scaling', scaling);
    expect(ofBatches(waiting)).toMatchObject({ backlog: 50_000, slots: 0, drainSeconds: null });
    expect(waiting.workers.wanted).toBeGreaterThan(0);
    const hold = createHold();
    await startWorker({ workerConcurrency: 2 }, hold.tools);
    await hold.reached(2);
    const working = await get('scaling', scaling);
    expect(working.workers.alive).toBe(1);
    expect(ofBatches(working)).toMatchObject({ backlog: 50_000, slots: 2, paused: false });
    const { items } = await get('workers', listOf(worker));
    expect(items).toMatchObject([{ state: 'alive', queues: expect.arrayContaining([]) }]);

    const metrics = (await api.call('GET', '/metrics', { key: null })).text;
    expect(metrics).toMatch(/^llm_eval_queue_backlog\{queue="batches"\} 50000$/m);
    expect(metrics).toMatch(/^llm_eval_workers\{state="alive"\} 1$/m);
    expect(metrics).toMatch(/^llm_eval_queue_workers_wanted\{queue="batches"\} \d+$/m);
    await world.database.query(sql`
      update evaluation_runs set state = 'canceled' where state in ('queued', 'running')`);
    hold.release();
  });

  test('lists the replicas of the API with what they hold, for as long as they live', async () => {
    const held = {
      sockets: 3,
      subscriptions: 7,
      rooms: 2,
      bufferedBytes: 512,
      databaseConnections: { total: 4, idle: 3, waiting: 0 },
      memoryLimitBytes: 2 ** 31,
      memoryBusy: false,
    };
    const logger = createLogger('test', 'silent');
    const replica = joinReplicas({ database: world.database, logger, load: () => held });
    const listed = await waitFor(async () => {
      const { items } = await get('replicas', listOf(apiReplica));
      return items.length > 0 ? items : undefined;
    });
    expect(listed).toMatchObject([{ ...held, state: 'alive', pid: process.pid }]);
    expect(listed[0]?.memoryBytes).toBeGreaterThan(2 ** 20);

    await world.database.query(sql`
      insert into api_replicas (id, version, hostname, pid, rss_bytes, load, started_at, seen_at)
      select gen_random_uuid(), '1', 'silent', n, 1, ${JSON.stringify(held)}::json,
        now() - interval '1 hour', now() - n * interval '1 second'
      from unnest(array[30, 90]) as n`);
    const { items } = await get('replicas', listOf(apiReplica));
    expect(items.map(({ hostname, pid, state }) => [hostname, pid, state])).toEqual([
      ['silent', 30, 'lost'],
      [expect.any(String), process.pid, 'alive'],
    ]);
    await forgetOldProcesses(world.database);
    expect(await world.database.query(sql`select pid from api_replicas order by pid`)).toEqual(
      [30, process.pid].toSorted((a, b) => a - b).map((pid) => ({ pid })),
    );
    await replica.leave();
    expect((await get('replicas', listOf(apiReplica))).items).toMatchObject([{ state: 'lost' }]);
  });

  test('where the queues are away, says so, and still tells the backlog', async () => {
    const away = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:6379'));
    const queues = { ...world.queues, state: away, failedJobs: away };
    const defaults = { batches: 4, calls: 400, runs: 4, comparisons: 1 };
    const admin = createAdmin({ ...world.context, queues }, defaults);
    const own = await startApiOn(world, { deps: { admin } });
    try {
      for (const path of ['queues', 'queues/runs/failed-jobs']) {
        const answer = await own.call('GET', `/api/v1/admin/${path}`);
        expect(refusal(answer)).toMatchObject({ status: 503, code: 'queue_unavailable' });
        expect(answer.text).not.toContain('10.0.0.1');
      }
      const answer = await own.call('GET', '/api/v1/admin/scaling');
      expect(scaling.parse(answer.json).queues[0]).toMatchObject({
        name: 'batches',
        paused: null,
        oldestWaitSeconds: null,
      });
    } finally {
      await own.close();
    }
  });

  test('keeps who did what, from where, in the same transaction', async () => {
    const key = await api.newKey('admin');
    const headers = { 'x-request-id': 'audited-call', 'x-forwarded-for': '203.0.113.7' };
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await api.call(method, `/api/v1${path}`, { key: key.key, headers, body });
      expect([method, path, Math.floor(answer.status / 100)]).toEqual([method, path, 2]);
      return z.looseObject({ id: z.string() }).safeParse(answer.json).data?.id ?? '';
    };
    const secret = 'the-value-that-nobody-may-read';
    const credentials = { apiKey: secret };
    const other = await call('POST', '/keys', { name: 'ci', role: 'viewer' });
    await call('DELETE', `/keys/${other}`);
    const provider = await call('POST', '/providers', { name: 'p', kind: 'openai', credentials });
    await call('PATCH', `/providers/${provider}`, { requestsPerMinute: 5, credentials });
    await call('DELETE', `/providers/${provider}`);
    const secretId = await call('POST', '/secrets', { name: 'TOKEN', value: secret });
    await call('PATCH', `/secrets/${secretId}`, { value: `${secret}-2` });
    await call('DELETE', `/secrets/${secretId}`);
    const dataset = await call('POST', '/datasets', { name: 'd' });
    await call('DELETE', `/datasets/${dataset}`);
    // What changes nothing is no deed.
    await call('DELETE', `/datasets/${dataset}`);
    await call('POST', `/datasets/${dataset}/restore`);
    await call('POST', `/datasets/${dataset}/restore`);

    const events = (await audit('?limit=200')).filter(({ keyId }) => keyId === key.id).toReversed();
    expect(events.map(({ action, target, details }) => [action, target, details])).toEqual([
      ['key.create', other, { name: 'ci', role: 'viewer' }],
      ['key.revoke', other, { name: 'ci' }],
      ['provider.create', provider, { name: 'p', kind: 'openai' }],
      ['provider.update', provider, { name: 'p', fields: ['credentials', 'requestsPerMinute'] }],
      ['provider.delete', provider, { name: 'p' }],
      ['secret.create', secretId, { name: 'TOKEN' }],
      ['secret.update', secretId, { name: 'TOKEN' }],
      ['secret.delete', secretId, { name: 'TOKEN' }],
      ['dataset.delete', dataset, { name: 'd' }],
      ['dataset.restore', dataset, { name: 'd' }],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        keyName: 'a admin',
        projectId: key.projectId,
        address: '203.0.113.7',
        requestId: 'audited-call',
      });
    }
    expect(JSON.stringify(await audit('?limit=200'))).not.toContain(secret);
    // Refused, so nothing was done and nothing is written.
    const taken = await api.call('POST', '/api/v1/secrets', { body: { name: 'A', value: 'x' } });
    expect(taken.status).toBe(201);
    const count = (await audit('?action=secret.create')).length;
    const again = await api.call('POST', '/api/v1/secrets', { body: { name: 'A', value: 'x' } });
    expect(again.status).toBe(409);
    expect(await audit('?action=secret.create')).toHaveLength(count);
  });

  test('lists what was done by action and time, page by page', async () => {
    await world.database.query(sql`delete from audit_events`);
    const run = await submit(10);
    await startWorker();
    await world.waitForState(run.id, 'completed');
    const headers = { 'x-project': world.projectId };
    await api.call('DELETE', `/api/v1/runs/${run.id}`, { headers });
    await api.call('POST', `/api/v1/runs/${run.id}/restore`, { headers });
    await post('queues/calls/pause');
    await post('queues/calls/resume');
    await post('queues/calls/drain', { confirm: 'calls' });
    await post('queues/calls/obliterate', { confirm: 'calls' });
    await post('queues/calls/obliterate', { confirm: 'nothing' });
    await post('retries', { runId: run.id, dryRun: true });
    await post('retries', { runId: run.id });
    await api.call('PUT', '/admin/queues/api/queues/batches/retry/failed');
    await api.call('PUT', '/admin/queues/api/queues/batches/some-job/retry');
    const all = await audit();
    expect(all.map(({ action, target }) => [action, target]).toReversed()).toEqual([
      ['run.delete', run.id],
      ['run.restore', run.id],
      ['queue.pause', 'calls'],
      ['queue.resume', 'calls'],
      ['queue.drain', 'calls'],
      ['queue.obliterate', 'calls'],
      ['failures.retry', run.id],
      ['board.retry', 'batches'],
      ['board.retry', 'batches'],
    ]);
    expect(all.slice(0, 2).map(({ details }) => details)).toEqual([
      { job: 'some-job' },
      { all: 'failed' },
    ]);
    const paged: AuditEvent[] = [];
    for (let cursor = ''; ;) {
      const page = await get(`audit?limit=4${cursor}`, listOf(auditEvent));
      paged.push(...page.items);
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(paged).toEqual(all);
    expect(await audit('?action=board.retry')).toEqual(all.slice(0, 2));
    const from = all[3]?.at ?? '';
    const since = await audit(`?from=${from}`);
    expect(since.length).toBeGreaterThanOrEqual(4);
    expect(await audit(`?to=${from}`)).toEqual(all.slice(since.length));
  });
});

describe.each(backends)('Bull Board on %s', (kind) => {
  const PROMPT = 'the-prompt-that-nobody-may-read';

  test('shows of failing jobs of every queue nothing of what they quote', async () => {
    const world = await createWorld(kind);
    const api = await startApiOn(world);
    try {
      // Errors as databases and models write them: with what they were given.
      await world.database.query(sql`
        create function quote() returns trigger language plpgsql as
          $$ begin raise exception 'invalid value: the-prompt-that-nobody-may-read'; end $$`);
      for (const table of ['run_metrics', 'comparisons']) {
        await world.database.query(sql`
          create trigger quote before ${sql.raw(table === 'comparisons' ? 'update' : 'insert')}
          on ${sql.table(table)} execute function quote()`);
      }
      await world.startWorker(
        {},
        {
          createTarget: (spec) => ({
            produce: async (cases) => {
              if (spec.kind === 'client') return cases.map(() => ({ output: PROMPT }));
              throw new Error(`cannot answer ${PROMPT}`);
            },
          }),
        },
      );
      const datasetId = await world.seedDataset(10, () => PROMPT);
      const recordingId = await world.seedRecording(10, () => PROMPT);
      await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
      await world.submit({
        datasetId,
        target: { kind: 'http', method: 'GET', url: 'http://192.0.2.1/' },
      });
      await world.queues.addRunStep('finish', { runId: await finished(world), generation: 1 });
      const comparison = await comparisonOf(world);
      await world.queues.addComparison({ comparisonId: comparison, round: 1 });

      const shown: string[] = [];
      for (const name of ['batches', 'calls', 'runs', 'comparisons'] as const) {
        const job = await waitFor(
          async () => {
            const jobs = await board(world, name).getJobs(['failed', 'delayed'], 0, 50);
            return jobs.find(({ failedReason }) => failedReason !== undefined);
          },
          () => `no job of ${name} failed`,
          30_000,
        );
        expect([name, job.failedReason]).toEqual([
          name,
          expect.stringMatching(/failed unexpectedly/),
        ]);
        for (const status of ['latest', 'failed', 'delayed']) {
          const query = `activeQueue=${name}&status=${status}&page=1&jobsPerPage=50`;
          shown.push((await api.call('GET', `/admin/queues/api/queues?${query}`)).text);
        }
        shown.push((await api.call('GET', `/admin/queues/api/queues/${name}/${job.id}`)).text);
        shown.push((await api.call('GET', `/admin/queues/api/queues/${name}/${job.id}/logs`)).text);
        shown.push((await api.call('GET', `/api/v1/admin/queues/${name}/failed-jobs`)).text);
      }
      const text = shown.join('\n');
      expect(text).toContain('failed unexpectedly');
      expect(text).not.toContain(PROMPT);
    } finally {
      await api.close();
      await world.close();
    }
  }, 90_000);
});

/** A run that has nothing open, and is not finished yet. */
async function finished(world: World): Promise<string> {
  const run = await world.submit({
    datasetId: await world.seedDataset(1),
    target: { kind: 'client' },
  });
  await world.waitForState(run.id, 'running');
  await world.database.query(sql`
    insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
    values (${run.id}, 0, 'item-0', 0, 'completed', 1, '"x"')`);
  await world.database.query(sql`update evaluation_runs set done = total where id = ${run.id}`);
  return run.id;
}

async function comparisonOf(world: World): Promise<string> {
  const row = await world.database.queryOne<{ id: string }>(sql`
    insert into comparisons (id, project_id, question, run_ids, options, state)
    values (gen_random_uuid(), ${world.projectId}, 'q', '{}', '{}', 'queued') returning id`);
  if (!row) throw new Error('no comparison was stored');
  return row.id;
}
