import { gateRule, type GateRule } from '#libs/contracts';

/** A rule as it is typed. */
export interface RuleDraft {
  kind: GateRule['kind'];
  metric: string;
  /** How much worse, or better where `sense` says so; a share is typed in percent. */
  amount: string;
  sense: 'worse' | 'better';
  min: string;
  max: string;
  /** A number, or `null` where the estimate alone decides. */
  confidence: string;
}

export const newRule = (metric = ''): RuleDraft => ({
  kind: 'difference',
  metric,
  amount: '0.01',
  sense: 'worse',
  min: '',
  max: '',
  confidence: '0.95',
});

/** Twelve digits are enough for what a person types; more shows what doubles make of 0.07 · 100. */
const rounded = (value: number): number => Number(value.toPrecision(12));

export function draftOfRule(rule: GateRule): RuleDraft {
  const draft = { ...newRule(rule.metric), kind: rule.kind, confidence: String(rule.confidence) };
  if (rule.kind === 'value') {
    const { min, max } = rule;
    return {
      ...draft,
      min: min === undefined ? '' : String(min),
      max: max === undefined ? '' : String(max),
    };
  }
  const { atMostWorse, kind } = rule;
  const size = Math.abs(atMostWorse);
  return {
    ...draft,
    sense: atMostWorse < 0 ? 'better' : 'worse',
    amount: String(kind === 'relative' ? rounded(size * 100) : size),
  };
}

const numberIn = (text: string): number | undefined =>
  text.trim() === '' ? undefined : Number(text);

/** The rule that the draft makes, or what is wrong with it, in the words of the contract. */
export function readRule(draft: RuleDraft): { rule: GateRule } | { fault: string } {
  const { kind, metric, sense } = draft;
  const common = {
    kind,
    metric: metric.trim(),
    confidence: draft.confidence === 'null' ? null : Number(draft.confidence),
  };
  if (common.metric === '') return { fault: 'Which metric is it about?' };
  const size = numberIn(draft.amount);
  if (kind !== 'value' && size === undefined) return { fault: 'How much may it be?' };
  if (kind !== 'value' && (size ?? 0) < 0) {
    return { fault: 'Give how much without a sign, and choose worse or better.' };
  }
  const scaled = rounded(kind === 'relative' ? (size ?? 0) / 100 : (size ?? 0));
  const read = gateRule.safeParse(
    kind === 'value'
      ? { ...common, min: numberIn(draft.min), max: numberIn(draft.max) }
      : { ...common, atMostWorse: sense === 'better' ? -scaled : scaled },
  );
  if (read.success) return { rule: read.data };
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  return {
    fault: field === '' ? (issue?.message ?? 'is not right') : `${field} ${issue?.message}`,
  };
}
