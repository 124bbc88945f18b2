import type { Json, MetricSpec, RunMetric } from '#libs/contracts';
import { settleMetric } from './check.ts';

/** Adds up one metric's scores over a run; its memory does not follow their number. */
export interface RunLevelAggregate {
  /** @param details of a score, as stored */
  add(details: Json): void;
  result(): NonNullable<RunMetric['runLevel']>;
}

/** Starts the aggregate of a metric's run-level values; undefined where it has none. */
export function startRunLevel(spec: MetricSpec): RunLevelAggregate | undefined {
  const settled = settleMetric(spec, 'metric');
  if ('faults' in settled || !settled.definition.runLevel) return undefined;
  const { values, start } = settled.definition.runLevel;
  const sum = start(settled.config);
  return {
    add: (details) => sum.add(details),
    result() {
      const { values: given, details = null } = sum.result();
      return {
        values: values.map(({ name, title }) => ({ name, title, value: given[name] ?? null })),
        details,
      };
    },
  };
}
