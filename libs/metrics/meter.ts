import { CallError, type JudgeSpend, type ModelCalls, type ModelSpend } from '#libs/evaluation';

/** Models whose every call is counted: also the answers that a judge could not use, and those that were paid but none. */
export interface Meter {
  models: ModelCalls;
  /** Undefined where nothing was called. */
  spend(): JudgeSpend | undefined;
}

/** Counts what the judging of one case takes. */
export function createMeter(models: ModelCalls): Meter {
  const sum: JudgeSpend = { calls: 0, cachedCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
  const count = <Answer extends ModelSpend & { cached?: boolean }>(answer: Answer): Answer => {
    sum.calls += 1;
    if (answer.cached === true) sum.cachedCalls += 1;
    sum.inputTokens += answer.inputTokens ?? 0;
    sum.outputTokens += answer.outputTokens ?? 0;
    sum.costUsd =
      sum.costUsd === null || answer.costUsd === undefined ? null : sum.costUsd + answer.costUsd;
    return answer;
  };
  return {
    models: {
      async generate(request, options) {
        try {
          return count(await models.generate(request, options));
        } catch (error) {
          if (error instanceof CallError && error.spend) count(error.spend);
          throw error;
        }
      },
      embed: async (request, options) => count(await models.embed(request, options)),
    },
    spend: () => (sum.calls === 0 ? undefined : { ...sum }),
  };
}
