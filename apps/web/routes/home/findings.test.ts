import { describe, expect, test } from '@jest/globals';
import { findings, isUsage } from './findings.ts';

describe('what verdicts say', () => {
  test('bad news stands first, and what is not decided is no news', () => {
    expect(
      findings([
        { metric: 'a', outcome: 'better' },
        { metric: 'b', outcome: 'inconclusive' },
        { metric: 'c', outcome: 'worse' },
        { metric: 'd', outcome: 'equivalent' },
        { metric: 'e', outcome: 'worse' },
      ]),
    ).toEqual([
      { outcome: 'worse', metrics: ['c', 'e'] },
      { outcome: 'better', metrics: ['a'] },
    ]);
    expect(findings([])).toEqual([]);
  });

  test('what a target spent is told from how good it was', () => {
    expect(['latency_ms', 'accuracy'].map(isUsage)).toEqual([true, false]);
  });
});
