import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestError, type SubmitRun } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { createRuns, reconcile } from '#libs/runs';
import { expectExact } from '../support/exact.ts';
import { redisAvailable } from '../support/redis.ts';
import { restartableRedis } from '../support/restartable-redis.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('submitting a run on %s', (kind) => {
  let world: World;
  let request: SubmitRun;
  beforeAll(async () => {
    world = await createWorld(kind);
    request = {
      name: 'test',
      datasetId: await world.seedDataset(40),
      target: { kind: 'recorded', recordingId: await world.seedRecording(40) },
      metrics: [{ metric: 'exact_match' }],
      repeats: 1,
      concurrency: 10,
      timeoutMs: 120_000,
      maxRetries: 4,
      cache: false,
      tags: [],
      metadata: {},
    };
  });
  afterAll(() => world.close());

  const submit = (overrides: Partial<SubmitRun> = {}, idempotencyKey?: string) =>
    world.runs.submit(world.projectId, { ...request, ...overrides }, idempotencyKey);
  const outboxOf = (runId: string) =>
    world.database.query(sql`select job, generation from outbox where run_id = ${runId}`);

  test('a process that dies between the commit and the enqueue leaves a decision that is carried out', async () => {
    // The queue of a process that is gone takes nothing; what it had decided is in the outbox.
    const dying = createRuns({
      ...world.context,
      queues: { ...world.queues, addRunStep: () => Promise.reject(new Error('gone')) },
    });
    const run = await dying.submit(world.projectId, request);
    expect(run.state).toBe('queued');
    expect(await outboxOf(run.id)).toEqual([{ job: 'start', generation: 1 }]);

    await world.startWorker();
    await world.waitForState(run.id, 'completed');
    await expectExact(world, run.id);
    expect(await outboxOf(run.id)).toEqual([]);
  });

  test('a queued run whose start the queue has lost is started all the same', async () => {
    const mute = createRuns({
      ...world.context,
      queues: { ...world.queues, addRunStep: () => Promise.resolve() },
    });
    const run = await mute.submit(world.projectId, request);
    expect(await world.waitForState(run.id, 'completed')).toMatchObject({ done: 40, failed: 0 });
    await expectExact(world, run.id);
  });

  test('the same Idempotency-Key with the same body at the same moment gives one run', async () => {
    const key = uuid();
    const runs = await Promise.all(Array.from({ length: 10 }, () => submit({}, key)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    // Members in another order are the same body.
    const turned = Object.fromEntries(Object.entries(request).toReversed());
    const again = await world.runs.submit(world.projectId, { ...request, ...turned }, key);
    expect(again.id).toBe(runs[0]?.id);
  });

  test('the same Idempotency-Key with another body is refused', async () => {
    const key = uuid();
    await submit({}, key);
    await expect(submit({ name: 'other' }, key)).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'idempotency_key_reused',
    });
  });

  test('of different bodies with one Idempotency-Key at the same moment one wins', async () => {
    const key = uuid();
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => submit({ name: `run ${index}` }, key)),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(7);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(RequestError);
  });

  test('an Idempotency-Key is free again after its 7 days', async () => {
    const key = uuid();
    const first = await submit({}, key);
    await world.database.query(sql`
      update idempotency_keys set created_at = now() - interval '7 days 1 minute' where key = ${key}`);
    const second = await submit({ name: 'other' }, key);
    expect(second.id).not.toBe(first.id);
    expect((await submit({ name: 'other' }, key)).id).toBe(second.id);
  });

  test('a refused submission takes neither a run nor its Idempotency-Key', async () => {
    const key = uuid();
    await expect(submit({ datasetId: uuid() }, key)).rejects.toMatchObject({
      code: 'dataset_not_found',
    });
    await expect(submit({}, key)).resolves.toMatchObject({ state: 'queued' });
  });

  test('old keys are forgotten by the reconciler, younger ones are kept', async () => {
    const [old, young] = [uuid(), uuid()];
    await submit({}, old);
    await submit({}, young);
    await world.database.query(sql`
      update idempotency_keys set created_at = now() - interval '8 days' where key = ${old}`);
    while (!(await reconcile(world.context, 60_000)));
    const kept = await world.database.query(sql`
      select key from idempotency_keys where key in (${old}, ${young})`);
    expect(kept).toEqual([{ key: young }]);
  });
});

(redisAvailable ? describe : describe.skip)('submitting while Redis is away', () => {
  test('is answered, and the run is worked on when Redis is back', async () => {
    const redis = await restartableRedis();
    const world = await createWorld('redis', { REDIS_URL: redis.url });
    try {
      const datasetId = await world.seedDataset(300);
      const recordingId = await world.seedRecording(300);
      await world.startWorker();
      await redis.stop();
      const run = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
      expect(run.state).toBe('queued');
      await redis.start();
      await world.waitForState(run.id, 'completed');
      await expectExact(world, run.id);
    } finally {
      await redis.start();
      await world.close();
      await redis.stop();
    }
  });

  test('is answered also by a process that never saw Redis', async () => {
    const redis = await restartableRedis();
    await redis.stop();
    const world = await createWorld('redis', { REDIS_URL: redis.url });
    try {
      const datasetId = await world.seedDataset(30);
      const recordingId = await world.seedRecording(30);
      const run = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
      expect(run.state).toBe('queued');
      await world.startWorker();
      await redis.start();
      await world.waitForState(run.id, 'completed');
      await expectExact(world, run.id);
    } finally {
      await redis.start();
      await world.close();
      await redis.stop();
    }
  });
});
