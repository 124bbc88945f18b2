import { describe, expect, test } from '@jest/globals';
import { gateRule, type GateRule, type MetricComparison } from '#libs/contracts';
import { compareMetric } from '../comparisons/analysis/compare-metric.ts';
import { pairScores, scoreStatus, type MetricScores } from '../comparisons/analysis/pairs.ts';
import { checkRules, uncompared } from './rules.ts';

type Value = number | null;

/** Null: the item failed. */
const scoresOf = (values: readonly Value[]): MetricScores => ({
  status: Uint8Array.from(values, (value) =>
    value === null ? scoreStatus.failed : scoreStatus.scored,
  ),
  values: Float64Array.from(values, (value) => value ?? Number.NaN),
});

/** A metric of two runs over the same items, compared as comparisons do. */
function compared(
  name: string,
  baseline: readonly Value[],
  candidate: readonly Value[],
  given: {
    kind?: 'boolean' | 'numeric';
    direction?: 'higher' | 'lower' | 'none';
    clusters?: readonly number[];
  } = {},
): MetricComparison {
  const { kind = 'boolean', direction = 'higher', clusters } = given;
  const alignment = {
    partner: Int32Array.from(baseline, (_, no) => no),
    firstOnly: 0,
    secondOnly: 0,
    chosen: new Uint8Array(baseline.length).fill(1),
    clusters: clusters ? Int32Array.from(clusters) : null,
    items: null,
  };
  const range = kind === 'boolean' ? { min: 0, max: 1 } : { min: null, max: null };
  const {
    worst: _,
    best: __,
    ...draft
  } = compareMetric(
    {
      metric: {
        name,
        source: name === 'cost_usd' ? 'usage' : 'metric',
        shape: { kind, range, direction },
      },
      ...pairScores(alignment, scoresOf(baseline), scoresOf(candidate), true),
      clusteredBy: clusters ? 'metadata.source' : null,
      parts: [],
    },
    { confidence: 0.95, margins: {}, differences: {} },
  );
  return {
    ...draft,
    verdict: { outcome: 'inconclusive', sentence: '' },
    regressions: [],
    improvements: [],
  };
}

/** Binary scores by how many pairs there are of each sort. */
const binary = (
  counts: { both: number; baselineOnly: number; candidateOnly: number; neither: number },
  name = 'accuracy',
): MetricComparison => {
  const { both, baselineOnly, candidateOnly, neither } = counts;
  const repeat = (value: number, count: number): number[] =>
    Array.from({ length: count }, () => value);
  return compared(
    name,
    [...repeat(1, both + baselineOnly), ...repeat(0, candidateOnly + neither)],
    [
      ...repeat(1, both),
      ...repeat(0, baselineOnly),
      ...repeat(1, candidateOnly),
      ...repeat(0, neither),
    ],
  );
};

const costs = Array.from({ length: 200 }, (_, i) => 0.001 * (1 + ((i * 7919) % 101) / 100));
const dearer = costs.map((cost, i) => cost * (1.03 + 0.04 * (((i * 104729) % 97) / 97)));
const lower = { kind: 'numeric', direction: 'lower' } as const;
const cost = compared('cost_usd', costs, dearer, lower);

const rule = (given: unknown): GateRule => gateRule.parse(given);
const accuracyRule = (atMostWorse: number, more: object = {}): GateRule =>
  rule({ kind: 'difference', metric: 'accuracy', atMostWorse, ...more });
const check = (metric: MetricComparison, given: GateRule) => {
  const [result] = checkRules([given], [metric]).rules;
  if (!result) throw new Error('a rule was left out');
  return result;
};

describe('accuracy not worse by more than 1 point, cost at most +10 %', () => {
  const rules = [
    accuracyRule(0.01),
    rule({ kind: 'relative', metric: 'cost_usd', atMostWorse: 0.1 }),
  ];
  const slightlyBetter = binary({ both: 780, baselineOnly: 22, candidateOnly: 40, neither: 158 });

  test('passes where both ends keep it, and says by which numbers', () => {
    const { outcome, rules: results } = checkRules(rules, [slightlyBetter, cost]);
    expect(outcome).toBe('pass');
    expect(results.map(({ reason }) => reason)).toEqual([
      'Pass: accuracy went from 80.2 % to 82 %, by +1.8 points, at 95 % confidence at least +0.516 points; the rule wants at least −1 point (1,000 paired items).',
      'Pass: cost_usd went from 0.001501 USD to 0.001575 USD, by +4.96 %, at 95 % confidence at most +5.09 %; the rule wants at most +10 % (200 paired items).',
    ]);
  });

  test('fails where one rule fails, is inconclusive where none fails and one is', () => {
    const worse = binary({ both: 760, baselineOnly: 52, candidateOnly: 20, neither: 168 });
    const unsure = binary({ both: 780, baselineOnly: 30, candidateOnly: 22, neither: 168 });
    expect(checkRules(rules, [worse, cost]).outcome).toBe('fail');
    expect(checkRules(rules, [unsure, cost]).outcome).toBe('inconclusive');
    const dear = compared(
      'cost_usd',
      costs,
      costs.map((one) => 1.2 * one),
      lower,
    );
    expect(checkRules(rules, [unsure, dear]).outcome).toBe('fail');
    expect(checkRules(rules, [worse, cost]).rules[0]?.reason).toBe(
      'Fail: accuracy went from 81.2 % to 78 %, by −3.2 points, at 95 % confidence at most −1.84 points; the rule wants at least −1 point (1,000 paired items).',
    );
    expect(checkRules(rules, [unsure, cost]).rules[0]?.reason).toBe(
      'Inconclusive: accuracy went from 81 % to 80.2 %, by −0.8 points, at 95 % confidence for each end −2.03 points to +0.396 points; the rule wants at least −1 point (1,000 paired items).',
    );
  });
});

describe('the ends are one-sided', () => {
  // By scipy: roots of Tango's score at the normal quantile of 0.95, Wilson's interval at 90 % (of
  // statsmodels), Fieller's roots and mean ± t.ppf(0.95, 199) · se.
  test.each([
    [
      'Tango',
      binary({ both: 780, baselineOnly: 30, candidateOnly: 22, neither: 168 }),
      accuracyRule(0),
      [-0.008, -0.020287436052623606, 0.003955745693299029],
    ],
    [
      'Tango at 90 %',
      binary({ both: 20, baselineOnly: 6, candidateOnly: 5, neither: 9 }),
      accuracyRule(0, { confidence: 0.9 }),
      [-0.025, -0.13444631635879248, 0.08415110116550135],
    ],
    [
      'Wilson',
      binary({ both: 780, baselineOnly: 30, candidateOnly: 22, neither: 168 }),
      rule({ kind: 'value', metric: 'accuracy', min: 0 }),
      [0.802, 0.780469574895285, 0.8219006861878997],
    ],
    [
      'Fieller',
      cost,
      rule({ kind: 'relative', metric: 'cost_usd', atMostWorse: 0 }),
      [0.04955359770497436, 0.04818330521836067, 0.05092611846391826],
    ],
    [
      'paired t',
      cost,
      rule({ kind: 'difference', metric: 'cost_usd', atMostWorse: 0 }),
      [7.438242783505159e-5, 7.176291918447416e-5, 7.700193648562901e-5],
    ],
    [
      't of a mean',
      cost,
      rule({ kind: 'value', metric: 'cost_usd', max: 1 }),
      [0.0015754324278350518, 0.0015395336647401078, 0.0016113311909299957],
    ],
  ])('%s', (_, metric, given, [estimate = NaN, low = NaN, high = NaN]) => {
    const result = check(metric, given);
    expect(result.estimate).toBeCloseTo(estimate, 12);
    expect(result.low).toBeCloseTo(low, 11);
    expect(result.high).toBeCloseTo(high, 11);
  });

  test('a limit on either side of an end decides', () => {
    const metric = binary({ both: 780, baselineOnly: 30, candidateOnly: 22, neither: 168 });
    expect(check(metric, accuracyRule(0.0203)).outcome).toBe('pass');
    expect(check(metric, accuracyRule(0.0202)).outcome).toBe('inconclusive');
    expect(check(metric, accuracyRule(-0.0039)).outcome).toBe('inconclusive');
    expect(check(metric, accuracyRule(-0.004)).outcome).toBe('fail');
  });
});

test('of all limits, a rule never goes from pass to fail without being inconclusive, nor back', () => {
  const order = { fail: 0, inconclusive: 1, pass: 2 };
  for (const metric of [
    binary({ both: 30, baselineOnly: 6, candidateOnly: 5, neither: 9 }),
    compared('accuracy', costs, dearer, { kind: 'numeric' }),
  ]) {
    const scale = metric.kind === 'binary' ? 1 : 0.001;
    for (const kind of ['difference', 'relative']) {
      const outcomes = Array.from({ length: 201 }, (_, step) => {
        const atMostWorse = ((step - 100) / 100) * (kind === 'relative' ? 1 : scale);
        return order[check(metric, rule({ kind, metric: 'accuracy', atMostWorse })).outcome];
      });
      expect(outcomes).toEqual(outcomes.toSorted((a, b) => a - b));
      expect(new Set(outcomes).size).toBeGreaterThan(1);
    }
  }
});

test('the direction of the metric says which side is worse', () => {
  const values = Array.from({ length: 50 }, (_, i) => 10 + (i % 7));
  const more = values.map((value, i) => value + 1 + (i % 3) / 10);
  const outcomes = (direction: 'higher' | 'lower') =>
    [values, more].flatMap(
      (baseline) =>
        check(
          compared('length', baseline, baseline === values ? more : values, {
            kind: 'numeric',
            direction,
          }),
          rule({ kind: 'difference', metric: 'length', atMostWorse: 0.5 }),
        ).outcome,
    );
  expect(outcomes('higher')).toEqual(['pass', 'fail']);
  expect(outcomes('lower')).toEqual(['fail', 'pass']);
});

test('shares of a negative baseline keep the direction', () => {
  const logs = Array.from({ length: 60 }, (_, i) => -10 - (i % 5));
  const halved = logs.map((value, i) => value / 2 - (i % 2) / 100);
  const better = compared('likelihood', logs, halved, { kind: 'numeric' });
  const given = rule({ kind: 'relative', metric: 'likelihood', atMostWorse: -0.4 });
  const result = check(better, given);
  expect(result).toMatchObject({ outcome: 'pass' });
  expect(result.estimate).toBeCloseTo(0.4996, 3);
  expect(check(compared('likelihood', halved, logs, { kind: 'numeric' }), given).outcome).toBe(
    'fail',
  );
});

describe('without a confidence', () => {
  const sure = { confidence: null };
  test('the estimate alone decides, also exactly at the limit', () => {
    const metric = binary({ both: 780, baselineOnly: 30, candidateOnly: 20, neither: 170 });
    expect(check(metric, accuracyRule(0.01, sure)).outcome).toBe('pass');
    expect(check(metric, accuracyRule(0.0099, sure)).outcome).toBe('fail');
    const tenth = compared('cost_usd', [1, 2, 3], [1.1, 2.2, 3.3], lower);
    const relative = rule({ kind: 'relative', metric: 'cost_usd', atMostWorse: 0.1, ...sure });
    expect(check(tenth, relative)).toMatchObject({ outcome: 'pass', low: null, high: null });
  });
});

describe('a range of the own mean', () => {
  const metric = binary({ both: 780, baselineOnly: 30, candidateOnly: 22, neither: 168 });
  test.each([
    [{ min: 0.75 }, 'pass'],
    [{ min: 0.8 }, 'inconclusive'],
    [{ min: 0.85 }, 'fail'],
    [{ max: 0.75 }, 'fail'],
    [{ max: 0.85 }, 'pass'],
    [{ min: 0.75, max: 0.85 }, 'pass'],
    [{ min: 0.75, max: 0.81 }, 'inconclusive'],
    [{ min: 0.83, max: 0.9 }, 'fail'],
  ])('%j is %s', (range, outcome) => {
    const result = check(metric, rule({ kind: 'value', metric: 'accuracy', ...range }));
    expect(result.outcome).toBe(outcome);
  });

  test('is all that a metric without a better end takes', () => {
    const words = compared('words', costs, dearer, { kind: 'numeric', direction: 'none' });
    expect(check(words, rule({ kind: 'value', metric: 'words', min: 0.001 })).outcome).toBe('pass');
    const refused = check(words, rule({ kind: 'difference', metric: 'words', atMostWorse: 1 }));
    expect(refused.outcome).toBe('inconclusive');
    expect(refused.reason).toContain('give it a rule of the kind value');
  });
});

describe('what is not known never passes', () => {
  test('a metric that the runs do not share', () => {
    const result = check(cost, accuracyRule(1));
    expect(result).toMatchObject({ outcome: 'inconclusive', estimate: null, n: 0 });
    expect(result.reason).toContain('no values of accuracy in common; they have cost_usd');
  });

  test('no pair, one pair, runs that could not be compared', () => {
    expect(check(compared('accuracy', [null, 1], [1, null]), accuracyRule(1)).reason).toBe(
      'Inconclusive: no item has a score of accuracy in both runs.',
    );
    const one = check(compared('accuracy', [0.5], [0.7], { kind: 'numeric' }), accuracyRule(9));
    expect(one.outcome).toBe('inconclusive');
    expect(one.reason).toContain('too little is known');
    expect(uncompared([accuracyRule(1)], 'Why not.')).toMatchObject({
      outcome: 'inconclusive',
      rules: [{ reason: 'Inconclusive: the runs could not be compared. Why not.' }],
    });
  });

  test('few values that agree: not four at 95 %, but five', () => {
    const alike = (n: number) =>
      compared(
        'accuracy',
        Array.from({ length: n }, (_, i) => i),
        Array.from({ length: n }, (_, i) => i + 1),
        {
          kind: 'numeric',
        },
      );
    expect(check(alike(4), accuracyRule(0)).outcome).toBe('inconclusive');
    expect(check(alike(5), accuracyRule(0)).outcome).toBe('pass');
    expect(check(alike(5), accuracyRule(-2)).outcome).toBe('fail');
  });

  test('binary scores of which none changed: as little as there are items', () => {
    const same = (n: number) => binary({ both: n, baselineOnly: 0, candidateOnly: 0, neither: 0 });
    const relative = rule({ kind: 'relative', metric: 'accuracy', atMostWorse: 0.01 });
    for (const given of [accuracyRule(0.01), relative]) {
      expect(check(same(100), given).outcome).toBe('inconclusive');
      expect(check(same(300), given).outcome).toBe('pass');
    }
    const sources = Array.from({ length: 300 }, (_, i) => i % 6);
    const ones = sources.map(() => 1);
    const clustered = compared('accuracy', ones, ones, { clusters: sources });
    const own = rule({ kind: 'value', metric: 'accuracy', min: 0.99 });
    expect(check(clustered, own).outcome).toBe('inconclusive');
    expect(check(same(300), own).outcome).toBe('pass');
  });

  test('a share of a baseline of 0', () => {
    const free = compared('cost_usd', [0, 0, 0], [1, 2, 3], lower);
    const result = check(free, rule({ kind: 'relative', metric: 'cost_usd', atMostWorse: 0.1 }));
    expect(result.outcome).toBe('inconclusive');
    expect(result.reason).toContain('give it a rule of the kind difference');
  });
});

test('clusters make it less sure', () => {
  const sources = Array.from({ length: 300 }, (_, i) => Math.floor(i / 30));
  const baseline = sources.map(() => 1);
  const candidate = sources.map((source) => (source === 3 ? 0 : 1));
  const given = accuracyRule(0.15);
  expect(check(compared('accuracy', baseline, candidate), given).outcome).toBe('pass');
  expect(
    check(compared('accuracy', baseline, candidate, { clusters: sources }), given).outcome,
  ).toBe('inconclusive');
});

describe('what failed', () => {
  const baseline = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const candidate = baseline.map((value, i) => (i >= 370 ? null : value));

  test('is said where it could break what passes', () => {
    const result = check(compared('accuracy', baseline, candidate), accuracyRule(0.02));
    expect(result.outcome).toBe('pass');
    expect(result.reason).toContain(
      'But were all 30 items that failed or have no score as bad as can be, it would be −3.75 points, which breaks the rule.',
    );
    const half = baseline.map((value, i) => (i >= 340 ? null : value));
    const given = rule({ kind: 'value', metric: 'accuracy', min: 0.45 });
    const own = check(compared('accuracy', baseline, half), given);
    expect(own.outcome).toBe('pass');
    expect(own.reason).toContain(
      'But were all 60 items that failed or have no score as bad as can be, it would be 42.5 %, which breaks the rule.',
    );
  });

  test('is not mentioned where it could not', () => {
    const result = check(compared('accuracy', baseline, candidate), accuracyRule(0.1));
    expect(result.reason).not.toContain('But');
  });
});

test.each([
  [{ kind: 'difference', metric: 'a' }, 'atMostWorse'],
  [{ kind: 'value', metric: 'a' }, 'min'],
  [{ kind: 'value', metric: 'a', min: 2, max: 1 }, 'min'],
  [{ kind: 'value', metric: 'a', min: 2, atMostWorse: 1 }, ''],
  [{ kind: 'relative', metric: 'a', atMostWorse: 0.1, confidence: 0.5 }, 'confidence'],
  [{ kind: 'ratio', metric: 'a', atMostWorse: 0.1 }, 'kind'],
])('the rule %j is refused at %s', (given, field) => {
  const { error } = gateRule.safeParse(given);
  expect(error?.issues.map(({ path }) => path.join('.'))).toContain(field);
});
