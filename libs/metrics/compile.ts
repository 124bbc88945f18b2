import type { MetricSpec } from '#libs/contracts';
import type { ItemScore, Judgement, MetricCase, MetricDefinition } from '#libs/evaluation';
import { MetricSpecError, settleMetric } from './check.ts';
import { MetricError } from './metric-error.ts';
import { Pattern } from './pattern.ts';
import { selectPath, type Selection } from './select.ts';
import { cleanReason, textOf } from './text.ts';

/** Scores one item. It never throws: a metric that breaks is an `error` of that score. */
export type Scorer = (item: MetricCase) => ItemScore | Promise<ItemScore>;

/**
 * Prepares a metric of a run once, for all of its items.
 * @param index its place in the run's list
 * @throws {MetricSpecError} where `checkMetricSpecs` would refuse it
 */
export function compileMetric(spec: MetricSpec, index: number): Scorer {
  const settled = settleMetric(spec, index);
  if ('faults' in settled) throw new MetricSpecError(settled.faults);
  return scorerOf(settled.definition, settled.definition.prepare(settled.config), spec, index);
}

/**
 * What every metric has in common, around its judgement of one case. In this order:
 *
 * 1. `expected` that is missing, at its path or where the metric needs it: not applicable. An item
 *    that has no reference can't be wrong.
 * 2. An output that has nothing at its path, or from which nothing can be extracted: a wrong answer.
 * 3. The metric's own verdict, or `error` where it breaks or its value is none that it may give.
 */
export function scorerOf(
  definition: MetricDefinition,
  judge: (item: MetricCase) => Judgement | Promise<Judgement>,
  spec: Pick<MetricSpec, 'expected' | 'output' | 'extract'>,
  index: number,
): Scorer {
  const expectedOf = expectedReader(definition, spec.expected);
  const outputOf = outputReader(spec.output, spec.extract);
  const store = storer(definition, index);
  const broke = (error: unknown) => scoreOf(index, 'error', { reason: messageOf(error) });

  return (item) => {
    try {
      const expected = expectedOf(item);
      if (expected.missing !== undefined) {
        return scoreOf(index, 'not_applicable', { reason: expected.missing });
      }
      const output = outputOf(item);
      if (output.missing !== undefined) return store(wrongAnswer(definition, output.missing));
      const judgement = judge({
        input: item.input,
        output: output.value,
        expected: expected.value,
      });
      return judgement instanceof Promise ? judgement.then(store).catch(broke) : store(judgement);
    } catch (error) {
      return broke(error);
    }
  };
}

type Expected = { value: MetricCase['expected']; missing?: never } | { missing: string };

function expectedReader(definition: MetricDefinition, path: string | undefined) {
  const needed = definition.needs.includes('expected');
  return ({ expected }: MetricCase): Expected => {
    if (path === undefined) {
      const missing = needed && (expected === undefined || expected === null);
      return missing ? { missing: 'the item has no expected' } : { value: expected };
    }
    if (expected === undefined || expected === null) return { missing: 'the item has no expected' };
    const selected = selectPath(expected, path, 'expected');
    const isNull = needed && selected.missing === undefined && selected.value === null;
    return isNull ? { missing: `expected is null at "${path}"` } : selected;
  };
}

function outputReader(path: string | undefined, extract: string | undefined) {
  const pattern = extract === undefined ? undefined : new Pattern(extract);
  return ({ output }: MetricCase): Selection => {
    const selected: Selection =
      path === undefined ? { value: output } : selectPath(output, path, 'the output');
    if (!pattern || selected.missing !== undefined) return selected;
    const extracted = pattern.extractLast(textOf(selected.value));
    if (extracted === undefined) return { missing: 'nothing in the output matches extract' };
    if (extracted === null)
      return { missing: 'the last match of extract leaves its first group out' };
    return { value: extracted };
  };
}

/** The worst value that a metric can give, for an output without anything to score. */
function wrongAnswer(definition: MetricDefinition, reason: string): Judgement {
  const { kind, range, direction } = definition;
  if (kind === 'boolean') return { outcome: 'scored', value: direction === 'lower', reason };
  const worst = direction === 'higher' ? range.min : range.max;
  if (kind === 'categorical' || worst === null) {
    throw new MetricError(`${reason}, and ${definition.name} has no worst value to give it`);
  }
  return { outcome: 'scored', value: worst, reason };
}

/** Turns a judgement into what is stored, and refuses a value that the metric may not give. */
function storer(definition: MetricDefinition, index: number) {
  const { kind, range, direction } = definition;
  const { min, max } = range;
  return (judgement: Judgement): ItemScore => {
    if (judgement.outcome === 'not_applicable') return scoreOf(index, 'not_applicable', judgement);
    const { value, passed } = judgement;
    if (kind === 'boolean' && typeof value === 'boolean') {
      const fields = {
        ...judgement,
        value: value ? 1 : 0,
        passed: passed ?? value === (direction === 'higher'),
      };
      return scoreOf(index, 'scored', fields);
    }
    if (kind === 'numeric' && typeof value === 'number') {
      const inRange = value >= (min ?? -Infinity) && value <= (max ?? Infinity);
      if (!Number.isFinite(value) || !inRange) {
        throw new MetricError(`${definition.name} gave a value outside of its range`);
      }
      return scoreOf(index, 'scored', { ...judgement, value });
    }
    if (kind === 'categorical' && typeof value === 'string') {
      return scoreOf(index, 'scored', { ...judgement, value: null, category: cleanReason(value) });
    }
    throw new MetricError(`${definition.name} gave a ${typeof value}, which is not ${kind}`);
  };
}

function scoreOf(
  metric: number,
  outcome: ItemScore['outcome'],
  fields: Partial<Pick<ItemScore, 'value' | 'category' | 'passed' | 'reason' | 'details'>>,
): ItemScore {
  const { value = null, category = null, passed = null, reason = null, details = null } = fields;
  return {
    metric,
    outcome,
    value,
    category,
    passed,
    reason: reason && cleanReason(reason),
    details,
  };
}

function messageOf(error: unknown): string {
  if (error instanceof MetricError) return error.message;
  return `the metric broke: ${error instanceof Error ? error.name : typeof error}`;
}
