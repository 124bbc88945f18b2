import type { RecordedOutputs, Target, TargetCase, TargetResult } from '#libs/evaluation';

/**
 * Answers with outputs that exist already, of a recording or of an earlier run. An item that has none,
 * or whose recording holds an error, fails: that it cannot be scored must be seen.
 */
export const createRecordedTarget = (outputs: RecordedOutputs): Target => ({
  async produce(cases, { signal }) {
    signal.throwIfAborted();
    const found = await outputs.find(cases);
    if (found.length !== cases.length) {
      throw new Error(`asked for ${cases.length} recorded outputs, got ${found.length}`);
    }
    return cases.map((item, index) => resultOf(item, found[index]));
  },
});

function resultOf(item: TargetCase, found: TargetResult | undefined): TargetResult {
  if (found === undefined) {
    const message = `no recorded output for item "${item.key}", repeat ${item.repeat}`;
    return { error: { class: 'output_missing', message } };
  }
  if (found.error === undefined) return found;
  return { ...found, error: { class: 'recorded_error', message: found.error.message } };
}
