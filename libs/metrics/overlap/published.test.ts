import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { checkMetricSpecs, startRunLevel } from '#libs/metrics';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;
type Item = [output: Json, expected: Json];

/** The values of a run of these cases, by name, and their details. */
async function runOf(metric: string, config: Config, cases: readonly Item[]) {
  const spec = { metric, config };
  const sum = startRunLevel(spec);
  for (const [output, expected] of cases) {
    sum?.add((await scoreCase(spec, { output, expected })).details);
  }
  const { values = [], details = null } = sum?.result() ?? {};
  return { details, ...Object.fromEntries(values.map(({ name, value }) => [name, value])) };
}

const near = (value: number) => expect.closeTo(value, 6);

describe('SQuAD', () => {
  /** By the functions of the official evaluate-v2.0.py, Python 3.11. */
  test.each<[string, Json, number, number]>([
    ['The Beatles!', ['beatles', 'the  beatles.'], 1, 1],
    ['A-an the', 'aan', 1, 1],
    ['a\u2014the\u2014an apple', '\u2014\u2014apple', 0, 0],
    ['an\u00e9', '\u00e9', 0, 0],
    ["l'an", 'lan', 1, 1],
    ['the_end', 'theend', 1, 1],
    ['\u00bfthe?', '\u00bf', 1, 1],
    ['e\u0301a', '\u00e9a', 0, 0],
    ['\u0130THE', 'i\u0307', 1, 1],
    ['the\u200bthe cat', '\u200b cat', 1, 1],
    ['\u2153 of an\u2153', '\u2153 of an\u2153', 1, 1],
    ['\u001f a \u0085b', 'B', 1, 1],
    ['\ufeffb', 'b', 0, 0],
    ['', [], 1, 1],
    ['the', [], 1, 1],
    ['something', [], 0, 0],
    ['a.', ['', 'the'], 1, 1],
    ['Paris', ['the', 'PARIS'], 1, 1],
    ['the', ['the', 'Paris'], 0, 0],
  ])('%j for %j: exact match %d, F1 %d', async (output, expected, exactMatch, f1) => {
    expect(await verdictOf('squad_exact_match', {}, { output, expected })).toBe(exactMatch);
    expect(await verdictOf('squad_f1', {}, { output, expected })).toBe(f1);
  });

  test('says what it got and what was expected', async () => {
    const item = { output: 'The Dog.', expected: ['A cat', 'the bird', 'fish', 'cow'] };
    const { reason } = await scoreCase({ metric: 'squad_exact_match' }, item);
    expect(reason).toBe('got "dog", expected "cat" or "bird" or "fish" or 1 more');
  });
});

describe('BLEU', () => {
  const corpus: Item[] = [
    ['The dog bit the man.', ['The dog bit the man.', 'The dog had bit the man.']],
    ["It wasn't surprising.", ['It was not unexpected.', 'No one was surprised.']],
    ['The man had just bitten him.', ['The man bit him first.', 'The man had bitten the dog.']],
  ];

  /** test_corpus_bleu and test_max_ngram_order of sacreBLEU's test_bleu.py, to its full precision. */
  test.each<[Config, number]>([
    [{}, 48.530827],
    [{ tokenize: 'none' }, 49.1919566],
    [{ tokenize: '13a' }, 48.530827],
    [{ tokenize: 'intl' }, 43.91623493],
    [{ smoothing: 'none' }, 48.530827],
    [{ maximumOrder: 1 }, 77.64837655],
    [{ maximumOrder: 2 }, 60.50312757],
    [{ maximumOrder: 3 }, 53.93393139],
    [{ maximumOrder: 5 }, 46.14416643],
    [{ maximumOrder: 6 }, 43.28319781],
  ])('of the corpus of the README of sacreBLEU with %j is %d', async (config, bleu) => {
    expect(await runOf('bleu', config, corpus)).toMatchObject({ bleu: near(bleu) });
  });

  test('of a corpus comes with its parts', async () => {
    expect(await runOf('bleu', {}, corpus)).toEqual({
      bleu: near(48.530827),
      brevity_penalty: near(0.942873143855),
      precision_1: near((100 * 14) / 17),
      precision_2: near(50),
      precision_3: near((100 * 5) / 11),
      precision_4: near(37.5),
      output_length: 17,
      reference_length: 18,
      details: {
        cases: 3,
        outputLength: 17,
        referenceLength: 18,
        matches: [14, 7, 5, 3],
        totals: [17, 14, 11, 8],
        precisions: [(100 * 14) / 17, 50, (100 * 5) / 11, 37.5].map(near),
      },
    });
    expect(await runOf('bleu', { maximumOrder: 2 }, corpus)).toMatchObject({ precision_3: null });
  });

  test('of a corpus of empty outputs is 0, and of none nothing', async () => {
    const empty = corpus.map(([, expected]): Item => ['', expected]);
    expect(await runOf('bleu', {}, empty)).toMatchObject({ bleu: 0, brevity_penalty: 0 });
    expect(await runOf('bleu', {}, [])).toMatchObject({ bleu: null, precision_1: null });
  });

  test('counts an output from which nothing can be extracted as an empty one', async () => {
    const spec = { metric: 'bleu', extract: 'Answer: (.*)' };
    const score = await scoreCase(spec, { output: 'no such thing', expected: 'the cat sat' });
    expect(score).toMatchObject({
      value: 0,
      reason: 'nothing in the output matches extract',
      details: { outputLength: 0, referenceLength: 3, totals: [0, 0, 0, 0] },
    });
  });

  /** test_raw_bleu and test_effective_order (which smooth with 0.01), and test_offset there. */
  test.each<[string, string, number, number?]>([
    ['this is a test', 'this is a test', 100],
    ['this is a fest', 'this is a test', 22.3606797749979],
    ['test', 'a test', 36.78794411714425],
    ['a test', 'a test', 100],
    ['a little test', 'a test', 3.218297948685433],
    ['am I am a character sequence', 'I am a symbol string sequence a a', 15.55722182, 0.1],
    ['am I am a character sequence', 'I am a symbol string sequence a a', 0, 0],
  ])('of %j for %j is %d', async (output, expected, value, smoothingValue = 0.01) => {
    const config = { tokenize: 'none', smoothing: 'floor', smoothingValue };
    expect(await verdictOf('bleu', config, { output, expected })).toEqual(near(value));
  });

  /** test_statistics there. */
  test('keeps its statistics', async () => {
    const item = {
      output: 'am I am a character sequence',
      expected: 'I am a symbol string sequence a a',
    };
    expect((await scoreCase({ metric: 'bleu' }, item)).details).toEqual({
      outputLength: 6,
      referenceLength: 8,
      matches: [4, 2, 1, 0],
      totals: [6, 5, 4, 3],
    });
  });

  /** test_sentence_bleu.py of sacreBLEU, which has three digits, to more of them by sacreBLEU 2.6.0. */
  test.each<[Config, number]>([
    [{}, 8.493098745313],
    [{ smoothing: 'none' }, 0],
    [{ smoothing: 'floor' }, 4.516881220955],
    [{ smoothing: 'floor', smoothingValue: 0.1 }, 4.516881220955],
    [{ smoothing: 'floor', smoothingValue: 0.5 }, 10.100053456347],
    [{ smoothing: 'add-k' }, 14.882560178972],
    [{ smoothing: 'add-k', smoothingValue: 1 }, 14.882560178972],
    [{ smoothing: 'add-k', smoothingValue: 2 }, 21.389460275371],
    [{ tokenize: 'none' }, 7.347053125978],
    [{ tokenize: 'intl' }, 8.493098745313],
    [{ tokenize: 'char' }, 40.875973647629],
    [{ tokenize: 'char', lowercase: true }, 42.026782064103],
  ])('of a Romanian sentence with %j is %d', async (config, value) => {
    const item = {
      output: 'Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;',
      expected: 'producţia de zahăr brut se exprimă în zahăr alb;',
    };
    expect(await verdictOf('bleu', config, item)).toEqual(near(value));
  });

  /** test_api_sentence_bleu_zero there. */
  test.each(['exp', 'none', 'floor', 'add-k'])('of nothing in common is 0 with %s', async (way) => {
    const item = { output: 'this is a cat', expected: 'okay thanks' };
    expect(await verdictOf('bleu', { smoothing: way }, item)).toBe(0);
  });

  test.each<[Config, string]>([
    [{ smoothingValue: 1 }, 'only floor and add-k take a value'],
    [{ smoothing: 'floor', smoothingValue: 2 }, 'floor takes 1 at most'],
    [{ tokenize: 'ja-mecab' }, 'config.tokenize'],
    [{ maximumOrder: 0 }, 'config.maximumOrder'],
  ])('refuses %j', (config, message) => {
    expect(() => checkMetricSpecs([{ metric: 'bleu', config }])).toThrow(message);
  });
});

describe('chrF', () => {
  /** test_chrf.py of sacreBLEU, which has four digits in places, to more of them by sacreBLEU 2.6.0. */
  test.each<[Item[], Config, number]>([
    [[['abcdefg', 'hijklmnop']], { epsilonSmoothing: true }, 0],
    [[['', 'reference']], { epsilonSmoothing: true }, 0],
    [[['aa', 'ab']], { epsilonSmoothing: true }, 100 / 12],
    [
      [
        ['a', 'a'],
        ['b', 'c'],
      ],
      { epsilonSmoothing: true },
      100 / 12,
    ],
    [[['a', 'a']], { epsilonSmoothing: true }, 100 / 6],
    [[['a b c', 'a b c']], { epsilonSmoothing: true }, 50],
    [[['a b c', 'abc']], { epsilonSmoothing: true }, 50],
    [
      [
        [
          ' risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .',
          'risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .',
        ],
      ],
      { epsilonSmoothing: true },
      63.361730051063,
    ],
    [
      [
        [
          ' Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ',
          'Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.',
        ],
      ],
      { epsilonSmoothing: true },
      64.130221559334,
    ],
    [[['a', 'a']], {}, 100],
    [[['', 'reference']], {}, 0],
    [[['a b c', 'a b c']], {}, 100],
    [[['a b c', 'abc']], {}, 100],
    [
      [
        ['a', 'a'],
        ['b', 'c'],
      ],
      {},
      50,
    ],
    [[['aa', 'ab']], {}, 25],
    [
      [
        [
          'Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.',
          'Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.',
        ],
      ],
      { whitespace: true },
      67.348160629772,
    ],
  ])('of the corpus %j with %j is %d', async (cases, config, value) => {
    expect(await runOf('chrf', { beta: 3, ...config }, cases)).toMatchObject({ chrf: near(value) });
  });

  /** test_chrf_sentence_level there. */
  test.each([
    [
      'Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře.',
      'Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře.',
      39.14078509,
    ],
    [
      'Nebo prostě nemají vybavení, které by jim pomohlo, uvedli lékaři.',
      'A někdy nemáme ani potřebný materiál, abychom jim pomohli, popsali lékaři.',
      31.22557079,
    ],
    [
      'Lapali po dechu, jejich životy skončily dřív, než skutečně začaly.',
      'Lapali po dechu a pak jejich život skončil - dřív, než skutečně mohl začít, připomněli.',
      57.15704367,
    ],
  ])('of %j for %j is %d', async (output, expected, value) => {
    const verdict = await verdictOf('chrf', { epsilonSmoothing: true }, { output, expected });
    expect(verdict).toEqual(near(value));
  });
});

describe('GLEU', () => {
  const guide = [
    'It is a guide to action that ensures that the military will forever heed Party commands',
    'It is the guiding principle which guarantees the military forces always being under the command of the Party',
    'It is the practical guide for the army always to heed the directions of the party',
  ];
  const good =
    'It is a guide to action which ensures that the military always obeys the commands of the party';
  const poor =
    'It is to insure the troops forever hearing the activity guidebook that party direct';

  /** The doctests of gleu_score.py of NLTK, which have four digits. */
  test.each<[string, Json, number]>([
    ['the the the the the the the', 'the cat is on the mat', 1 / 11],
    [good, guide.slice(0, 1), 0.439393939],
    [poor, guide.slice(0, 1), 0.120689655],
  ])('of %j for %j is %d', async (output, expected, value) => {
    expect(await verdictOf('gleu', { tokenize: 'none' }, { output, expected })).toEqual(
      near(value),
    );
  });

  test('of a corpus is of sums, each with the best reference', async () => {
    const cases: Item[] = [
      [good, guide],
      [
        'he read the book because he was interested in world history',
        'he was interested in world history because he read the book',
      ],
    ];
    expect(await runOf('gleu', {}, cases)).toEqual({
      gleu: near(0.567307692),
      details: { cases: 2, matches: 59, total: 104 },
    });
  });
});

describe('ROUGE', () => {
  // The texts of testdata in rouge_score; values are those of ROUGE-1.5.5 in rouge_scorer_test.py, which
  // has them to five digits, as the fractions that they are.
  const targets = [
    "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
    "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN",
    "NhETebUbBk'er WOvoHMTjSRizKgH'vHiing Xu,hWxfs VkNE QhgKiLHE -HidivzoM.dO anhtion jbLQiSGDTCsuhREebUaKM dv J dVN tmbOT",
    "vMR HDm,xOAetion D,tion HJtodT.mHl UIv-p VjWH'BdyWjnfGU-OjT aEMdFICyLWfQMtion wEMfdOKing AwkeKbO 'DxqNOHBH qKtVvm OYJl mM",
  ];
  const predictions = [
    "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
    "n cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD",
    'xfs VkJE QhgKiLHE -HidivzoM.dO anhing jbLQiSGDTCsuhREebUaKM dv J',
    "VjWH'BdyWjnfGU-OjTNaEMdFICyLWfQMing wEMfdOKijg AwkeKbO 'DxqNO",
  ];

  test.each([
    ['rouge_1', false, 0, 11 / 16, 11 / 27],
    ['rouge_1', false, 1, 17 / 26, 17 / 42],
    ['rouge_1', true, 0, 11 / 16, 11 / 27],
    ['rouge_1', true, 1, 18 / 26, 18 / 42],
    ['rouge_2', false, 0, 8 / 15, 8 / 26],
    ['rouge_2', false, 1, 12 / 25, 12 / 41],
    ['rouge_2', true, 0, 8 / 15, 8 / 26],
    ['rouge_2', true, 1, 12 / 25, 12 / 41],
    ['rouge_l', false, 0, 11 / 16, 11 / 27],
    ['rouge_l', false, 1, 17 / 26, 17 / 42],
  ])('%s, stemmer %s, of text %d', async (metric, stemmer, index, precision, recall) => {
    const item = { output: predictions[index] ?? '', expected: targets[index] ?? '' };
    const { value, details } = await scoreCase({ metric, config: { stemmer } }, item);
    const f1 = near((2 * precision * recall) / (precision + recall));
    expect(value).toEqual(f1);
    expect(details).toEqual({ precision: near(precision), recall: near(recall), f1 });
  });

  test('rouge_lsum of texts of several lines', async () => {
    const item = { output: predictions.join('\n'), expected: `${targets.join('\n')}\n` };
    const spec = { metric: 'rouge_lsum', config: { stemmer: true } };
    expect((await scoreCase(spec, item)).details).toEqual({
      precision: near(38 / 57),
      recall: near(38 / 104),
      f1: near(76 / 161),
    });
  });

  /** The other cases of rouge_scorer_test.py, and of section 3.2 of Lin's paper. */
  test.each<[string, string, string, number]>([
    ['rouge_1', 'testing', 'testing one two', 1 / 2],
    ['rouge_2', 'testing one', 'testing one two', 2 / 3],
    ['rouge_l', 'testing one', 'testing one two', 4 / 5],
    ['rouge_l', 'testing two', 'testing one two', 4 / 5],
    ['rouge_lsum', 'w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5', 'w1 w2 w3 w4 w5', 8 / 15],
    ['rouge_lsum', 'w1', '', 0],
    ['rouge_lsum', '/', 'w1 w2 w3 w4 w5', 0],
    ...['rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum'].map(
      (metric): [string, string, string, number] => [metric, '', 'testing one two', 0],
    ),
  ])('%s of %j for %j is %d', async (metric, output, expected, value) => {
    expect(await verdictOf(metric, {}, { output, expected })).toEqual(near(value));
  });

  test('takes the reference with the highest F1 whatever is measured', async () => {
    const item = { output: 'a b c d', expected: ['a', 'a b c x', 'a b c d e f g h i j'] };
    const details = { precision: 0.75, recall: 0.75, f1: 0.75 };
    for (const measure of ['precision', 'recall', 'f1']) {
      const score = await scoreCase({ metric: 'rouge_1', config: { measure } }, item);
      expect(score).toMatchObject({ value: 0.75, details });
    }
  });

  test('stems words of four letters and more, but not without end', async () => {
    const config = { stemmer: true };
    const value = (output: string, expected: string) =>
      verdictOf('rouge_1', config, { output, expected });
    expect(await value('relational policies', 'relate policy')).toBe(1);
    expect(await value('ies', 'i')).toBe(0);
    expect(await value(`${'x'.repeat(96)}aing`, `${'x'.repeat(96)}a`)).toBe(1);
    expect(await value(`${'x'.repeat(97)}aing`, `${'x'.repeat(97)}a`)).toBe(0);
  });
});
