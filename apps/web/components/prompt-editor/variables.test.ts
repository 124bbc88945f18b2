import { describe, expect, test } from '@jest/globals';
import { typedVariable, variablesOf, withVariable } from './variables.ts';

describe('the variables of a dataset', () => {
  test('are named as a template names them, with how many items have them', () => {
    const items = [
      {
        key: 'a',
        input: { question: 'Why?', 'two words': 1, turns: [{ role: 'user' }] },
        expected: 'so',
        metadata: { hint: null },
      },
      { key: 'b', input: { question: 'x'.repeat(200) }, expected: null, metadata: { hint: 'h' } },
    ];
    const found = variablesOf(items);
    expect(found.map(({ path, present }) => [path, present])).toEqual([
      ['input', 2],
      ['input.question', 2],
      ['input.turns', 1],
      ['expected', 1],
      ['metadata.hint', 1],
      ['key', 2],
    ]);
    expect(found[1]?.example).toBe('Why?');
    expect(found[2]?.example).toBe('[{"role":"user"}]');
  });
});

/** The bar is where the caret stands. */
const at = (marked: string): [string, number] => [marked.replace('¦', ''), marked.indexOf('¦')];

describe('a variable that is being typed', () => {
  test.each([
    ['{{ inp¦', 'inp'],
    ['{{¦', ''],
    ['{{ input.qu¦ }}', 'input.qu'],
    ['{% if metadata.h¦', 'metadata.h'],
    ['{{ input | default: exp¦', 'exp'],
  ])('is found in %s', (marked, word) => {
    const [text, caret] = at(marked);
    expect(typedVariable(text, caret)?.word).toBe(word);
  });

  test.each(['inp¦', '{{ input }} and exp¦', '{{ input | def¦', '{{ "inp¦'])(
    'is none in %s',
    (marked) => {
      expect(typedVariable(...at(marked))).toBeUndefined();
    },
  );

  test.each([
    ['Answer: ¦', 'Answer: {{ key }}¦'],
    ['{{ in¦', '{{ key }}¦'],
    ['{{¦', '{{ key }}¦'],
    ['{{ in¦ }} and more', '{{ key¦ }} and more'],
    ['{% if in¦ %}', '{% if key¦ %}'],
    ['{{ in¦ then {{ input }}', '{{ key }}¦ then {{ input }}'],
  ])('is completed in %s', (before, after) => {
    const [text, caret] = at(before);
    const [wanted, place] = at(after);
    expect(withVariable(text, caret, caret, 'key')).toEqual({ text: wanted, caret: place });
  });
});
