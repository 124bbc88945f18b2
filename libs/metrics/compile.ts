import type { ErrorClass, MetricSpec } from '#libs/contracts';
import {
  CallError,
  OutgoingError,
  SandboxError,
  ScoringAborted,
  selectPath,
  type ItemScore,
  type Judge,
  type Judgement,
  type MetricCase,
  type MetricDefinition,
  type MetricShape,
  type MetricTools,
  type ModelCalls,
  type Selection,
} from '#libs/evaluation';
import { MetricSpecError, settleMetric } from './check.ts';
import { createMeter } from './meter.ts';
import { MetricError } from './metric-error.ts';
import { Pattern } from './values/pattern.ts';
import { cleanReason, textOf } from './values/text.ts';

/** What the metrics of a run may use; those that stand within others are compiled here. */
export type ScorerTools = Omit<MetricTools, 'compile'>;

/** A metric of a run, ready to score. */
export interface Scorer {
  shape: MetricShape;
  /** Where its work is done: calls elsewhere are best made side by side. */
  work: 'local' | 'network';
  /**
   * Scores one item. It never throws: a metric that breaks is an `error` of that score. Only an
   * aborted signal rejects, since the item is then not to be scored at all; with `ScoringAborted` where
   * models may have been paid.
   */
  score(item: MetricCase, signal: AbortSignal): ItemScore | Promise<ItemScore>;
}

/**
 * Prepares a metric of a run once, for all of its items.
 * @param index its place in the run's list
 * @throws {MetricSpecError} where `checkMetricSpecs` would refuse it
 */
export function compileMetric(spec: MetricSpec, index: number, tools: ScorerTools): Scorer {
  const part = compilePart(spec, index, tools);
  const { shape, work } = part;
  if (work === 'local') {
    return { shape, work, score: (item, signal) => part.score(item, signal, tools.models) };
  }
  return { shape, work, score: (item, signal) => metered(part, item, signal, tools.models) };
}

interface CompiledPart extends Pick<Scorer, 'shape' | 'work'> {
  score(item: MetricCase, signal: AbortSignal, models: ModelCalls): ItemScore | Promise<ItemScore>;
}

/** What was paid counts also where the metric broke after all. */
async function metered(
  part: CompiledPart,
  item: MetricCase,
  signal: AbortSignal,
  models: ModelCalls,
): Promise<ItemScore> {
  const meter = createMeter(models);
  try {
    const given = await part.score(item, signal, meter.models);
    const spend = meter.spend();
    return spend ? { ...given, spend } : given;
  } catch (error) {
    if (!signal.aborted) throw error;
    const spend = meter.spend();
    throw new ScoringAborted(error, spend ? [spend] : []);
  }
}

function compilePart(spec: MetricSpec, index: number, tools: ScorerTools): CompiledPart {
  const settled = settleMetric(spec, `metrics.${index}`);
  if ('faults' in settled) throw new MetricSpecError(settled.faults);
  const { definition, config, shape } = settled;
  let work = definition.work ?? 'local';
  const judge = definition.prepare(config, {
    ...tools,
    compile(part) {
      const scorer = compilePart(part, index, tools);
      if (scorer.work === 'network') work = 'network';
      return scorer;
    },
  });
  return { shape, work, score: scorerOf(definition, shape, judge, spec, index) };
}

/**
 * What every metric has in common, around its judgement of one case. In this order:
 *
 * 1. `expected` that is missing, at its path or where the metric needs it: not applicable. An item
 *    that has no reference can't be wrong.
 * 2. An output that has nothing at its path, or from which nothing can be extracted: a wrong answer.
 * 3. The metric's own verdict, or `error` where it breaks or its value is none that it may give.
 * 4. The threshold, where there is one, decides what passes.
 */
export function scorerOf(
  definition: Pick<MetricDefinition, 'name' | 'needs' | 'runLevel'>,
  shape: MetricShape,
  judge: Judge,
  spec: Pick<MetricSpec, 'expected' | 'output' | 'extract' | 'threshold'>,
  index: number,
): CompiledPart['score'] {
  const expectedOf = expectedReader(definition, spec.expected);
  const outputOf = outputReader(spec.output, spec.extract);
  const store = storer(definition.name, shape, spec.threshold, index);

  return (item, signal, models) => {
    const broke = (error: unknown) => {
      signal.throwIfAborted();
      return scoreOf(index, 'error', { reason: messageOf(error), errorClass: classOf(error) });
    };
    try {
      const expected = expectedOf(item);
      if (expected.missing !== undefined) {
        return scoreOf(index, 'not_applicable', { reason: expected.missing });
      }
      const output = outputOf(item);
      const { missing } = output;
      if (missing !== undefined && !definition.runLevel) {
        return store(wrongAnswer(definition.name, shape, missing));
      }
      const seen = missing === undefined ? output.value : (definition.runLevel?.missing ?? null);
      const judgement = judge({ ...item, output: seen, expected: expected.value }, signal, models);
      const settle = (given: Judgement): ItemScore => {
        if (missing === undefined || given.outcome === 'not_applicable') return store(given);
        const { details } = given;
        const wrong = wrongAnswer(definition.name, shape, missing);
        return store({ ...wrong, ...(details !== undefined && { details }) });
      };
      return judgement instanceof Promise ? judgement.then(settle).catch(broke) : settle(judgement);
    } catch (error) {
      return broke(error);
    }
  };
}

type Expected = { value: MetricCase['expected']; missing?: never } | { missing: string };

function expectedReader({ needs }: Pick<MetricDefinition, 'needs'>, path: string | undefined) {
  const needed = needs.includes('expected') || needs.includes('references');
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

/** The worst value that a metric can give, or the least, for an output without anything to score. */
function wrongAnswer(name: string, shape: MetricShape, reason: string): Judgement {
  if (shape.kind === 'boolean') {
    return { outcome: 'scored', value: shape.direction === 'lower', reason };
  }
  const worst = shape.direction === 'none' ? shape.range.min : extremesOf(shape).worst;
  if (worst === null) throw new MetricError(`${reason}, and ${name} has no worst value to give it`);
  return { outcome: 'scored', value: worst, reason };
}

/** The worst and the best value that a metric can give; null where there is none. */
export function extremesOf({ kind, range, direction }: MetricShape): {
  worst: number | null;
  best: number | null;
} {
  if (kind === 'categorical' || direction === 'none') return { worst: null, best: null };
  return direction === 'higher'
    ? { worst: range.min, best: range.max }
    : { worst: range.max, best: range.min };
}

/** Turns a judgement into what is stored, and refuses a value that the metric may not give. */
function storer(
  name: string,
  { kind, range, direction }: MetricShape,
  threshold: MetricSpec['threshold'],
  index: number,
) {
  const { min, max } = range;
  const passes = passer(threshold, direction);
  return (judgement: Judgement): ItemScore => {
    if (judgement.outcome === 'not_applicable') return scoreOf(index, 'not_applicable', judgement);
    const { value, passed } = judgement;
    if (kind === 'boolean' && typeof value === 'boolean') {
      const number = value ? 1 : 0;
      const fields = {
        ...judgement,
        value: number,
        passed: passes?.(number) ?? passed ?? value === (direction !== 'lower'),
      };
      return scoreOf(index, 'scored', fields);
    }
    if (kind === 'numeric' && typeof value === 'number') {
      const inRange = value >= (min ?? -Infinity) && value <= (max ?? Infinity);
      if (!Number.isFinite(value) || !inRange) {
        throw new MetricError(`${name} gave a value outside of its range`);
      }
      return scoreOf(index, 'scored', { ...judgement, value, passed: passes?.(value) ?? passed });
    }
    if (kind === 'categorical' && typeof value === 'string') {
      return scoreOf(index, 'scored', { ...judgement, value: null, category: cleanReason(value) });
    }
    throw new MetricError(`${name} gave a ${typeof value}, which is not ${kind}`);
  };
}

/** Whether a value passes by the threshold, right on it included; undefined without a threshold. */
function passer(
  threshold: MetricSpec['threshold'],
  direction: MetricShape['direction'],
): ((value: number) => boolean) | undefined {
  if (threshold === undefined) return undefined;
  const ends =
    typeof threshold === 'object'
      ? threshold
      : direction === 'lower'
        ? { max: threshold }
        : { min: threshold };
  const { min = -Infinity, max = Infinity } = ends;
  return (value) => value >= min && value <= max;
}

function scoreOf(
  metric: number,
  outcome: ItemScore['outcome'],
  fields: {
    [Field in 'value' | 'category' | 'passed' | 'reason' | 'details' | 'errorClass']?:
      ItemScore[Field] | undefined;
  },
): ItemScore {
  const { value = null, category = null, passed = null, reason = null } = fields;
  const { details = null, errorClass = null } = fields;
  return {
    metric,
    outcome,
    value,
    category,
    passed,
    reason: reason && cleanReason(reason),
    details,
    errorClass,
  };
}

function messageOf(error: unknown): string {
  if (
    error instanceof MetricError ||
    error instanceof CallError ||
    error instanceof SandboxError ||
    error instanceof OutgoingError
  ) {
    return error.message;
  }
  return `the metric broke: ${error instanceof Error ? error.name : typeof error}`;
}

function classOf(error: unknown): ErrorClass {
  if (error instanceof CallError) return error.class;
  if (error instanceof MetricError) return error.class;
  return 'metric_error';
}
