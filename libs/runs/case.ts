import type { Json } from '#libs/contracts';
import type { MetricCase, TargetResult } from '#libs/evaluation';

/** What metrics see of an item and of what the target made of it. */
export function caseOf(
  item: {
    input: Json;
    /** Null where the dataset has none. */
    expected: Json;
    metadata: Readonly<Record<string, Json>>;
    repeat: number;
  },
  produced: TargetResult & { output: Json },
): MetricCase {
  const { latencyMs, inputTokens, outputTokens, costUsd, finishReason } = produced;
  const { output, toolCalls, context } = produced;
  return {
    input: item.input,
    output,
    expected: item.expected ?? undefined,
    metadata: item.metadata,
    repeat: item.repeat,
    usage: {
      ...(latencyMs !== undefined && { latencyMs }),
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(costUsd !== undefined && { costUsd }),
      ...(finishReason !== undefined && { finishReason }),
    },
    ...(toolCalls && { toolCalls }),
    ...(context !== undefined && { context }),
  };
}
