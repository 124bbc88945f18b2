import type { GateRule } from '#libs/contracts';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const show = (value: number): string => number.format(value).replace('-', '−');
const percent = (share: number): string => `${show(share * 100)} %`;

const units: Record<string, string> = {
  latency_ms: ' ms',
  input_tokens: ' tokens',
  output_tokens: ' tokens',
  cost_usd: ' USD',
};

/** A rule as a sentence, as a person would say what a run has to meet. */
export function ruleInWords(rule: GateRule): string {
  const sure =
    rule.confidence === null
      ? 'by the estimate alone'
      : `with ${percent(rule.confidence)} confidence`;
  return `${demandOf(rule)}, ${sure}.`;
}

function demandOf(rule: GateRule): string {
  const { metric } = rule;
  const unit = units[metric] ?? '';
  if (rule.kind === 'value') {
    const { min, max } = rule;
    const ends = [
      ...(min === undefined ? [] : [`at least ${show(min)}${unit}`]),
      ...(max === undefined ? [] : [`at most ${show(max)}${unit}`]),
    ];
    return `The mean of ${metric} is ${ends.join(' and ')}`;
  }
  const { atMostWorse } = rule;
  const size = Math.abs(atMostWorse);
  const much = rule.kind === 'relative' ? percent(size) : `${show(size)}${unit}`;
  if (atMostWorse === 0) return `${metric} is not worse than the baseline’s`;
  return atMostWorse > 0
    ? `${metric} is at most ${much} worse than the baseline’s`
    : `${metric} is at least ${much} better than the baseline’s`;
}
