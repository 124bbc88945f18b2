import { recordedOutputInput, type Json, type Recording } from '#libs/contracts';
import { RecordingEntity, sql, uuid, type Database, type Queryable } from '#libs/database';
import { z } from 'zod';
import {
  createLineNotes,
  findRepeatedKeys,
  inUploadTransaction,
  storeRows,
  type PreparedRow,
} from './upload/chunks.ts';
import type { LineProblem, UploadRows } from './upload/rows.ts';
import { validateRow } from './upload/validate.ts';

// What JSON.parse answers with is JSON: walking through it again would take most of the time.
const outputRow = recordedOutputInput.safeExtend({ output: z.custom<Json>().optional() });

interface PreparedOutput extends PreparedRow {
  key: string;
  repeat: number;
  output: string | null;
  error: string | null;
  latencyMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  finishReason: string | null;
  toolCalls: string | null;
}

/**
 * Stores a recording from a stream of any length: all of it or, where anything in it is wrong or
 * `signal` ends it early, nothing.
 * @throws {RequestError} `empty_upload`, and `invalid_line` with the first wrong lines and how many
 * there are
 */
export async function importRecording(
  database: Database,
  upload: { projectId: string; name: string; rows: UploadRows; signal?: AbortSignal | undefined },
): Promise<Recording> {
  const { projectId, name, rows, signal } = upload;
  const id = uuid();
  return inUploadTransaction(database, async (transaction) => {
    await createLineNotes(transaction);
    const outputCount = await storeRows<PreparedOutput>(
      rows,
      {
        prepare: prepareOutput,
        store: (chunk) => store(transaction, id, chunk),
        note: (chunk) => note(transaction, chunk),
        repeated: () => findRepeatedKeys(transaction),
      },
      signal,
    );
    const createdAt = new Date();
    const recording = { id, projectId, name, outputCount, createdAt };
    await transaction.em.insert(RecordingEntity, recording);
    return { id, name, outputCount, createdAt: createdAt.toISOString() };
  });
}

function prepareOutput(
  line: number,
  value: unknown,
): PreparedOutput | { problems: readonly LineProblem[] } {
  const validated = validateRow(outputRow, value);
  if ('problems' in validated) return validated;
  const given = validated.data;
  const output = given.output === undefined ? null : JSON.stringify(given.output);
  const toolCalls = given.toolCalls === undefined ? null : JSON.stringify(given.toolCalls);
  return {
    line,
    size:
      given.key.length +
      (output?.length ?? 0) +
      (given.error?.length ?? 0) +
      (toolCalls?.length ?? 0),
    key: given.key,
    repeat: given.repeat,
    output,
    error: given.error ?? null,
    latencyMs: given.latencyMs ?? null,
    inputTokens: given.inputTokens ?? null,
    outputTokens: given.outputTokens ?? null,
    costUsd: given.costUsd ?? null,
    finishReason: given.finishReason ?? null,
    toolCalls,
  };
}

/** False where a key had been given before. */
async function store(
  transaction: Queryable,
  recordingId: string,
  chunk: readonly PreparedOutput[],
): Promise<boolean> {
  const stored = await transaction.queryOne<{ count: number }>(sql`
    with given as materialized (
      select * from unnest(
        ${chunk.map((row) => row.line)}::int[], ${chunk.map((row) => row.key)}::text[],
        ${chunk.map((row) => row.repeat)}::int[], ${chunk.map((row) => row.output)}::text[],
        ${chunk.map((row) => row.error)}::text[],
        ${chunk.map((row) => row.latencyMs)}::double precision[],
        ${chunk.map((row) => row.inputTokens)}::int[],
        ${chunk.map((row) => row.outputTokens)}::int[],
        ${chunk.map((row) => row.costUsd)}::double precision[],
        ${chunk.map((row) => row.finishReason)}::text[],
        ${chunk.map((row) => row.toolCalls)}::text[]
      ) as output (
        line, key, repeat, output, error, latency_ms, input_tokens, output_tokens, cost_usd,
        finish_reason, tool_calls
      )
    ), noted as (
      insert into upload_lines (key, repeat, line, made) select key, repeat, line, false from given
    ), stored as (
      insert into recorded_outputs (
        recording_id, key, repeat, output, error, latency_ms, input_tokens, output_tokens, cost_usd,
        finish_reason, tool_calls
      )
      select ${recordingId}, key, repeat, output::json, error, latency_ms, input_tokens,
        output_tokens, cost_usd, finish_reason, tool_calls::json
      from given
      on conflict (recording_id, key, repeat) do nothing
      returning 1
    )
    select count(*)::int as count from stored`);
  return stored?.count === chunk.length;
}

async function note(transaction: Queryable, chunk: readonly PreparedOutput[]): Promise<void> {
  await transaction.query(sql`
    insert into upload_lines (key, repeat, line, made)
    select key, repeat, line, false
    from unnest(
      ${chunk.map(({ key }) => key)}::text[], ${chunk.map(({ repeat }) => repeat)}::int[],
      ${chunk.map(({ line }) => line)}::int[]
    ) as output (key, repeat, line)`);
}
