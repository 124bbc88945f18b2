import { describe, expect, test } from '@jest/globals';
import { checkMetricSpecs } from '#libs/metrics';
import { scoreCase, verdictOf } from '#test/scoring';

const usage = {
  latencyMs: 812.5,
  inputTokens: 14,
  outputTokens: 2,
  costUsd: 0.00042,
  finishReason: 'stop',
};

describe('metrics of usage', () => {
  test.each([
    ['latency_ms', 812.5],
    ['input_tokens', 14],
    ['output_tokens', 2],
    ['total_tokens', 16],
    ['cost_usd', 0.00042],
    ['finish_reason', 'stop'],
  ])('%s is %s, whatever the output is', async (metric, value) => {
    for (const output of ['Paris', '', null, { a: [1] }]) {
      expect(await verdictOf(metric, {}, { output, usage })).toBe(value);
    }
    expect(await verdictOf(metric, {}, { output: 'Paris', usage: {} })).toBe('not_applicable');
    expect(await verdictOf(metric, {}, { output: 'Paris' })).toBe('not_applicable');
  });

  test('a total needs both of its parts', async () => {
    const { reason } = await scoreCase(
      { metric: 'total_tokens' },
      { output: '', usage: { inputTokens: 14 } },
    );
    expect(reason).toBe('the target did not report its output tokens');
  });

  test('a zero that was reported is a zero', async () => {
    expect(await verdictOf('cost_usd', {}, { output: '', usage: { costUsd: 0 } })).toBe(0);
  });

  test('less is better, so a threshold is a maximum', async () => {
    const passed = async (threshold: number) =>
      (await scoreCase({ metric: 'latency_ms', threshold }, { output: '', usage })).passed;
    expect([await passed(812), await passed(812.5)]).toEqual([false, true]);
  });

  test('finish_reason judges where it is told what is allowed', async () => {
    const judged = async (allowed?: string[]) => {
      const spec = { metric: 'finish_reason', ...(allowed && { config: { allowed } }) };
      const { passed, reason } = await scoreCase(spec, { output: '', usage });
      return { passed, reason };
    };
    expect(await judged()).toEqual({ passed: null, reason: null });
    expect(await judged(['length', 'stop'])).toEqual({ passed: true, reason: null });
    expect(await judged(['end_turn'])).toEqual({
      passed: false,
      reason: 'stopped for "stop", which is not one of end_turn',
    });
  });

  test('have no options to get wrong', () => {
    const spec = { metric: 'latency_ms', config: { unit: 's' } };
    expect(() => checkMetricSpecs([spec])).toThrow('latency_ms has no such option');
  });
});
