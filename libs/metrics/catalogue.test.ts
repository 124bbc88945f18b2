import { afterAll, describe, expect, test } from '@jest/globals';
import type { MetricExample } from '#libs/evaluation';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase, scriptedModels } from '#test/scoring';
import { z } from 'zod';
import { metricCatalogue, shapeOf } from './index.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const tools = { ...noTools, sandbox };

/** Numbers are met to 1e-6, anything else exactly. */
const closeTo = (value: MetricExample['value']): unknown =>
  typeof value === 'number' ? expect.closeTo(value, 6) : value;

const definitions = [...metricCatalogue.values()];

describe.each(definitions.map((definition) => [definition.name, definition] as const))(
  '%s',
  (name, definition) => {
    test('is fully described, under its own name', () => {
      expect(metricCatalogue.get(name)).toBe(definition);
      expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
      expect(definition.title).not.toBe('');
      expect(definition.description.length).toBeGreaterThan(20);
      expect(definition.definition.length).toBeGreaterThan(40);
      expect(definition.source.length).toBeGreaterThan(10);
      expect(definition.examples.length).toBeGreaterThanOrEqual(2);
      for (const { name, title, description } of definition.runLevel?.values ?? []) {
        expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
        expect([title, description]).not.toContain('');
      }
    });

    test('has a configuration that a form can be built from', () => {
      const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' });
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      for (const option of Object.values(definition.config.shape)) {
        expect(z.toJSONSchema(option, { io: 'input', unrepresentable: 'any' }).description).toMatch(
          /./,
        );
      }
    });

    const runnable = definition.examples.filter(
      ({ answers }) => definition.work !== 'network' || answers,
    );
    test(`gives what its ${runnable.length} examples say`, async () => {
      for (const { config = {}, answers = [], value, ...item } of runnable) {
        const spec = { metric: name, config };
        const models = scriptedModels(answers);
        const score = await scoreCase(spec, item, { ...tools, models });
        const { kind } = shapeOf(spec);
        const given =
          score.outcome === 'error'
            ? `error: ${score.reason}`
            : kind === 'boolean' && score.value !== null
              ? score.value === 1
              : (score.category ?? score.value);
        expect([item, given]).toEqual([item, closeTo(value)]);
        expect(models.requests).toHaveLength(answers.length);
      }
    });
  },
);
