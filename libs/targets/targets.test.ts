import { describe, expect, test } from '@jest/globals';
import type { RecordedOutputs, TargetCase, TargetResult } from '#libs/evaluation';
import { noTools } from '#test/scoring';
import { createTarget, localityOf, type TargetPorts } from './index.ts';

const recording = {
  kind: 'recorded',
  recordingId: '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11',
} as const;
const cases: TargetCase[] = ['a', 'b', 'c'].map((key) => ({ key, repeat: 0, input: 'secret' }));

const away = (): never => {
  throw new Error('a recorded target asks for nothing else');
};
const ports = (recordedOutputs: TargetPorts['recordedOutputs']): TargetPorts => ({
  recordedOutputs,
  clientOutputs: away,
  models: noTools.models,
  caller: { call: away },
  http: noTools.http,
  secrets: { secret: away },
  settings: { projectId: recording.recordingId, timeoutMs: 1000, maxRetries: 0, cache: false },
});

const targetOver = (find: RecordedOutputs['find']) =>
  createTarget(
    recording,
    ports(() => ({ find })),
  );
const context = () => ({ signal: new AbortController().signal });

describe('the recorded target', () => {
  test('is local', () => {
    expect(localityOf(recording)).toBe('local');
  });

  test('opens the outputs of the source that it is given', () => {
    const opened: unknown[] = [];
    createTarget(
      recording,
      ports((source) => {
        opened.push(source);
        return { find: async () => [] };
      }),
    );
    expect(opened).toEqual([recording]);
  });

  test('answers in the order of the items, with what was measured', async () => {
    const outputs = new Map<string, TargetResult>([
      ['a', { output: 'A', latencyMs: 5, costUsd: 0.1 }],
      ['b', { output: null }],
      ['c', { output: { deep: [1] } }],
    ]);
    const target = targetOver(async (asked) => asked.map(({ key }) => outputs.get(key)));
    expect(await target.produce(cases, context())).toEqual([
      { output: 'A', latencyMs: 5, costUsd: 0.1 },
      { output: null },
      { output: { deep: [1] } },
    ]);
  });

  test('fails an item that has no output, and names it without its contents', async () => {
    const target = targetOver(async (asked) =>
      asked.map(({ key }) => (key === 'b' ? undefined : { output: 1 })),
    );
    const results = await target.produce(cases, context());
    expect(results[0]).toEqual({ output: 1 });
    expect(results[1]).toEqual({
      error: { class: 'output_missing', message: 'no recorded output for item "b", repeat 0' },
    });
  });

  test('fails an item whose recording holds an error, whatever its class was', async () => {
    const target = targetOver(async () => [
      { error: { class: 'target_error', message: 'rate limited' }, latencyMs: 9 },
    ]);
    expect(await target.produce(cases.slice(0, 1), context())).toEqual([
      { error: { class: 'recorded_error', message: 'rate limited' }, latencyMs: 9 },
    ]);
  });

  test('refuses a store that answers for other items', async () => {
    await expect(targetOver(async () => []).produce(cases, context())).rejects.toThrow(
      'asked for 3 recorded outputs, got 0',
    );
  });

  test('asks nothing once it is aborted', async () => {
    const target = targetOver(() => {
      throw new Error('asked');
    });
    const signal = AbortSignal.abort(new Error('canceled'));
    await expect(target.produce(cases, { signal })).rejects.toThrow('canceled');
  });
});

describe('the client target', () => {
  test('answers with what the client made of the items, its errors as its own', async () => {
    const answered = createTarget(
      { kind: 'client' },
      {
        ...ports(away),
        clientOutputs: () => ({
          find: async () => [
            { output: 'A', traceId: 't' },
            { error: { class: 'target_error', message: 'my code threw' } },
            undefined,
          ],
        }),
      },
    );
    expect(localityOf({ kind: 'client' })).toBe('local');
    expect(await answered.produce(cases, context())).toEqual([
      { output: 'A', traceId: 't' },
      { error: { class: 'client_error', message: 'my code threw' } },
      {
        error: { class: 'output_missing', message: 'no recorded output for item "c", repeat 0' },
      },
    ]);
  });
});
