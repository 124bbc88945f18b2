import { describe, expect, test } from '@jest/globals';
import { comparedTexts } from './compared-texts.ts';

describe('the texts of an item that are laid beside each other', () => {
  const output = 'half of 4 is 2\nA: 2';

  test('are the longest that a metric compares', () => {
    const expected = { answer: '2', solution: '4 / 2 = 2\nA: 2' };
    const specs = [
      { metric: 'numeric_match', name: 'right', expected: 'answer' },
      { metric: 'rouge_l', name: 'like', expected: 'solution' },
      { metric: 'word_count', name: 'words' },
    ];
    expect(comparedTexts({ expected, output }, specs)).toEqual({
      expected: expected.solution,
      expectedPath: 'solution',
      output,
      outputPath: undefined,
    });
  });

  test('are both as a whole where no metric names a text', () => {
    const expected = { answers: ['2', '2.0'] };
    const specs = [{ metric: 'exact_match', name: 'right', expected: 'constructor' }];
    expect(comparedTexts({ expected, output }, specs)).toMatchObject({
      expected: JSON.stringify(expected, null, 2),
      output,
    });
    const named = [{ metric: 'exact_match', name: 'right', expected: 'answers.1' }];
    expect(comparedTexts({ expected, output }, named)).toMatchObject({ expected: '2.0' });
  });

  test('are none where one is missing', () => {
    expect(comparedTexts({ expected: null, output }, [])).toBeUndefined();
    expect(comparedTexts({ expected: 'x', output: null }, [])).toBeUndefined();
  });
});
