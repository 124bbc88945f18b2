import type { MetricCase } from '#libs/evaluation';
import { conversationOf } from './conversation.ts';

/** Of a longer trajectory the end counts. */
const STEPS_MAX = 200;

/** In the definitions of judges that look at what an agent did. */
export const trajectoryDefinition = `The trajectory is what the agent did, step by step: the tool calls that the target reported, then its output; or, where it reported none, the messages of its conversation. Of more than ${STEPS_MAX} steps the last count.`;

/**
 * What an agent did, a step a line as JSON, so that none can pretend to be two; and whether there is
 * anything in it beside its final answer.
 */
export function trajectoryOf(item: MetricCase): { trajectory: string; acted: boolean } {
  const { toolCalls = [], output } = item;
  const messages = conversationOf(item);
  const steps =
    toolCalls.length > 0
      ? [
          ...toolCalls.map(({ name, arguments: given }) => ({ tool: name, arguments: given })),
          { answer: output },
        ]
      : messages.map(({ role, content }) => ({ role, content }));
  const lines = steps.map((step, place) => JSON.stringify({ step: place + 1, ...step }));
  return {
    trajectory: lines.slice(-STEPS_MAX).join('\n'),
    acted: toolCalls.length > 0 || messages.filter(({ role }) => role !== 'user').length > 1,
  };
}
