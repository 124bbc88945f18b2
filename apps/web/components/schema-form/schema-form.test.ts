import { describe, expect, test } from '@jest/globals';
import { entriesOf, faultsAt, faultsWithin, readEntries } from './entries.ts';
import { fieldsOf } from './schema.ts';

const schema = {
  type: 'object',
  properties: {
    pattern: { type: 'string', maxLength: 1000, description: 'RE2 syntax' },
    code: { type: 'string', maxLength: 20_000 },
    tolerance: { type: 'number', minimum: 0, default: 0 },
    within: { type: 'integer', minimum: 1, maximum: 9_007_199_254_740_991 },
    trim: { type: 'boolean', default: true },
    mode: { enum: ['all', 'any'], type: 'string', default: 'all' },
    values: { type: 'array', items: { type: 'string' }, maxItems: 1000 },
    schema: { anyOf: [{ type: 'boolean' }, { type: 'object' }] },
    model: { $ref: '#/$defs/Model', description: 'Which one judges' },
  },
  $defs: {
    Model: {
      type: 'object',
      description: 'A model',
      properties: { name: { type: 'string' }, parameters: { $ref: '#/$defs/Other' } },
      required: ['name'],
    },
  },
  required: ['pattern'],
};
const fields = fieldsOf(schema);

test('each property of a schema becomes a field, with its kind, type and limits in words', () => {
  expect(fields.map(({ name, kind, type, limits }) => [name, kind, type, limits])).toEqual([
    ['pattern', 'text', 'text', 'at most 1,000 characters'],
    ['code', 'text', 'text', 'at most 20,000 characters'],
    ['tolerance', 'number', 'number', 'from 0'],
    ['within', 'integer', 'whole number', 'from 1'],
    ['trim', 'boolean', 'true or false', ''],
    ['mode', 'choice', 'all | any', ''],
    ['values', 'texts', 'list of texts', 'at most 1,000'],
    ['schema', 'json', 'true or false, or object', ''],
    ['model', 'json', 'object: name, parameters?', ''],
  ]);
  expect(fields.at(-1)?.description).toBe('Which one judges');
  expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(['pattern']);
  expect(fields.filter(({ long }) => long).map(({ name }) => name)).toEqual(['code']);
});

test('what is no schema of an object has no fields', () => {
  expect(fieldsOf(null)).toEqual([]);
  expect(fieldsOf({ type: 'object' })).toEqual([]);
});

test('entries become a value that leaves out what nobody entered, and come back from it', () => {
  const entries = {
    pattern: '^a',
    tolerance: '1e-3',
    trim: false,
    values: ['a, b', ''],
    schema: '{"type": "string"}',
  };
  const value = {
    pattern: '^a',
    tolerance: 0.001,
    trim: false,
    values: ['a, b', ''],
    schema: { type: 'string' },
  };
  expect(readEntries(fields, entries)).toEqual({ value });
  expect(readEntries(fields, entriesOf(fields, value))).toEqual({ value });
});

test('every field that cannot be read says why', () => {
  const read = readEntries(fields, { tolerance: 'much', within: '1.5', schema: '{' });
  expect(read).toMatchObject({
    faults: {
      pattern: 'is needed',
      tolerance: 'must be a number',
      within: 'must be a whole number',
      schema: expect.stringContaining('is no JSON'),
    },
  });
});

test("a server's faults are told at the field that they lie in, and the others are kept", () => {
  const errors = [
    { field: 'metric.config.values.3', message: 'must not be empty' },
    { field: 'metric.config.pattern', message: 'must be closed' },
    { field: 'metric.config.schema.items.0', message: 'must be a schema' },
    { field: 'metric.config.schema', message: 'is too deep' },
    { field: 'metric.extract', message: 'must have a group' },
    { message: 'is too large' },
  ];
  expect(faultsAt('metric.config', fields, errors)).toEqual({
    faults: {
      values: 'no. 4: must not be empty',
      pattern: 'must be closed',
      schema: 'items.0: must be a schema; is too deep',
    },
    rest: errors.slice(4),
  });
});

describe('a group', () => {
  const [model, prompts] = fieldsOf({
    properties: {
      model: { $ref: '#/$defs/Model' },
      prompts: {
        properties: { verdict: { type: 'string' } },
        type: 'object',
        additionalProperties: false,
      },
    },
    $defs: {
      Model: {
        type: 'object',
        properties: {
          provider: { type: 'string' },
          parameters: { $ref: '#/$defs/Parameters' },
          instead: { $ref: '#/$defs/Model' },
        },
        required: ['provider'],
        additionalProperties: false,
      },
      Parameters: {
        type: 'object',
        properties: { temperature: { type: 'number' } },
        additionalProperties: false,
      },
    },
    required: ['model'],
  });
  if (!model || !prompts) throw new Error('the schema has two fields');
  const both = [model, prompts];

  test('has the fields of the object, and one within itself ends there', () => {
    expect(model).toMatchObject({
      kind: 'group',
      fields: [
        { name: 'provider', kind: 'text', required: true },
        { kind: 'group', fields: [{ name: 'temperature', kind: 'number' }] },
        { name: 'instead', kind: 'json' },
      ],
    });
  });

  test('becomes an object, and nothing where it may be left out and nobody entered anything', () => {
    const value = { model: { provider: 'main', parameters: { temperature: 0.7 } } };
    const entries = entriesOf(both, value);
    expect(entries).toEqual({
      model: { provider: 'main', parameters: { temperature: '0.7' } },
    });
    expect(readEntries(both, entries)).toEqual({ value });
    const cleared = { model: { provider: 'main', parameters: { temperature: '' } }, prompts: {} };
    expect(readEntries(both, cleared)).toEqual({ value: { model: { provider: 'main' } } });
  });

  test('tells faults by path, its own and those of a server', () => {
    expect(readEntries(both, { model: { parameters: { temperature: 'hot' } } })).toEqual({
      faults: {
        'model.provider': 'is needed',
        'model.parameters.temperature': 'must be a number',
      },
    });
    const errors = [
      { field: 'config.model.provider', message: 'names none' },
      { field: 'config.model', message: 'is not right' },
      { field: 'config.prompts.other', message: 'is not known' },
    ];
    const { faults, rest } = faultsAt('config', both, errors);
    expect(faults).toEqual({
      'model.provider': 'names none',
      model: 'is not right',
      prompts: 'other: is not known',
    });
    expect(rest).toEqual([]);
    expect(faultsWithin(faults, 'model')).toEqual({ provider: 'names none' });
  });
});
