import { json, toolCall, type Json, type ToolCall } from '#libs/contracts';
import { CallError } from '#libs/evaluation';
import type { LanguageModelV4Content, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import { z } from 'zod';

/** What a model answered, as it is cached. */
export const modelOutput = z.object({
  text: z.string(),
  toolCalls: z.array(toolCall),
  finishReason: z.string(),
  inputTokens: z.number().optional(),
  /** Of the input tokens, those that the provider's own prompt cache knew. */
  cachedInputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
});
export type ModelOutput = z.infer<typeof modelOutput>;

/**
 * The answer in what a provider's library made of it. What a model thought before it answered is left
 * out; its tokens count as output.
 * @throws {CallError} `content_filter`, `invalid_response` where there is nothing but the reason why
 */
export function outputOf(
  provider: string,
  result: LanguageModelV4GenerateResult,
  isStructured: boolean,
): ModelOutput {
  const { content, structuredOutputText, usage } = result;
  const { unified } = result.finishReason;
  const joined = content.map(textOf).join('');
  const text = isStructured ? (structuredOutputText ?? joined) : joined;
  const toolCalls = content.flatMap(toolCallOf);
  if (text === '' && toolCalls.length === 0) {
    if (unified === 'content-filter') {
      throw new CallError('content_filter', `"${provider}" blocked the answer and gave none of it`);
    }
    if (unified === 'error' || unified === 'interrupted') {
      throw new CallError('invalid_response', `"${provider}" broke off before there was an answer`);
    }
  }
  return { text, toolCalls, finishReason: unified, ...tokensOf(usage) };
}

/** What a provider counted, also of an answer that is none. */
export const tokensOf = ({
  inputTokens,
  outputTokens,
}: LanguageModelV4GenerateResult['usage']): Pick<
  ModelOutput,
  'inputTokens' | 'cachedInputTokens' | 'outputTokens'
> => ({
  inputTokens: countOf(inputTokens.total),
  cachedInputTokens: countOf(inputTokens.cacheRead),
  outputTokens: countOf(outputTokens.total),
});

const textOf = (part: LanguageModelV4Content): string => (part.type === 'text' ? part.text : '');

/** Arguments that are no JSON stay as the text that they are. */
const toolCallOf = (part: LanguageModelV4Content): ToolCall[] =>
  part.type === 'tool-call'
    ? [{ id: part.toolCallId, name: part.toolName, arguments: jsonOf(part.input) }]
    : [];

function jsonOf(text: string): Json {
  try {
    return json.parse(JSON.parse(text === '' ? '{}' : text));
  } catch {
    return text;
  }
}

/** Some libraries say NaN where a provider does not count. */
const countOf = (count: number | undefined): number | undefined =>
  Number.isFinite(count) ? count : undefined;
