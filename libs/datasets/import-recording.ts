import { recordedOutputInput, type Json, type Recording } from '#libs/contracts';
import { RecordingEntity, sql, uuid, type Database, type Queryable } from '#libs/database';
import { z } from 'zod';
import {
  createLineNotes,
  inUploadTransaction,
  storeInChunks,
  type PreparedRow,
} from './upload/chunks.ts';
import { badLine, type UploadRow, type UploadRows } from './upload/rows.ts';
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
}

/**
 * Stores a recording from a stream of any length: all of it or, at the first line that is wrong or
 * when `rows` or `signal` ends it early, nothing.
 * @throws {RequestError} `invalid_line` with the line, `empty_upload`
 */
export async function importRecording(
  database: Database,
  upload: { projectId: string; name: string; rows: UploadRows; signal?: AbortSignal },
): Promise<Recording> {
  const { projectId, name, rows, signal } = upload;
  const id = uuid();
  return inUploadTransaction(database, async (transaction) => {
    await createLineNotes(transaction);
    const outputCount = await storeInChunks(rows, prepareOutput, async (chunk) => {
      signal?.throwIfAborted();
      await store(transaction, id, chunk);
    });
    signal?.throwIfAborted();
    const createdAt = new Date();
    const recording = { id, projectId, name, outputCount, createdAt };
    await transaction.em.insert(RecordingEntity, recording);
    return { id, name, outputCount, createdAt: createdAt.toISOString() };
  });
}

function prepareOutput(row: UploadRow): PreparedOutput {
  const given = validateRow(outputRow, row);
  const output = given.output === undefined ? null : JSON.stringify(given.output);
  return {
    line: row.line,
    size: given.key.length + (output?.length ?? 0) + (given.error?.length ?? 0),
    key: given.key,
    repeat: given.repeat,
    output,
    error: given.error ?? null,
    latencyMs: given.latencyMs ?? null,
    inputTokens: given.inputTokens ?? null,
    outputTokens: given.outputTokens ?? null,
    costUsd: given.costUsd ?? null,
  };
}

async function store(
  transaction: Queryable,
  recordingId: string,
  chunk: readonly PreparedOutput[],
): Promise<void> {
  const stored = await transaction.queryOne<{ count: number }>(sql`
    with given as materialized (
      select * from unnest(
        ${chunk.map((row) => row.line)}::int[], ${chunk.map((row) => row.key)}::text[],
        ${chunk.map((row) => row.repeat)}::int[], ${chunk.map((row) => row.output)}::text[],
        ${chunk.map((row) => row.error)}::text[],
        ${chunk.map((row) => row.latencyMs)}::double precision[],
        ${chunk.map((row) => row.inputTokens)}::int[],
        ${chunk.map((row) => row.outputTokens)}::int[],
        ${chunk.map((row) => row.costUsd)}::double precision[]
      ) as output (
        line, key, repeat, output, error, latency_ms, input_tokens, output_tokens, cost_usd
      )
    ), noted as (
      insert into upload_lines (key, repeat, line) select key, repeat, line from given
    ), stored as (
      insert into recorded_outputs (
        recording_id, key, repeat, output, error, latency_ms, input_tokens, output_tokens, cost_usd
      )
      select ${recordingId}, key, repeat, output::json, error, latency_ms, input_tokens,
        output_tokens, cost_usd
      from given
      on conflict (recording_id, key, repeat) do nothing
      returning 1
    )
    select count(*)::int as count from stored`);
  if (stored?.count !== chunk.length) throw await givenTwice(transaction);
}

async function givenTwice(transaction: Queryable): Promise<Error> {
  const twice = await transaction.queryOne<{
    key: string;
    repeat: number;
    first: number;
    second: number;
  }>(sql`
    select key, repeat, lines[1] as first, lines[2] as second
    from (
      select key, repeat, array_agg(line order by line) as lines
      from upload_lines group by key, repeat having count(*) > 1
    ) as twice
    order by lines[2] limit 1`);
  if (!twice) return new Error('A conflict without two lines of the same key.');
  const { key, repeat, first, second } = twice;
  const what = `key ${JSON.stringify(key)}${repeat === 0 ? '' : `, repeat ${repeat},`}`;
  return badLine(second, `${what} was given on line ${first} already`, 'key');
}
