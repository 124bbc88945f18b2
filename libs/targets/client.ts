import type { RecordedOutputs, Target, TargetResult } from '#libs/evaluation';
import { createRecordedTarget } from './recorded.ts';

/** Answers with what the client's own code made of the items; where it reported an error, they fail. */
export function createClientTarget(outputs: RecordedOutputs): Target {
  const answers = createRecordedTarget(outputs);
  return {
    async produce(cases, context) {
      const results = await answers.produce(cases, context);
      return results.map(asReported);
    },
  };
}

function asReported(result: TargetResult): TargetResult {
  if (result.error === undefined || result.error.class !== 'recorded_error') return result;
  return { ...result, error: { class: 'client_error', message: result.error.message } };
}
