import type { ReviewAgreement } from '#libs/contracts';

/** Below so many items an interval spans nearly everything. */
const ITEMS_ENOUGH = 30;
/** K. Krippendorff, "Content Analysis", 4th edition (2018), section 12.4. */
const RELIABLE = 0.8;
const TENTATIVE = 0.667;

/** One plain sentence for a person who decides whether to rely on what people scored. */
export function agreementInWords({
  items,
  pairable,
  people,
  alpha: { value, confidenceLow: low, confidenceHigh: high },
  percentAgreement,
}: Pick<ReviewAgreement, 'items' | 'pairable' | 'people' | 'alpha' | 'percentAgreement'>): string {
  if (items === 0) return 'Nobody has scored an item yet.';
  if (pairable === 0) {
    return people.length === 1
      ? `One person has scored ${count(items)}; agreement needs a second one.`
      : `No item of ${items} has scores of two people yet.`;
  }
  const share = `${(100 * (percentAgreement ?? 0)).toFixed(1)} %`;
  const same = `On ${count(pairable)} that two or more people scored, ${share} of their pairs are the same value`;
  if (value === null) {
    return `${same}; all gave one value throughout, so that nothing tells judgement from habit.`;
  }
  if (low === null || high === null) {
    const why = value === 1 ? 'nothing differs' : 'there are too few items';
    return `${same}; Krippendorff's alpha is ${value.toFixed(2)}, without an interval, since ${why}.`;
  }
  const told = `${same}; beyond chance that is an alpha of ${value.toFixed(2)} (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}), ${meaning(value, low)}.`;
  return pairable < ITEMS_ENOUGH
    ? `Too few to say, let two people score at least ${ITEMS_ENOUGH} items: ${told.replace(/^On/, 'on')}`
    : told;
}

/** The usual bounds, of the lower end: what may as well lie below them is not shown to be above. */
function meaning(value: number, low: number): string {
  if (low >= RELIABLE) return 'which is reliable';
  if (low >= TENTATIVE) return 'which carries tentative conclusions';
  if (value >= TENTATIVE) return 'which may be reliable, but is not shown to be: score more items';
  return value <= 0
    ? 'no more than chance gives: the guidelines do not lead people to the same values'
    : 'too low to rely on: make the guidelines clearer, and talk about the items that differ';
}

const count = (items: number): string => `${items} item${items === 1 ? '' : 's'}`;
