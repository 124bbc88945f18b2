import { describe, expect, test } from '@jest/globals';
import { adjusted, compared, drawn, paired, type TestInput } from './test-input.ts';
import { adjust, outcomeOf, verdictOf } from './verdict.ts';

const untested = (p: number | null) => ({
  p,
  method: 'test',
  holm: null,
  benjaminiHochberg: null,
  family: 0,
});

/** Shares of so many pairs of each kind. */
const table = (both: number, baselineOnly: number, candidateOnly: number, neither: number) => {
  const column = (...passed: number[]) =>
    [both, baselineOnly, candidateOnly, neither].flatMap((count, place) =>
      Array<number>(count).fill(passed[place] ?? 0),
    );
  return {
    baseline: column(1, 1, 0, 0),
    candidate: column(1, 0, 1, 0),
    shape: { range: { min: 0, max: 1 } },
  };
};

/** @param others p of the other tests in the family */
function verdict(input: TestInput, others: readonly number[] = []) {
  const metric = adjusted(compared(input), others);
  return verdictOf(metric, input.options?.confidence ?? 0.95);
}

const margin = (size: number) => ({ options: { margins: { quality: size } } });

describe('adjusting', () => {
  test('as statsmodels’ multipletests, within the family', () => {
    const family = [0.01, 0.04, null, 0.03, 0.2].map(untested);
    const found = adjust(family, (one) => one);
    const of = (place: number) => found.get(family[place] ?? untested(null));
    expect([0, 1, 3, 4].map((place) => of(place)?.holm)).toEqual([0.04, 0.09, 0.09, 0.2]);
    const rates = [0, 1, 3, 4].map((place) => of(place)?.benjaminiHochberg ?? Number.NaN);
    [0.04, 0.16 / 3, 0.16 / 3, 0.2].forEach((rate, place) =>
      expect(rates[place]).toBeCloseTo(rate, 12),
    );
    expect(of(0)).toMatchObject({ p: 0.01, method: 'test', family: 4 });
    expect(of(2)).toBeUndefined();
  });

  test('a test alone stays as it is', () => {
    const one = untested(0.03);
    expect(adjust([one], (test) => test).get(one)).toMatchObject({
      holm: 0.03,
      benjaminiHochberg: 0.03,
      family: 1,
    });
  });
});

describe('outcomes', () => {
  const settled = (holm: number | null) => ({ ...untested(holm), holm });
  test.each([
    ['higher', 0.1, 0.01, 'better'],
    ['higher', -0.1, 0.01, 'worse'],
    ['lower', 0.1, 0.01, 'worse'],
    ['lower', -0.1, 0.01, 'better'],
    ['none', 0.1, 0.01, 'different'],
    ['none', -0.1, 0.01, 'different'],
    ['higher', null, 0.01, 'different'],
    ['higher', 0.1, 0.06, 'inconclusive'],
    // Exactly at the level is not below it, though doubles have 1 − 0.95 above 0.05.
    ['higher', 0.1, 0.05, 'inconclusive'],
    ['higher', 0.1, null, 'inconclusive'],
  ] as const)('%s, %p, p %p: %s', (direction, difference, holm, outcome) => {
    expect(outcomeOf({ difference, direction, test: settled(holm) }, 0.95)).toBe(outcome);
  });

  test('within the margin is equivalent, whether a difference shows or not', () => {
    for (const holm of [0.001, 0.5]) {
      const given = { difference: 0.1, direction: 'higher' as const, test: settled(holm) };
      expect(outcomeOf({ ...given, equivalence: { p: 0.04 } }, 0.95)).toBe('equivalent');
      expect(outcomeOf({ ...given, equivalence: { p: 0.06 } }, 0.95)).not.toBe('equivalent');
      expect(outcomeOf({ ...given, equivalence: { p: null } }, 0.95)).not.toBe('equivalent');
    }
  });
});

describe('sentences', () => {
  test('better, with the numbers that carry it', () => {
    expect(verdict(table(306, 152, 209, 652))).toEqual({
      outcome: 'better',
      sentence:
        'Better: quality is 39.0 % against the baseline’s 34.7 %, a difference of +4.3 points (95 % interval +1.5 to +7.1 points; p = 0.0027; 1,319 paired items).',
    });
  });

  test('worse, where lower is better', () => {
    const input = {
      baseline: [120, 130, 140, 150, 160, 170],
      candidate: [131, 139, 152, 158, 171, 181],
      metric: {
        name: 'latency_ms',
        source: 'usage' as const,
        shape: {
          kind: 'numeric' as const,
          range: { min: null, max: null },
          direction: 'lower' as const,
        },
      },
    };
    expect(verdict(input).sentence).toBe(
      'Worse: latency_ms is 155.3 ms against the baseline’s 145 ms, a difference of +10.3 ms (lower is better; 95 % interval +8.8 to +11.9 ms; p < 0.0001; 6 paired items). With fewer than 100 items the interval of the difference is somewhat too narrow; the relative change holds.',
    );
  });

  test('not enough evidence is not taken for no difference', () => {
    expect(verdict(table(306, 10, 14, 652))).toEqual({
      outcome: 'inconclusive',
      sentence:
        'Not enough evidence: quality is 32.6 % against the baseline’s 32.2 %, a difference of +0.4 points (95 % interval −0.6 to +1.5 points; p = 0.41; 982 paired items); this does not show that there is no difference; so many items would show a true one of 1.4 points in four of five comparisons.',
    });
    const { outcome, sentence } = verdict(table(30, 0, 0, 60));
    expect(outcome).toBe('inconclusive');
    expect(sentence).toContain('the same in both runs for every item');
    expect(sentence).toContain('does not show that there is no difference');
    expect(sentence).toContain('95 % interval −4.1 to +4.1 points');
  });

  test('a difference that is lost among many tests is told', () => {
    const { outcome, sentence } = verdict(table(306, 152, 209, 652), Array<number>(30).fill(0.5));
    expect(outcome).toBe('inconclusive');
    expect(sentence).toContain('p = 0.0027, adjusted for 31 tests 0.084');
    expect(sentence).toContain('alone this would count as a difference, but among 31 tests');
    expect(sentence).not.toContain('no difference');
  });

  test('equivalent says by which tests, and that it differs where it does', () => {
    expect(verdict({ ...table(306, 10, 14, 652), ...margin(0.02) }).sentence).toBe(
      'Equivalent: quality is 32.6 % against the baseline’s 32.2 %, a difference of +0.4 points (982 paired items); the true difference is shown to lie within the margin of ±2.0 points (two one-sided tests, p = 0.0031).',
    );
    expect(verdict({ ...table(3060, 10, 40, 6520), ...margin(0.01) }).sentence).toContain(
      'they do differ (p < 0.0001), but by less than the margin of ±1.0 points (two one-sided tests, p < 0.0001)',
    );
  });

  test('neither different nor equivalent', () => {
    expect(verdict({ ...table(306, 10, 14, 652), ...margin(0.005) }).sentence).toContain(
      'nor is it shown to lie within the margin of ±0.5 points (two one-sided tests, p = 0.43)',
    );
  });

  test('what rests on few items, or few clusters, says so', () => {
    expect(verdict(table(30, 0, 5, 30)).sentence).toContain('It rests on 5 items that differ.');
    expect(verdict(table(30, 0, 1, 30)).sentence).toContain('It rests on 1 item that differs.');
    expect(verdict(table(30, 0, 10, 30)).sentence).not.toContain('It rests on');
    const few = { ...table(10, 0, 10, 0), clusters: Array.from({ length: 20 }, (_, i) => i % 5) };
    expect(verdict(few).sentence).toContain(
      '5 clusters say little about how alike their items are',
    );
  });

  test('what is missing is told, and that it could undo the verdict', () => {
    const given = table(30, 2, 20, 30);
    const missing = {
      baselineOnly: new Float64Array(20).fill(1),
      candidateOnly: Float64Array.from([1, 0]),
      neither: 0,
    };
    const input = { ...given, missing, pairing: { ...paired(82), unpaired: 22 } };
    expect(verdict(input).sentence).toMatch(
      /82 of 104 common items, the others lack a score\)\. What is missing could undo this: .* −2\.9 to \+18\.3 points\.$/,
    );
    const few = { ...missing, baselineOnly: Float64Array.from([1]) };
    expect(
      verdict({ ...input, missing: few, pairing: { ...paired(82), unpaired: 3 } }).sentence,
    ).not.toContain('undo');
    // Equivalence is undone where the difference could leave the margin.
    const level = { ...table(900, 1, 1, 900), ...margin(0.01) };
    expect(verdict({ ...level, missing, pairing: { ...paired(1802), unpaired: 22 } })).toEqual({
      outcome: 'equivalent',
      sentence: expect.stringContaining('What is missing could undo this'),
    });
  });

  test('no pairs, one pair, one cluster', () => {
    expect(verdict({ baseline: [], candidate: [] }).sentence).toBe(
      'Not enough evidence: no item has a score of quality in both runs.',
    );
    expect(verdict({ baseline: [0.3], candidate: [0.4] }).sentence).toBe(
      'Not enough evidence: quality is 0.4 against the baseline’s 0.3, a difference of +0.1 (no test is possible; 1 paired item).',
    );
    const { outcome, sentence } = verdict({
      ...table(0, 2, 20, 0),
      clusters: Array<number>(22).fill(4),
    });
    expect(outcome).toBe('inconclusive');
    expect(sentence).toContain('no test is possible');
  });

  test('categories', () => {
    const names = { baseline: ['a', 'b'], candidate: ['a', 'b'] };
    const input = (baseline: number[], candidate: number[]) => ({
      baseline,
      candidate,
      categories: names,
      shape: { kind: 'categorical' as const },
    });
    const zeros = Array<number>(20).fill(0);
    const ones = Array<number>(20).fill(1);
    expect(verdict(input(zeros, ones))).toEqual({
      outcome: 'different',
      sentence:
        'Different: 20 of 20 paired items changed the category of quality, and some categories are more frequent than in the baseline, others less (p < 0.0001).',
    });
    expect(verdict(input([0, 1, 0], [1, 0, 0])).sentence).toBe(
      'Not enough evidence: 2 of 3 paired items changed the category of quality (p = 1); it is not shown that any category is more or less frequent than in the baseline, nor that none is.',
    );
    expect(verdict(input(zeros, zeros)).sentence).toContain('the same in both runs for every item');
    expect(verdict({ ...input([0, 0, 1], [1, 0, 1]), clusters: [1, 1, 2] }).sentence).toContain(
      'their items depend on each other',
    );
    expect(
      verdict(input([...zeros.slice(0, 6), 1], [...ones.slice(0, 6), 1]), [0.5, 0.5, 0.5]).sentence,
    ).toContain('alone this would count as a change of how frequent categories are');
  });
});

describe('numbers in sentences', () => {
  test('p does not cross the level by rounding', () => {
    // McNemar's score of 1 and 7 is 6 / √8, its p 0.033895 (0.03389 in four digits), just below a level of 0.0339.
    const sentence = verdict({ ...table(9, 1, 7, 9), options: { confidence: 0.9661 } }).sentence;
    expect(sentence).toMatch(/^Better.*p = 0\.03389;/);
    expect(sentence).toContain('96.6 % interval');
  });

  test('a difference that is none shows as none, and one that is shows', () => {
    const { sentence } = verdict(table(30_000, 1000, 1004, 60_000));
    expect(sentence).toContain(
      'quality is 33.699 % against the baseline’s 33.694 %, a difference of +0.004 points',
    );
    for (const [seed, scale] of [1e-12, 1e-5, 1, 1e5, 1e12].entries()) {
      const values = drawn(seed + 1, 40, (random) => scale * (1 + random.normal()));
      const input = {
        baseline: values,
        candidate: values.map((value, i) => value * (i % 2 ? 1.0003 : 0.9999)),
      };
      const text = verdict(input).sentence;
      expect(text).toMatch(/a difference of [+−]0*[.,]?\d/);
      expect(text).not.toMatch(/difference of [+−]?0(\.0+)? \(/);
      expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    }
  });

  test('no end of an interval that is beyond 0 shows as 0', () => {
    // Tango's interval begins a hair above 0.
    for (let candidateOnly = 1; candidateOnly < 60; candidateOnly += 1) {
      for (const baselineOnly of [0, 3, 20]) {
        const input = table(4000, baselineOnly, candidateOnly, 4000);
        const { interval } = compared(input);
        const { sentence } = verdict(input);
        const shown = /interval ([+−]?)[\d.]+ to ([+−]?)[\d.]+ points/.exec(sentence);
        expect(shown?.[1]).toBe((interval?.low ?? 0) > 0 ? '+' : '−');
        expect(shown?.[2]).toBe((interval?.high ?? 0) > 0 ? '+' : '−');
        expect(sentence).not.toMatch(/[+−]0\.0+ /);
      }
    }
  });

  test('a difference within its margin does not show as the margin', () => {
    const values = Array.from({ length: 400 }, (_, i) => i / 400);
    const input = {
      baseline: values,
      candidate: values.map((value, i) => value + 0.0098 + (i % 2 ? 1e-5 : -1e-5)),
      ...margin(0.01),
    };
    expect(verdict(input).outcome).toBe('equivalent');
    expect(verdict(input).sentence).toContain('a difference of +0.0098 ');
    const close = {
      ...input,
      candidate: values.map((value, i) => value + 0.99996 + (i % 2 ? 1e-5 : -1e-5)),
      ...margin(1),
    };
    expect(verdict(close).sentence).toMatch(/difference of \+0\.99996 .* margin of ±1 /);
  });

  test('differences that cancel are no difference of 5E−17', () => {
    const candidate = [0.1, 0.2, -0.3, 0.7, 0.1, -0.8];
    const { sentence } = verdict({ baseline: candidate.map(() => 0), candidate });
    expect(sentence).toMatch(/^Not enough evidence: quality is 0 in both runs on average \(95 %/);
  });

  test('what is written agrees with itself', () => {
    const numberOf = (text: string | undefined): number =>
      Number((text ?? 'none').replaceAll('−', '-').replaceAll(',', ''));
    for (let seed = 1; seed <= 200; seed += 1) {
      const n = 2 + ((seed * 7) % 90);
      const isShare = seed % 2 === 0;
      const scale = isShare ? 1 : 10 ** ((seed % 13) - 6);
      const baseline = drawn(seed, n, (random) =>
        isShare ? Number(random.uniform() < 0.6) : scale * random.normal(),
      );
      const candidate = drawn(seed + 1000, n, (random, place) => {
        const value = baseline[place] ?? 0;
        if (random.uniform() < 0.4) return value;
        return isShare ? Number(random.uniform() < 0.8) : value + scale * (random.normal() + 0.4);
      });
      const input = {
        baseline,
        candidate,
        ...(isShare && { shape: { range: { min: 0, max: 1 } } }),
        ...(seed % 3 === 0 && { clusters: baseline.map((_, place) => place % 7) }),
        ...margin(0.5 * scale),
      };
      const { outcome, sentence } = verdict(input);
      const written =
        /is (\S+)(?: %)? against the baseline’s (\S+)(?: %)?, a difference of (\S+)/.exec(sentence);
      const interval = /interval (\S+) to ([^\s;]+)/.exec(sentence);
      const [of, against, difference] = [1, 2, 3].map((part) => numberOf(written?.[part]));
      const { difference: exact, interval: exactInterval } = compared(input);
      const apart = Number(of) - Number(against);
      const found = {
        sign: Math.sign(Number(difference)),
        apart: Math.sign(apart),
        isWithin:
          numberOf(interval?.[1]) <= Number(difference) &&
          Number(difference) <= numberOf(interval?.[2]),
        holdsZero: numberOf(interval?.[1]) <= 0 && numberOf(interval?.[2]) >= 0,
      };
      const sign = Math.sign(exact ?? 0);
      const shown = exactInterval !== null && outcome !== 'equivalent' && written !== null;
      expect({ seed, ...found }).toEqual({
        seed,
        sign: written === null ? Number.NaN : sign,
        apart: written === null ? Number.NaN : sign,
        isWithin: shown,
        holdsZero:
          interval !== null &&
          exactInterval !== null &&
          exactInterval.low <= 0 &&
          exactInterval.high >= 0,
      });
    }
  });

  test('very small and very large numbers can be read', () => {
    const tiny = verdict({ baseline: [1e-13, 2e-13, 4e-13], candidate: [2e-13, 4e-13, 5e-13] });
    expect(tiny.sentence).toContain('3.67E−13 against the baseline’s 2.33E−13');
    const huge = verdict({ baseline: [1e18, 2e18, 4e18], candidate: [2e18, 4e18, 5e18] });
    expect(huge.sentence).toContain('3.67E18 against the baseline’s 2.33E18');
  });
});

test('exchanging the runs turns the verdict round, with the same p', () => {
  const round: Record<string, string> = { better: 'worse', worse: 'better' };
  for (let seed = 1; seed <= 20; seed += 1) {
    const baseline = drawn(seed, 30, (random) => random.normal());
    const candidate = drawn(seed + 100, 30, (random) => random.normal() + (seed % 3) - 1);
    const one = verdict({ baseline, candidate });
    const other = verdict({ baseline: candidate, candidate: baseline });
    expect(other.outcome).toBe(round[one.outcome] ?? one.outcome);
    const pOf = (sentence: string) => /p [=<] [\d.]+/.exec(sentence)?.[0];
    expect(pOf(other.sentence)).toBe(pOf(one.sentence));
    expect(pOf(one.sentence)).toBeDefined();
  }
});
