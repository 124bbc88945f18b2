import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createComparisons, reconcileComparisons, type Comparisons } from '#libs/comparisons';
import {
  comparisonOptions,
  type Comparison,
  type CreateComparison,
  type Json,
  type MetricComparison,
  type MetricSpec,
  type Run,
} from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import type { WorkerProcess } from '../../apps/worker/worker.ts';
import { board } from '../support/jobs.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

interface Item {
  key: string;
  expected?: Json;
  tags?: string[];
  split?: string;
  metadata?: Record<string, Json>;
}

const named = (count: number, more: (index: number) => Partial<Item> = () => ({})): Item[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `item-${index}`,
    expected: 'yes',
    ...more(index),
  }));

describe.each(backends)('comparisons on %s', (kind) => {
  let world: World;
  let comparisons: Comparisons;
  let worker: WorkerProcess | undefined;
  beforeAll(async () => {
    world = await createWorld(kind);
    comparisons = createComparisons(world.context);
    worker = await world.startWorker();
  });
  afterAll(() => world.close());

  /** A version of a dataset; a dataset of its own where none is named. */
  const seed = async (items: readonly Item[], datasetId = uuid(), version = 1): Promise<string> => {
    const versionId = uuid();
    await world.database.query(sql`
      insert into datasets (id, project_id, name) values (${datasetId}, ${world.projectId}, 'items')
      on conflict do nothing`);
    await world.database.query(sql`
      insert into dataset_versions (id, dataset_id, version, item_count)
      values (${versionId}, ${datasetId}, ${version}, ${items.length})`);
    await world.database.query(sql`
      insert into dataset_items (version_id, position, key, input, expected, metadata, tags, split)
      select ${versionId}, i.place - 1, i.item ->> 'key', to_json(i.item ->> 'key'),
        i.item -> 'expected', coalesce(i.item -> 'metadata', '{}'),
        array(select jsonb_array_elements_text(coalesce(i.item -> 'tags', '[]'))), i.item ->> 'split'
      from jsonb_array_elements(${JSON.stringify(items)}::jsonb) with ordinality as i (item, place)`);
    return datasetId;
  };

  /** Runs recorded outputs by key and repeat; undefined: none, so that the item fails. */
  const submit = async (
    datasetId: string,
    items: readonly Item[],
    outputOf: (index: number, repeat: number) => Json | undefined,
    more: { repeats?: number; metrics?: MetricSpec[]; name?: string; datasetVersion?: number } = {},
  ): Promise<Run> => {
    const recordingId = uuid();
    const { repeats = 1 } = more;
    const outputs = items.flatMap(({ key }, index) =>
      Array.from({ length: repeats }, (_, repeat) => ({
        key,
        repeat,
        output: outputOf(index, repeat),
      })),
    );
    await world.database.query(sql`
      insert into recordings (id, project_id, name, output_count)
      values (${recordingId}, ${world.projectId}, 'outputs', ${outputs.length})`);
    const known = outputs.filter(({ output }) => output !== undefined);
    await world.database.query(sql`
      insert into recorded_outputs (recording_id, key, repeat, output)
      select ${recordingId}, key, repeat, output::json
      from unnest(${known.map(({ key }) => key)}::text[],
        ${known.map(({ repeat }) => repeat)}::int[],
        ${known.map(({ output }) => JSON.stringify(output))}::text[]) as o (key, repeat, output)`);
    return world.submit({ datasetId, target: { kind: 'recorded', recordingId }, ...more });
  };

  const run: typeof submit = async (...given) => {
    const { id } = await submit(...given);
    return world.waitForState(id, 'completed');
  };

  type Options = Partial<Omit<CreateComparison, 'baselineRunId' | 'candidateRunIds'>>;
  const ask = (baseline: Run, candidates: readonly Run[], options: Options = {}) =>
    comparisons.compare(world.projectId, {
      ...comparisonOptions.parse(options),
      baselineRunId: baseline.id,
      candidateRunIds: candidates.map(({ id }) => id),
    });
  const ended = (asked: Comparison): Promise<Comparison> =>
    waitFor(async () => {
      const now = await comparisons.get(world.projectId, asked.id);
      return now.state === 'completed' || now.state === 'failed' ? now : undefined;
    });
  const compare = async (...given: Parameters<typeof ask>) => ended(await ask(...given));
  const metricOf = (
    comparison: Comparison,
    name = 'exact_match',
    candidate = 0,
  ): MetricComparison => {
    const found = comparison.result?.candidates[candidate]?.metrics.find(
      ({ metric }) => metric === name,
    );
    if (!found) throw new Error(`no ${name} was compared`);
    return found;
  };

  const listed = async (
    comparison: Comparison,
    kindOfItem:
      | 'regressions'
      | 'improvements'
      | 'changed'
      | 'ties'
      | 'flaky'
      | 'unpaired'
      | 'baseline_only'
      | 'candidate_only',
    metric = 'exact_match',
  ): Promise<string[]> => {
    const keys: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await comparisons.listItems(world.projectId, comparison.id, {
        metric,
        kind: kindOfItem,
        limit: 3,
        cursor,
      });
      keys.push(...page.items.map(({ key, repeat }) => `${key}/${repeat}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return keys;
  };

  test('items are matched by key across versions, and what cannot be paired is counted and listed', async () => {
    const first = [...named(8), { key: 'only-old', expected: 'yes' }, { key: 'no-expected' }];
    const datasetId = await seed(first);
    const second = [
      { key: 'only-new-1', expected: 'yes' },
      { key: 'only-new-2', expected: 'yes' },
      ...named(8).toReversed(),
      { key: 'no-expected' },
    ];
    await seed(second, datasetId, 2);
    // item-0 fails in the first run; item-1 and item-2 change.
    const old = await run(
      datasetId,
      first,
      (index) => (index === 0 ? undefined : index === 1 ? 'no' : 'yes'),
      { datasetVersion: 1 },
    );
    const fresh = await run(
      datasetId,
      second,
      (index) => (second[index]?.key === 'item-2' ? 'no' : 'yes'),
      { datasetVersion: 2 },
    );
    const comparison = await compare(old, [fresh]);
    const metric = metricOf(comparison);
    expect(metric.pairing).toEqual({
      paired: 7,
      baselineOnly: 1,
      candidateOnly: 2,
      filteredOut: 0,
      unpaired: 2,
      baseline: { failed: 1, open: 0, notApplicable: 1, errors: 0 },
      candidate: { failed: 0, open: 0, notApplicable: 1, errors: 0 },
    });
    expect(metric.binary).toMatchObject({ both: 5, baselineOnly: 1, candidateOnly: 1, neither: 0 });
    // item-0 passed in the new run: the old one may have passed too, or not.
    expect(metric.bounds).toEqual({ worst: 0, best: 1 / 8 });
    expect(comparison.result?.notes.join(' ')).toContain('different versions');
    expect(await listed(comparison, 'regressions')).toEqual(['item-2/0']);
    expect(await listed(comparison, 'improvements')).toEqual(['item-1/0']);
    expect(await listed(comparison, 'ties')).toHaveLength(5);
    expect(await listed(comparison, 'unpaired')).toEqual(['item-0/0', 'no-expected/0']);
    expect(await listed(comparison, 'baseline_only')).toEqual(['only-old/0']);
    expect(await listed(comparison, 'candidate_only')).toEqual(['only-new-1/0', 'only-new-2/0']);
    const [item] = (
      await comparisons.listItems(world.projectId, comparison.id, {
        metric: 'exact_match',
        kind: 'unpaired',
        limit: 1,
      })
    ).items;
    expect(item).toMatchObject({
      key: 'item-0',
      input: 'item-0',
      expected: 'yes',
      baseline: { status: 'failed', value: null, output: null },
      candidate: { status: 'scored', value: 1, output: 'yes' },
      difference: null,
    });
    const back = metricOf(await compare(fresh, [old]));
    expect(back.bounds).toEqual({ worst: -1 / 8, best: 0 });
    expect(back.pairing).toEqual({
      ...metric.pairing,
      baselineOnly: 2,
      candidateOnly: 1,
      baseline: metric.pairing.candidate,
      candidate: metric.pairing.baseline,
    });
  });

  test('filters, slices and clusters follow what the dataset says of its items', async () => {
    const items = named(40, (index) => ({
      split: index % 4 === 0 ? 'test' : 'train',
      tags: index % 2 === 0 ? ['even', ...(index < 20 ? ['low'] : [])] : [],
      metadata: { source: { page: Math.floor(index / 5) }, hard: index % 10 === 0 },
    }));
    const datasetId = await seed(items);
    const before = await run(datasetId, items, (index) => (index % 3 === 0 ? 'yes' : 'no'));
    const after = await run(datasetId, items, (index) => (index % 2 === 0 ? 'yes' : 'no'));
    const whole = metricOf(
      await compare(before, [after], {
        sliceBy: ['tags', 'split', 'metadata.hard', 'metadata.nothing'],
        resampleSlices: true,
      }),
    );
    const shares = whole.slices.map(({ by, value, n, baselineMean, candidateMean }) => [
      `${by}:${value}`,
      n,
      baselineMean === null ? null : Math.round(baselineMean * n),
      candidateMean === null ? null : Math.round(candidateMean * n),
    ]);
    expect(shares).toEqual([
      ['tags:even', 20, 7, 20],
      ['tags:low', 10, 4, 10],
      ['split:train', 30, 10, 10],
      ['split:test', 10, 4, 10],
      ['metadata.hard:false', 36, 12, 16],
      ['metadata.hard:true', 4, 2, 4],
    ]);
    expect(
      whole.slices.every(({ test, resampled }) => test.family === 6 && resampled !== null),
    ).toBe(true);

    const filtered = metricOf(
      await compare(before, [after], {
        filter: { splits: ['test'], tags: ['low'], metadata: { 'source.page': [0, 1, '2'] } },
      }),
    );
    // Of 0, 4, 8, 12, 16 with the tag low, those on page 0 or 1; '2' is another value than 2.
    expect(filtered.pairing).toMatchObject({ paired: 3, filteredOut: 37 });

    const clustered = metricOf(
      await compare(before, [after], { clusterBy: 'metadata.source.page' }),
    );
    expect(clustered.clusters).toMatchObject({ by: 'metadata.source.page', clusters: 8 });
    expect(clustered.intervalMethod).toBe('Tango score with the design effect');
    expect(clustered.binary).toMatchObject({ exactP: null, midP: null, oddsRatio: null });
    expect(clustered.difference).toBe(whole.difference);
    const unlabelled = await compare(before, [after], { clusterBy: 'metadata.document' });
    expect(unlabelled.result?.notes).toEqual([
      '40 common items have no metadata.document: each is taken as independent of all others.',
    ]);
  });

  test('repeats of an item are taken together, and those that disagree are told', async () => {
    const items = named(12);
    const datasetId = await seed(items);
    const steady = await run(datasetId, items, (index) => (index < 6 ? 'yes' : 'no'), {
      repeats: 3,
    });
    const flaky = await run(
      datasetId,
      items,
      (index, repeat) => (index < 6 || (index === 6 && repeat > 0) ? 'yes' : 'no'),
      { repeats: 4 },
    );
    const comparison = await compare(steady, [flaky]);
    expect(await listed(comparison, 'flaky')).toEqual(['item-6/0', 'item-6/1', 'item-6/2']);
    const metric = metricOf(comparison);
    expect(metric.pairing).toMatchObject({ paired: 36, baselineOnly: 0, candidateOnly: 12 });
    expect(metric.clusters).toMatchObject({ by: 'item', clusters: 12 });
    expect(metric.repeats).toMatchObject({
      baseline: { within: 0, flaky: 0 },
      candidate: { flaky: 1 },
    });
    expect(metric.difference).toBeCloseTo(2 / 36, 12);
    // One item of twelve changed: its mean by 2/3.
    expect(metric.standardError).toBeCloseTo(2 / 36, 12);
  });

  test('a category that changes is told, and the difference of several candidates is adjusted', async () => {
    const items = named(60);
    const datasetId = await seed(items);
    const metrics = [
      { metric: 'language', name: 'language' },
      { metric: 'exact_match' },
      { metric: 'character_count' },
    ];
    const english = 'The weather is nice today and we are going for a walk.';
    const german = 'Das Wetter ist heute schön und wir gehen spazieren.';
    const base = await run(datasetId, items, () => english, { metrics });
    const other = await run(datasetId, items, (index) => (index < 30 ? english : german), {
      metrics,
    });
    const third = await run(datasetId, items, () => german, { metrics });
    const comparison = await compare(base, [other, third]);
    const language = metricOf(comparison, 'language');
    expect(language).toMatchObject({
      kind: 'categorical',
      categorical: {
        changed: 30,
        table: [
          [30, 30],
          [0, 0],
        ],
      },
      ties: 30,
      difference: null,
      verdict: { outcome: 'different' },
    });
    expect(await listed(comparison, 'changed', 'language')).toHaveLength(30);
    expect(metricOf(comparison, 'exact_match').test).toMatchObject({ p: 1, holm: 1, family: 6 });
    expect(comparison.result?.leaderboards.map(({ metric }) => metric)).toEqual([
      'exact_match',
      'character_count',
    ]);
    expect(comparison.result?.leaderboards[0]?.runs.map(({ groups }) => groups)).toEqual([
      [0],
      [0],
      [0],
    ]);
  });

  test('what the targets used is compared like a metric, as far as it was recorded', async () => {
    const items = named(30);
    const datasetId = await seed(items);
    const [slow, fast] = [
      await run(datasetId, items, () => 'yes'),
      await run(datasetId, items, () => 'yes'),
    ];
    await world.database.query(sql`
      update evaluation_items set latency_ms = 1000 + no, cost_usd = 0.01, cached = no >= 25
      where run_id = ${slow.id}`);
    await world.database.query(sql`
      update evaluation_items set latency_ms = 500 + no * 2, cost_usd = 0.02
      where run_id = ${fast.id}`);
    const comparison = await compare(slow, [fast], { margins: { cost_usd: 0.5 } });
    expect(comparison.result?.candidates[0]?.metrics.map(({ metric }) => metric)).toEqual([
      'exact_match',
      'latency_ms',
      'cost_usd',
    ]);
    // The latency of an answer from the cache is nobody's.
    expect(metricOf(comparison, 'latency_ms')).toMatchObject({
      source: 'usage',
      direction: 'lower',
      pairing: { paired: 25, unpaired: 5, baseline: { notApplicable: 5 } },
      difference: -488,
      wins: 25,
      verdict: { outcome: 'better' },
      test: { family: 2 },
    });
    expect(metricOf(comparison, 'cost_usd')).toMatchObject({
      pairing: { paired: 30 },
      losses: 30,
      relativeChange: { value: 1 },
      verdict: { outcome: 'equivalent' },
    });
    expect(await listed(comparison, 'improvements', 'latency_ms')).toHaveLength(25);
    expect(await listed(comparison, 'unpaired', 'latency_ms')).toHaveLength(5);
  });

  test('asked again it is the same, also at the same moment; results that change make it anew', async () => {
    const items = named(20);
    const datasetId = await seed(items);
    const a = await run(datasetId, items, () => 'yes');
    const b = await run(datasetId, items, (index) => (index < 5 ? undefined : 'no'));
    const asked = await Promise.all(Array.from({ length: 8 }, () => ask(a, [b])));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const [first] = asked;
    if (!first) throw new Error('it was asked');
    const done = await ended(first);
    const again = await ask(a, [b]);
    expect(again).toEqual(done);
    await world.runs.update(world.projectId, a.id, { name: 'renamed' });
    expect((await ask(a, [b])).version).toBe(done.version);
    expect(metricOf(done).pairing).toMatchObject({ paired: 15, unpaired: 5 });

    await world.database.query(sql`
      insert into recorded_outputs (recording_id, key, repeat, output)
      select (target ->> 'recordingId')::uuid, 'item-' || i, 0, '"yes"'
      from evaluation_runs, generate_series(0, 4) i where id = ${b.id}`);
    await world.runs.retry(world.projectId, b.id);
    await world.waitForState(b.id, 'completed');
    const stale = await comparisons.get(world.projectId, done.id);
    expect(stale).toMatchObject({ current: false, version: done.version, state: 'completed' });
    const fresh = await ended(await comparisons.get(world.projectId, done.id, true));
    expect(fresh).toMatchObject({ id: done.id, current: true });
    expect(metricOf(fresh).pairing).toMatchObject({ paired: 20, unpaired: 0 });
  });

  test('a run that still goes is compared on what is done, and the answer says so', async () => {
    const items = named(30);
    const datasetId = await seed(items);
    const done = await run(datasetId, items, () => 'yes');
    const recorded = await run(datasetId, items, () => 'no');
    // As it is half-way: ten items are not closed yet.
    await world.database.query(
      sql`delete from evaluation_items where run_id = ${recorded.id} and no >= 20`,
    );
    await world.database.query(sql`delete from scores where run_id = ${recorded.id} and no >= 20`);
    await world.database.query(sql`
      update evaluation_runs set state = 'paused', done = 20 where id = ${recorded.id}`);
    const comparison = await compare(done, [recorded]);
    expect(metricOf(comparison).pairing).toMatchObject({
      paired: 20,
      unpaired: 10,
      candidate: { open: 10, failed: 0 },
    });
    expect(comparison.result?.notes.join(' ')).toContain('paused with 20 of 30 items done');
    expect(await listed(comparison, 'unpaired')).toHaveLength(10);
  });

  describe('what cannot be compared is refused with a remedy', () => {
    const refusal = async (asked: Promise<unknown>) => {
      try {
        await asked;
      } catch (error) {
        return error;
      }
      throw new Error('it was not refused');
    };

    test('the same run twice, unknown runs, and those of another project', async () => {
      const items = named(3);
      const datasetId = await seed(items);
      const a = await run(datasetId, items, () => 'yes');
      const b = await run(datasetId, items, () => 'yes');
      expect(await refusal(ask(a, [a]))).toMatchObject({
        kind: 'invalid',
        code: 'same_run',
        errors: [{ field: 'candidateRunIds' }],
      });
      expect(await refusal(ask(a, [{ ...b, id: uuid() }]))).toMatchObject({
        kind: 'not_found',
        code: 'run_not_found',
      });
      const elsewhere = uuid();
      await world.database.query(
        sql`insert into projects (id, name) values (${elsewhere}, ${elsewhere})`,
      );
      await expect(
        comparisons.compareRuns(elsewhere, { run1: a.id, run2: b.id, confidence: 0.95 }),
      ).rejects.toMatchObject({ code: 'run_not_found' });
      const stored = await ask(a, [b]);
      await expect(comparisons.get(elsewhere, stored.id)).rejects.toMatchObject({
        code: 'comparison_not_found',
      });
      await world.runs.remove(world.projectId, b.id);
      expect(await refusal(ask(a, [b]))).toMatchObject({ kind: 'conflict', code: 'run_deleted' });
    });

    test('no common item, no common metric, and metrics that are none', async () => {
      const items = named(3);
      const strangers = [{ key: 'stranger', expected: 'yes' }];
      const here = await seed(items);
      const there = await seed(strangers);
      const a = await run(here, items, () => 'yes');
      const b = await run(there, strangers, () => 'yes');
      const c = await run(here, items, () => 'yes', { metrics: [{ metric: 'word_count' }] });
      const d = await run(here, items, () => 'yes', {
        metrics: [{ metric: 'contains', name: 'exact_match' }],
      });
      expect(await refusal(ask(a, [b]))).toMatchObject({ code: 'no_common_items' });
      const noMetric = await refusal(ask(a, [c]));
      expect(noMetric).toMatchObject({ kind: 'unprocessable', code: 'no_common_metric' });
      expect(noMetric).toHaveProperty('message', expect.stringContaining('word_count'));
      // The same name for another metric is not the same.
      expect(await refusal(ask(a, [d]))).toMatchObject({ code: 'no_common_metric' });
      const e = await run(here, items, () => 'yes');
      expect(await refusal(ask(a, [e], { metrics: ['exact_match', 'bleu'] }))).toMatchObject({
        code: 'unknown_metric',
        errors: [{ field: 'metrics.1' }],
      });
      expect(await refusal(ask(a, [e], { margins: { bleu: 1 } }))).toMatchObject({
        errors: [{ field: 'margins.bleu' }],
      });
      expect(await refusal(ask(a, [e], { margins: { exact_match: 1 } }))).toMatchObject({
        code: 'margin_too_large',
        errors: [{ field: 'margins.exact_match' }],
      });
      const stored = await ask(a, [e]);
      await expect(
        comparisons.listItems(world.projectId, stored.id, {
          metric: 'bleu',
          kind: 'ties',
          limit: 5,
        }),
      ).rejects.toMatchObject({ code: 'unknown_metric' });
      await expect(
        comparisons.listItems(world.projectId, stored.id, {
          metric: 'exact_match',
          kind: 'ties',
          limit: 5,
          candidateRunId: a.id,
        }),
      ).rejects.toMatchObject({ code: 'unknown_candidate' });
    });
  });

  describe('as a job', () => {
    /** More scores than are compared within a request. */
    const LARGE = 12_000;
    let a: Run;
    let b: Run;
    beforeAll(async () => {
      const datasetId = await world.seedDataset(LARGE);
      const target = async (outputOf: (index: number) => string) => ({
        kind: 'recorded' as const,
        recordingId: await world.seedRecording(LARGE, outputOf),
      });
      const submitted = [
        await world.submit({ datasetId, target: await target(String) }),
        await world.submit({ datasetId, target: await target((i) => (i % 10 ? `${i}` : 'no')) }),
      ];
      [a, b] = await Promise.all(
        submitted.map(({ id }) => world.waitForState(id, 'completed')),
      ).then(([first, second]) => {
        if (!first || !second) throw new Error('two runs were submitted');
        return [first, second];
      });
    }, 60_000);
    beforeEach(async () => {
      await worker?.stop();
      worker = undefined;
    });
    afterEach(async () => {
      worker ??= await world.startWorker();
    });

    const jobIds = async () =>
      (await board(world, 'comparisons').getJobs(['waiting', 'delayed', 'active'], 0, 100)).map(
        ({ id }) => id,
      );

    test('what is large waits for a worker, and its progress is told', async () => {
      const asked = await ask(a, [b], { seed: 2 });
      expect(asked).toMatchObject({ state: 'queued', result: null, current: false });
      expect(await ask(a, [b], { seed: 2 })).toMatchObject({ id: asked.id, state: 'queued' });
      expect(await jobIds()).toEqual([`compare-${asked.id}-1`]);
      const hints: unknown[] = [];
      const stop = await world.queues.listenForHints((hint) => hints.push(hint));
      worker = await world.startWorker();
      const done = await ended(asked);
      await stop();
      expect(done).toMatchObject({ state: 'completed', progress: 1, current: true });
      expect(done.version).toBeGreaterThan(asked.version + 2);
      expect(metricOf(done)).toMatchObject({
        pairing: { paired: LARGE },
        losses: LARGE / 10,
        resampled: { resamples: 10_000 },
        verdict: { outcome: 'worse' },
      });
      expect(hints).toContainEqual(expect.objectContaining({ comparisonId: asked.id }));
      const [snapshot] = await comparisons.snapshots([asked.id]);
      expect(snapshot).toEqual({
        comparisonId: asked.id,
        projectId: world.projectId,
        version: done.version,
        state: 'completed',
        progress: 1,
      });
      expect(await comparisons.versions([asked.id])).toEqual(new Map([[asked.id, done.version]]));
    });

    test('a job that the queue has lost is sent again', async () => {
      const asked = await ask(a, [b], { seed: 3 });
      await board(world, 'comparisons').remove(`compare-${asked.id}-1`);
      await reconcileComparisons(world.context, 0);
      expect(await jobIds()).toEqual([`compare-${asked.id}-2`]);
      // One that waits its turn is left alone.
      await reconcileComparisons(world.context, 0);
      expect(await jobIds()).toEqual([`compare-${asked.id}-2`]);
      worker = await world.startWorker();
      expect(await ended(asked)).toMatchObject({ state: 'completed', current: true });
    });

    test('one whose worker went while it was refined is refined by another', async () => {
      const asked = await ask(a, [b], { seed: 4 });
      worker = await world.startWorker();
      const done = await ended(asked);
      await worker.stop();
      const { result } = done;
      const closed = result && {
        ...result,
        candidates: result.candidates.map((candidate) => ({
          ...candidate,
          metrics: candidate.metrics.map((metric) => ({ ...metric, resampled: null })),
        })),
      };
      await world.database.query(sql`
        update comparisons set state = 'refining', result = ${JSON.stringify(closed)}::json,
          begun = 1, touched_at = now() - interval '1 hour'
        where id = ${asked.id}`);
      await reconcileComparisons(world.context, 1000);
      worker = await world.startWorker();
      expect((await ended(asked)).result).toEqual(done.result);
    });

    test('one that loses every worker ends with its reason, and can be asked for again', async () => {
      const asked = await ask(a, [b], { seed: 5 });
      await world.database.query(sql`update comparisons set begun = 3 where id = ${asked.id}`);
      worker = await world.startWorker();
      const lost = await ended(asked);
      expect(lost).toMatchObject({ state: 'failed', result: null });
      expect(lost.reason).toContain('ask again');
      expect(await ended(await ask(a, [b], { seed: 5 }))).toMatchObject({ state: 'completed' });
    });

    test('a run that is deleted meanwhile ends it with the reason', async () => {
      const asked = await ask(a, [b], { seed: 6 });
      await world.database.query(
        sql`update evaluation_runs set deleted_at = now() where id = ${b.id}`,
      );
      worker = await world.startWorker();
      const failed = await waitFor(async () => {
        const row = await world.database.queryOne<{ state: string; reason: string }>(sql`
          select state, reason from comparisons where id = ${asked.id} and state = 'failed'`);
        return row;
      });
      expect(failed.reason).toContain('is deleted');
      await world.database.query(
        sql`update evaluation_runs set deleted_at = null where id = ${b.id}`,
      );
    });
  });
});
