import type { Json, RecordedTarget, ToolCall } from '#libs/contracts';
import { sql, type Database } from '#libs/database';
import type { RecordedOutputs, TargetResult } from '#libs/evaluation';

/** An output as the tables have it, with its place among those that were asked for. */
export interface OutputRow {
  place: number;
  found: boolean;
  output: Json | null;
  error: string | null;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
  finish_reason: string | null;
  tool_calls: ToolCall[] | null;
  context: Json | null;
  trace_id: string | null;
}

/**
 * Opens the outputs of a recording, or of an earlier run, for the recorded target. `limit 1` makes it
 * one look into the index for each item: a planner that knows nothing yet of a fresh table would rather
 * read all of it for every batch.
 */
export const recordedOutputs = (database: Database, source: RecordedTarget): RecordedOutputs => ({
  async find(cases) {
    const wanted = sql`unnest(
      ${cases.map(({ key }) => key)}::text[], ${cases.map(({ repeat }) => repeat)}::int[]
    ) with ordinality as w (key, repeat, place)`;
    const rows =
      source.recordingId !== undefined
        ? await database.query<OutputRow>(sql`
            select w.place::int, o.key is not null as found, o.output, o.error, o.latency_ms,
              o.input_tokens, o.output_tokens, o.cost_usd, o.finish_reason, o.tool_calls, o.context,
              null as trace_id
            from ${wanted} left join lateral (
              select * from recorded_outputs
              where recording_id = ${source.recordingId} and key = w.key and repeat = w.repeat
              limit 1
            ) o on true
            order by w.place`)
        : await database.query<OutputRow>(sql`
            select w.place::int, o.key is not null as found, o.output, o.error_message as error,
              o.latency_ms, o.input_tokens, o.output_tokens, o.cost_usd, o.finish_reason,
              o.tool_calls, o.context, o.trace_id
            from ${wanted} left join lateral (
              select * from evaluation_items
              where run_id = ${source.runId ?? null} and key = w.key and repeat = w.repeat
                and status <> 'open'
              limit 1
            ) o on true
            order by w.place`);
    return rows.map(toResult);
  },
});

/** What is known of it; undefined where there is none. The target names the class of an error. */
export function toResult(row: OutputRow): TargetResult | undefined {
  if (!row.found) return undefined;
  const known = {
    ...(row.latency_ms !== null && { latencyMs: row.latency_ms }),
    ...(row.input_tokens !== null && { inputTokens: row.input_tokens }),
    ...(row.output_tokens !== null && { outputTokens: row.output_tokens }),
    ...(row.cost_usd !== null && { costUsd: row.cost_usd }),
    ...(row.finish_reason !== null && { finishReason: row.finish_reason }),
    ...(row.tool_calls !== null && { toolCalls: row.tool_calls }),
    ...(row.context !== null && { context: row.context }),
    ...(row.trace_id !== null && { traceId: row.trace_id }),
  };
  if (row.error !== null)
    return { ...known, error: { class: 'recorded_error', message: row.error } };
  return { ...known, output: row.output };
}
