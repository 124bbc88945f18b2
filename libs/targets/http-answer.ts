import { toolCall, type HttpTarget, type Json, type ToolCall } from '#libs/contracts';
import { CallError, parseJson, selectPath, type OutgoingResponse } from '#libs/evaluation';
import { z } from 'zod';
import { known } from './each-item.ts';

/** What is kept of an answer: enough to read it again, also by other paths. */
export const keptAnswer = z.object({
  text: z.string(),
  contentType: z.string(),
  /** Of the header that the trace id is in. */
  traceId: z.string().exactOptional(),
});
export type KeptAnswer = z.infer<typeof keptAnswer>;

export interface ReadAnswer {
  output: Json;
  context?: Json;
  toolCalls?: ToolCall[];
  inputTokens?: number;
  outputTokens?: number;
  costUsd?: number;
  traceId?: string;
}

/** As our own contract has it, or as OpenAI answers. */
const calls = z.array(
  z.union([
    z.object(toolCall.shape),
    z
      .object({ id: toolCall.shape.id, function: z.object(toolCall.shape) })
      .transform(({ id, function: called }) => ({ ...called, id: id ?? called.id })),
  ]),
);
const tokens = z.int().min(0).max(2_000_000_000);
const usd = z.number().min(0).max(1e6);
const traceIdText = z.union([z.string(), z.number()]).transform((value) => String(value));

export function keepAnswer(
  { traceIdPath }: HttpTarget,
  { headers, text }: OutgoingResponse,
): KeptAnswer {
  const header = headerIn(traceIdPath);
  return {
    text,
    contentType: headers['content-type'] ?? '',
    ...known({ traceId: header === undefined ? undefined : headers[header] }),
  };
}

/**
 * What an answer says at the target's paths. Of what is not there, only the output is missed.
 * @param host for messages
 * @throws {CallError} `invalid_response` where it is not what was asked for, `output_missing` where
 *   nothing is at the output path
 */
export function readAnswer(target: HttpTarget, answer: KeptAnswer, host: string): ReadAnswer {
  const body = bodyOf(target, answer, host);
  const at = <Value>(
    name: 'toolCallsPath' | 'inputTokensPath' | 'outputTokensPath' | 'costUsdPath' | 'traceIdPath',
    schema: z.ZodType<Value>,
  ): Value | undefined => {
    const value = valueAt(body, target[name]) ?? undefined;
    if (value === undefined) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new CallError('invalid_response', `${host} answered with something unfit at ${name}`);
  };
  const output = target.outputPath === undefined ? body : valueAt(body, target.outputPath);
  if (output === undefined) {
    throw new CallError('output_missing', `the answer of ${host} has nothing at outputPath`);
  }
  const traceId =
    headerIn(target.traceIdPath) === undefined ? at('traceIdPath', traceIdText) : answer.traceId;
  return {
    output,
    ...known({
      context: valueAt(body, target.contextPath),
      toolCalls: at('toolCallsPath', calls)?.map(settledCall),
      inputTokens: at('inputTokensPath', tokens),
      outputTokens: at('outputTokensPath', tokens),
      costUsd: at('costUsdPath', usd),
      traceId: traceId?.slice(0, TRACE_ID_MAX),
    }),
  };
}

const TRACE_ID_MAX = 500;

/** JSON where a path leads into it, or where it says that it is; otherwise text. */
function bodyOf(target: HttpTarget, { text, contentType }: KeptAnswer, host: string): Json {
  const { outputPath, contextPath, toolCallsPath, traceIdPath } = target;
  const { inputTokensPath, outputTokensPath, costUsdPath } = target;
  const paths = [outputPath, contextPath, toolCallsPath, inputTokensPath, outputTokensPath];
  const isAsked = [...paths, costUsdPath, traceIdPath].some(
    (path) => path !== undefined && headerIn(path) === undefined,
  );
  if (!isAsked && !/[/+]json\b/i.test(contentType)) return text;
  if (text.trim() === '') return null;
  const value = parseJson(text);
  if (value !== undefined) return value;
  throw new CallError('invalid_response', `${host} answered with something that is not JSON`);
}

const valueAt = (body: Json, path: string | undefined): Json | undefined =>
  path === undefined ? undefined : selectPath(body, path, 'the answer').value;

/** Arguments often come as a text of JSON. */
function settledCall({ id, name, arguments: given }: z.infer<typeof calls>[number]): ToolCall {
  const parsed = typeof given === 'string' ? parseJson(given) : undefined;
  return { ...known({ id }), name, arguments: parsed === undefined ? given : parsed };
}

/** The header that a trace id is in, where its path is `headers.NAME`. */
const headerIn = (path: string | undefined): string | undefined =>
  path?.startsWith('headers.') === true ? path.slice('headers.'.length).toLowerCase() : undefined;
