import { describe, expect, test } from '@jest/globals';
import { scoreCase, verdictOf } from '#test/scoring';

/** The mulberry32 generator: small, and the same on every machine. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const random = seeded(3);
const alphabets = ['ab', 'abcdefgh', 'aé😀\ud83d\u0000ß'].map((text) => Array.from(text));
const text = () => {
  const alphabet = alphabets[random(alphabets.length)] ?? [];
  return Array.from({ length: random(14) }, () => alphabet[random(alphabet.length)]).join('');
};

const jaroWinkler = async (output: string, expected: string, config = {}) =>
  verdictOf('jaro_winkler_similarity', config, { output, expected });

/** Jaro as it is defined, each character looking for its partner in its window. */
function jaroAsDefined(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (a.length === 0 && b.length === 0) return 1;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const used = b.map(() => false);
  const matched = a.filter((character, place) => {
    const partner = b.findIndex(
      (other, at) => other === character && used[at] === false && Math.abs(at - place) <= reach,
    );
    if (partner !== -1) used[partner] = true;
    return partner !== -1;
  });
  const others = b.filter((_, at) => used[at]);
  const m = matched.length;
  if (m === 0) return 0;
  const t = Math.floor(matched.filter((character, at) => character !== others[at]).length / 2);
  return (m / a.length + m / b.length + (m - t) / m) / 3;
}

describe('jaro_winkler_similarity', () => {
  // W. E. Winkler, "Overview of Record Linkage and Current Research Directions", US Census Bureau
  // (2006), the table of string comparators: Jaro and Jaro-Winkler, to three digits.
  test.each([
    ['SHACKLEFORD', 'SHACKELFORD', 0.97, 0.982],
    ['DUNNINGHAM', 'CUNNIGHAM', 0.896, 0.896],
    ['NICHLESON', 'NICHULSON', 0.926, 0.956],
    ['JONES', 'JOHNSON', 0.79, 0.832],
    ['MASSEY', 'MASSIE', 0.889, 0.933],
    ['ABROMS', 'ABRAMS', 0.889, 0.922],
    ['HARDIN', 'MARTINEZ', 0.722, 0.722],
    ['ITMAN', 'SMITH', 0.467, 0.467],
    ['JERALDINE', 'GERALDINE', 0.926, 0.926],
    ['MARHTA', 'MARTHA', 0.944, 0.961],
    ['MICHELLE', 'MICHAEL', 0.869, 0.921],
    ['JULIES', 'JULIUS', 0.889, 0.933],
    ['TANYA', 'TONYA', 0.867, 0.88],
    ['DWAYNE', 'DUANE', 0.822, 0.84],
    ['SEAN', 'SUSAN', 0.783, 0.805],
    ['JON', 'JOHN', 0.917, 0.933],
  ])('%s and %s: Jaro %d, Jaro-Winkler %d', async (a, b, jaro, winkler) => {
    expect(await jaroWinkler(a, b, { prefixScale: 0 })).toBeCloseTo(jaro, 3);
    expect(await jaroWinkler(a, b)).toBeCloseTo(winkler, 3);
  });

  // Wikipedia, "Jaro–Winkler distance", and the tests of Apache Commons Text and of jellyfish.
  test.each([
    ['MARTHA', 'MARHTA', 0.961111],
    ['DIXON', 'DICKSONX', 0.813333],
    ['DWAYNE', 'DUANE', 0.84],
    ['', '', 1],
    ['', 'a', 0],
    ['a', 'a', 1],
    ['a', 'b', 0],
  ])('%j and %j: %d', async (a, b, value) => {
    expect(await jaroWinkler(a, b)).toBeCloseTo(value, 6);
  });

  test('a common beginning counts over the threshold alone', async () => {
    const [a, b] = ['ABxxxxxx', 'AByyyyyy'];
    const plain = (0.25 + 0.25 + 1) / 3;
    expect(await jaroWinkler(a, b)).toBeCloseTo(plain, 9);
    expect(await jaroWinkler(a, b, { boostThreshold: 0 })).toBeCloseTo(
      plain + 0.2 * (1 - plain),
      9,
    );
  });

  test('is what its definition says, symmetric, bounded, and 1 for equal texts', async () => {
    for (let round = 0; round < 2000; round += 1) {
      const [a, b] = [text(), text()];
      const value = await jaroWinkler(a, b, { prefixScale: 0 });
      expect(value).toBeCloseTo(jaroAsDefined(a, b), 12);
      expect(await jaroWinkler(b, a, { prefixScale: 0 })).toBeCloseTo(Number(value), 12);
      expect(await jaroWinkler(a, a)).toBe(1);
      const boosted = Number(await jaroWinkler(a, b, { prefixScale: 0.25 }));
      expect(boosted).toBeGreaterThanOrEqual(Number(value));
      expect(boosted).toBeLessThanOrEqual(1);
    }
  });

  test('ignoreCase makes case no difference, and nothing else does', async () => {
    expect(await jaroWinkler('STRASSE', 'straße', { ignoreCase: true })).toBe(1);
    expect(await jaroWinkler('STRASSE', 'strasse')).toBe(0);
  });

  test('compares a megabyte with another', async () => {
    // Every character has its partner, and every place another one.
    const item = { output: 'ab'.repeat(500_000), expected: 'ba'.repeat(500_000) };
    const { outcome, value } = await scoreCase({ metric: 'jaro_winkler_similarity' }, item);
    expect([outcome, value]).toEqual(['scored', 2.5 / 3]);
  });
});

test('levenshtein_similarity is symmetric, bounded, and no worse for a common beginning', async () => {
  const similarity = async (output: string, expected: string) =>
    Number(await verdictOf('levenshtein_similarity', {}, { output, expected }));
  for (let round = 0; round < 1000; round += 1) {
    const [a, b] = [text(), text()];
    const value = await similarity(a, b);
    expect(value).toBe(await similarity(b, a));
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
    expect(await similarity(`x${a}`, `x${b}`)).toBeGreaterThanOrEqual(value);
  }
});
