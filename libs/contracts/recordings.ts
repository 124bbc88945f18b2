import { z } from 'zod';
import { id, json, page, pageQuery, text, timestamp } from './common.ts';
import { importId } from './imports.ts';
import { defineOperation } from './operation.ts';

export const recording = z
  .object({ id, name: z.string(), outputCount: z.int(), createdAt: timestamp })
  .meta({ id: 'Recording' });
export type Recording = z.infer<typeof recording>;

/** A tool that was called, as the model asked for it. */
export const toolCall = z
  .strictObject({
    id: text(500).optional(),
    name: text(500),
    arguments: json.default({}).meta({ description: 'As JSON; usually an object' }),
  })
  .meta({ id: 'ToolCall' });
export type ToolCall = z.infer<typeof toolCall>;

/** One line of a recording: the output, or the error, that an item got earlier. */
export const recordedOutputInput = z
  .strictObject({
    key: text(500),
    repeat: z.int().min(0).max(999).default(0).meta({ description: 'Counted from 0' }),
    output: json.optional(),
    latencyMs: z.number().min(0).max(1e10).optional(),
    inputTokens: z.int().min(0).max(2_000_000_000).optional(),
    outputTokens: z.int().min(0).max(2_000_000_000).optional(),
    costUsd: z.number().min(0).max(1e6).optional(),
    finishReason: text(200).optional().meta({ description: 'Such as `stop` or `length`' }),
    toolCalls: z.array(toolCall).max(1000, 'at most 1000 tool calls').optional(),
    context: json.optional().meta({ description: 'What was retrieved for the output' }),
    error: text(2000).optional(),
  })
  .refine((line) => line.output !== undefined || line.error !== undefined, {
    path: ['output'],
    message: 'give an output, or an error where there was none',
  })
  .meta({ id: 'RecordedOutputInput' });
export type RecordedOutputInput = z.infer<typeof recordedOutputInput>;

export const recordingOperations = {
  createRecording: defineOperation({
    id: 'createRecording',
    method: 'POST',
    path: '/recordings',
    summary: 'Upload outputs that were produced earlier',
    description:
      'The body streams, one output a line (NDJSON). A wrong line refuses it all: `errors` names the first hundred, `detail` says how many there are.',
    tag: 'Recordings',
    role: 'editor',
    query: z.object({ name: text(200), importId }),
    streams: ['application/x-ndjson'],
    status: 201,
    response: recording,
  }),
  listRecordings: defineOperation({
    id: 'listRecordings',
    method: 'GET',
    path: '/recordings',
    summary: 'List the recordings, newest first',
    tag: 'Recordings',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(recording),
  }),
  getRecording: defineOperation({
    id: 'getRecording',
    method: 'GET',
    path: '/recordings/{id}',
    summary: 'Get a recording',
    tag: 'Recordings',
    role: 'viewer',
    params: z.object({ id }),
    status: 200,
    response: recording,
  }),
};
