import type { Json, PromptContent, SettledModelTarget } from '#libs/contracts';
import { parseJson, type ModelAnswer, type ModelCalls, type Target } from '#libs/evaluation';
import { compilePrompt } from '#libs/templating';
import { compileOnce } from './compile-once.ts';
import { eachItem, known, templateValuesOf } from './each-item.ts';

const templateOf = compileOnce((content: PromptContent) => compilePrompt(content));

/**
 * Asks a model with the prompt that each item gives. With a schema the output is the JSON that the
 * model wrote, or its text where that is none, so that a metric can say so.
 */
export function createModelTarget(target: SettledModelTarget, models: ModelCalls): Target {
  const { prompt, responseSchema } = target;
  const settings = known({
    parameters: target.parameters,
    prices: target.prices,
    responseSchema,
    tools: target.tools,
    toolChoice: target.toolChoice,
  });
  return {
    produce: async (cases, { signal, patienceMs }) =>
      eachItem(cases, async (item) => {
        const answer = await models.generate(
          {
            provider: target.provider,
            model: target.model,
            messages: templateOf(prompt.content).render(templateValuesOf(item)),
            ...settings,
            repeat: item.repeat,
          },
          { signal, ...known({ earlier: item.earlier, patienceMs }) },
        );
        return {
          output: outputOf(answer, responseSchema !== undefined),
          ...known({
            latencyMs: answer.latencyMs,
            inputTokens: answer.inputTokens,
            outputTokens: answer.outputTokens,
            costUsd: answer.costUsd,
          }),
          finishReason: answer.finishReason,
          ...(answer.toolCalls.length > 0 && { toolCalls: answer.toolCalls }),
          queueMs: answer.queueMs,
          cached: answer.cached,
          tries: answer.tries,
        };
      }),
  };
}

function outputOf({ text }: ModelAnswer, isJson: boolean): Json {
  const value = isJson ? parseJson(text) : undefined;
  return value === undefined ? text : value;
}
