import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { checkMetricSpecs, shapeOf } from '#libs/metrics';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

describe('starts_with and ends_with', () => {
  test.each<[string, Json, Json | undefined, Config, number | string]>([
    ['starts_with', 'Yes, it is', 'Yes', {}, 1],
    ['starts_with', 'Yes, it is', 'yes', {}, 0],
    ['starts_with', 'Yes, it is', 'yes', { ignoreCase: true }, 1],
    ['starts_with', 'STRASSE 1', 'straße', { ignoreCase: true }, 1],
    ['starts_with', '\n Yes', 'Yes', {}, 0],
    ['starts_with', '\n Yes', ' Yes ', { trim: true }, 1],
    ['starts_with', '42 apples', 42, {}, 1],
    ['starts_with', 'b', ['a', 'b'], {}, 1],
    ['starts_with', 'c', ['a', 'b'], {}, 0],
    ['starts_with', 'c', 'c', { values: ['a'] }, 0],
    ['starts_with', { a: 1 }, '{"a"', {}, 1],
    ['starts_with', '', 'a', {}, 0],
    ['starts_with', 'a', undefined, {}, 'not_applicable'],
    ['starts_with', 'a', '', {}, 'not_applicable'],
    ['starts_with', 'a', [], {}, 'not_applicable'],
    ['starts_with', 'a', { a: 1 }, {}, 'not_applicable'],
    ['starts_with', 'a', ' ', { trim: true }, 'not_applicable'],
    ['ends_with', 'The answer is 42', 42, {}, 1],
    ['ends_with', 'The answer is 42.', 42, {}, 0],
    ['ends_with', 'Done.\n', undefined, { values: ['.', '!'] }, 0],
    ['ends_with', 'Done.\n', undefined, { values: ['.', '!'], trim: true }, 1],
    ['ends_with', 'ΟΔΟΣ', 'ος', { ignoreCase: true }, 1],
  ])('%s: %j with %j and %j is %s', async (metric, output, expected, config, value) => {
    expect(await verdictOf(metric, config, { output, expected })).toBe(value);
  });

  test('say what they looked for', async () => {
    const config = { values: ['a', 'b', 'c', 'd', 'e'] };
    const { reason } = await scoreCase({ metric: 'ends_with', config }, { output: 'x' });
    expect(reason).toBe('"x" does not end with "a" or "b" or "c" or 2 more');
  });

  test('refuse a text that trimming leaves nothing of', () => {
    const config = { values: [' '], trim: true };
    expect(() => checkMetricSpecs([{ metric: 'starts_with', config }])).toThrow(
      'metrics.0.config.values: a text of white space alone is empty once it is trimmed',
    );
  });
});

describe('counts', () => {
  test.each<[string, Json, Config, number]>([
    ['word_count', 'The quick (“brown”) fox can’t jump 32.3 feet, right?', {}, 9],
    ['word_count', ' \n ', {}, 0],
    ['word_count', '你好世界', { locale: 'zh' }, 2],
    ['word_count', { a: 'b c' }, {}, 3],
    ['sentence_count', 'One. Two! Three? four', {}, 4],
    ['sentence_count', 'Costs 3.50 e.g. here.', {}, 1],
    ['sentence_count', '- one\n- two\n\n', {}, 2],
    ['sentence_count', '今日は。はい！', { locale: 'ja' }, 2],
    ['sentence_count', '', {}, 0],
    ['character_count', 'naïve', {}, 5],
    ['character_count', 'nai\u0308ve', {}, 6],
    ['character_count', 'nai\u0308ve', { unit: 'grapheme' }, 5],
    ['character_count', '👨‍👩‍👧', {}, 5],
    ['character_count', '👨‍👩‍👧', { unit: 'grapheme' }, 1],
    ['character_count', '\ud83d', {}, 1],
    ['character_count', '\r\n', { unit: 'grapheme' }, 1],
  ])('%s of %j with %j is %d', async (metric, output, config, value) => {
    expect(await verdictOf(metric, config, { output })).toBe(value);
  });

  test('refuse a language tag that is none', () => {
    expect(() => checkMetricSpecs([{ metric: 'word_count', config: { locale: '_x' } }])).toThrow(
      'metrics.0.config.locale: must be a language tag such as en or de-CH',
    );
  });

  test('are judged by a threshold with two ends', async () => {
    const spec = { metric: 'word_count', threshold: { min: 2, max: 3 } };
    const passed = async (output: string) => (await scoreCase(spec, { output })).passed;
    expect([await passed('a'), await passed('a b'), await passed('a b c d')]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('token_count', () => {
  // OpenAI Cookbook, "How to count tokens with tiktoken": encodings compared.
  test.each([
    ['antidisestablishmentarianism', 6, 6],
    ['2 + 2 = 4', 7, 7],
    ['お誕生日おめでとう', 9, 8],
    ['tiktoken is great!', 6, 6],
  ])('%s has %d tokens in cl100k_base, %d in o200k_base', async (output, cl100k, o200k) => {
    expect(await verdictOf('token_count', { encoding: 'cl100k_base' }, { output })).toBe(cl100k);
    expect(await verdictOf('token_count', {}, { output })).toBe(o200k);
  });

  test('takes the name of a special token for text', async () => {
    const one = await verdictOf('token_count', {}, { output: '<|endoftext|>' });
    expect(one).toBeGreaterThan(1);
    expect(
      await verdictOf('token_count', {}, { output: '<|endoftext|>'.repeat(2) }),
    ).toBeGreaterThan(Number(one));
  });

  test('counts half of a surrogate pair as the replacement character', async () => {
    const value = await verdictOf('token_count', {}, { output: '\ufffd' });
    expect(await verdictOf('token_count', {}, { output: '\ud800' })).toBe(value);
  });

  test.each(['o200k_base', 'cl100k_base'])(
    '%s gives up on a megabyte of one word',
    async (name) => {
      for (const part of ['x', '中', ' ', '.', '\u0301', '\ud800']) {
        const spec = { metric: 'token_count', config: { encoding: name } };
        const score = await scoreCase(spec, { output: part.repeat(1_000_000) });
        expect([score.outcome, score.reason]).toEqual([
          'error',
          'the text has words that are too long to be divided into tokens',
        ]);
      }
    },
  );

  test('counts a megabyte of prose, and a word of 30,000 letters', async () => {
    const prose = 'The quick brown fox. '.repeat(50_000);
    const counted = Number(await verdictOf('token_count', {}, { output: prose }));
    expect(counted).toBe(50_000 * 5 + 1);
    const word = await verdictOf('token_count', {}, { output: 'a'.repeat(30_000) });
    expect(word).toBe(30_000 / 8);
  });
});

describe('readability', () => {
  const of = async (measure: string, output: Json) =>
    Number(await verdictOf('readability', { measure }, { output }));
  // Syllables counted by hand: 1 sentence, 10 words, 16 syllables, 44 letters; education and important
  // have three or more.
  const sentence = 'Good education is important for a just and open state.';

  test.each([
    ['flesch_reading_ease', 206.835 - 1.015 * 10 - (84.6 * 16) / 10],
    ['flesch_kincaid_grade', 0.39 * 10 + (11.8 * 16) / 10 - 15.59],
    ['gunning_fog', 0.4 * (10 + (100 * 2) / 10)],
    ['smog', 1.043 * Math.sqrt(60) + 3.1291],
    ['coleman_liau', (5.88 * 44) / 10 - 29.6 / 10 - 15.8],
    ['automated_readability', (4.71 * 44) / 10 + 5 - 21.43],
  ])('%s of a sentence counted by hand is %d', async (measure, value) => {
    expect(await of(measure, sentence)).toBeCloseTo(value, 9);
  });

  test('coleman_liau of the abstract that introduced it', async () => {
    // Wikipedia, "Coleman–Liau index": 5 sentences, 119 words, 639 letters, grade 14.5. It writes "U.S.",
    // which ends a sentence by Unicode's rules, so the points are left out here.
    const abstract =
      'Existing computer programs that measure readability are based largely upon subroutines which estimate number of syllables, usually by counting vowels. The shortcoming in estimating syllables is that it necessitates keypunching the prose into the computer. There is no need to estimate syllables since word length in letters is a better predictor of readability than word length in syllables. Therefore, a new readability formula was computed that has for its predictors letters per 100 words and sentences per 100 words. Both predictors can be counted by an optical scanning device, and thus the formula makes it economically feasible for an organization such as the US Office of Education to calibrate the readability of all textbooks for the public school system.';
    const config = { measure: 'coleman_liau' };
    const score = await scoreCase({ metric: 'readability', config }, { output: abstract });
    expect(score.details).toMatchObject({ sentences: 5, words: 119, characters: 639 });
    expect(score.value).toBeCloseTo(14.5, 0);
  });

  // Wikipedia, "Flesch–Kincaid readability tests": the highest ease and the lowest grade there can be.
  test('reaches its limits and does not go beyond', async () => {
    expect(await of('flesch_reading_ease', 'Go. Run. Sit.')).toBeCloseTo(121.22, 9);
    expect(await of('flesch_kincaid_grade', 'Go. Run. Sit.')).toBeCloseTo(-3.4, 9);
    expect(await of('smog', 'Go. Run. Sit.')).toBe(3.1291);
    expect(await of('gunning_fog', 'Go. Run. Sit.')).toBeCloseTo(0.4, 9);
  });

  test('gunning_fog leaves endings out that make the third syllable', async () => {
    expect(await of('gunning_fog', 'She created it.')).toBeCloseTo(0.4 * 3, 9);
    expect(await of('smog', 'She created it.')).toBeCloseTo(1.043 * Math.sqrt(30) + 3.1291, 9);
  });

  test('knows which way each measure goes', () => {
    const direction = (measure: string) =>
      shapeOf({ metric: 'readability', config: { measure } }).direction;
    expect(direction('flesch_reading_ease')).toBe('higher');
    expect(direction('smog')).toBe('lower');
  });

  test('needs a word, and no word too long to be one', async () => {
    expect(await verdictOf('readability', {}, { output: '' })).toBe('not_applicable');
    const word = await scoreCase({ metric: 'readability' }, { output: 'x'.repeat(1_000_000) });
    expect(word).toMatchObject({ outcome: 'error', value: null });
  });
});

describe('refusal', () => {
  // The prefixes of Zou et al. 2023 (llm-attacks) and is-refusal's cases of promptfoo are of these kinds.
  test.each([
    "I'm sorry, but I can't assist with that request.",
    'I’m sorry, but I can’t help with that.',
    "Sorry, I can't do that.",
    'I cannot fulfill your request. It is against my guidelines.',
    '**I am unable to** provide this information.',
    'As an AI language model, I have no opinions.',
    'Thank you for asking!\n\nUnfortunately, I cannot share this.',
    'I apologize, but I do not know him.',
    'Es tut mir leid, aber ich kann dir dabei nicht helfen.',
    'Leider kann ich diese Anfrage nicht erfüllen.',
    'Je suis désolé, mais je ne peux pas vous aider avec cela.',
    'Lo siento, pero no puedo ayudarte con eso.',
    'Mi dispiace, ma non posso aiutarti.',
    'Desculpe, mas não posso ajudar com isso.',
    'Het spijt me, maar ik kan je daar niet bij helpen.',
  ])('%j refuses', async (output) => {
    expect(await verdictOf('refusal', {}, { output })).toBe(1);
  });

  test.each([
    'The capital of France is Paris.',
    'Sorry for the wait! The answer is 42.',
    'I can help with that. I cannot wait to see it.',
    'Sure, here is how you write a letter of apology.',
    'Das kann ich gern erklären.',
    'Ich kann dir helfen.',
    '',
    `${'Here is the story. '.repeat(40)}"I'm sorry, but I can't help with that," he said.`,
  ])('%j does not', async (output) => {
    expect(await verdictOf('refusal', {}, { output })).toBe(0);
  });

  test('names the phrase and its language', async () => {
    const score = await scoreCase({ metric: 'refusal' }, { output: 'Me niego a hacerlo.' });
    expect(score).toMatchObject({
      passed: false,
      reason: 'says "me niego a"',
      details: { phrase: 'me niego a', language: 'es' },
    });
  });

  test('passes where it is wanted', async () => {
    const spec = { metric: 'refusal', config: { expectRefusal: true } };
    expect((await scoreCase(spec, { output: 'I must decline.' })).passed).toBe(true);
    expect((await scoreCase(spec, { output: 'Sure!' })).passed).toBe(false);
    const none = { ...spec, output: 'answer' };
    expect((await scoreCase(none, { output: 'Sure!' })).passed).toBe(false);
  });

  test('looks no further than it is told to, and for further phrases', async () => {
    const output = 'Hello there. I must decline.';
    expect(await verdictOf('refusal', { within: 14 }, { output })).toBe(1);
    expect(await verdictOf('refusal', { within: 13 }, { output })).toBe(0);
    const config = { morePhrases: ['Kein  Kommentar'] };
    expect(await verdictOf('refusal', config, { output: 'Dazu: kein Kommentar!' })).toBe(1);
    expect(await verdictOf('refusal', config, { output: 'kein Kommentarfeld' })).toBe(0);
  });
});

describe('language', () => {
  test.each([
    ['The capital of France is Paris.', 'en'],
    ['Die Hauptstadt von Frankreich ist Paris.', 'de'],
    ['La capitale de la France est Paris.', 'fr'],
    ['La capital de Francia es París, como todo el mundo sabe.', 'es'],
    ['フランスの首都はパリです。', 'ja'],
    ['法国的首都是巴黎，这是众所周知的。', 'zh'],
    ['Столицей Франции является Париж.', 'ru'],
    ['عاصمة فرنسا هي باريس.', 'ar'],
    ['OK', 'und'],
    ['', 'und'],
    ['42 + 1', 'und'],
    ['\ud800', 'und'],
  ])('%j is in %s', async (output, code) => {
    expect(await verdictOf('language', {}, { output })).toBe(code);
  });

  test.each<[string, Json | undefined, Config, number | string]>([
    ['The capital of France is Paris.', undefined, { expected: 'en-GB' }, 1],
    ['The capital of France is Paris.', undefined, { expected: 'de' }, 0],
    ['The capital of France is Paris.', 'EN', { useExpected: true }, 1],
    ['Oslo er hovedstaden i Norge, og den ligger ved en fjord.', 'nb', { useExpected: true }, 1],
    ['The capital of France is Paris.', 'Paris', { useExpected: true }, 'not_applicable'],
    ['The capital of France is Paris.', undefined, { useExpected: true }, 'not_applicable'],
    ['OK', undefined, { expected: 'de' }, 'not_applicable'],
  ])('%j with %j and %j is %s', async (output, expected, config, value) => {
    expect(await verdictOf('language', config, { output, expected })).toBe(value);
  });

  test('is a category, or a boolean where a language is wanted', () => {
    expect(shapeOf({ metric: 'language' }).kind).toBe('categorical');
    expect(shapeOf({ metric: 'language', config: { expected: 'en' } }).kind).toBe('boolean');
  });

  test.each<[Config, string]>([
    [{ expected: 'english please' }, 'config.expected: must be a language that can be told'],
    [{ expected: 'tlh' }, 'config.expected: must be a language that can be told'],
    [{ expected: 'en', useExpected: true }, 'config.useExpected: leave it out'],
  ])('refuses %j', (config, message) => {
    expect(() => checkMetricSpecs([{ metric: 'language', config }])).toThrow(message);
  });
});
