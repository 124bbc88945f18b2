import type { Calibration } from '#libs/contracts';
import type { Note } from './compare.ts';

/** Below so many items an interval spans nearly everything, and its asymptotics do not hold. */
const ITEMS_ENOUGH = 30;
/** A kappa that may as well be slight as substantial decides nothing. */
const WIDTH_MAX = 0.4;

/**
 * One plain sentence about a calibration, for a person who decides whether to rely on a judge: how far
 * it agrees, how sure that is, and what speaks against relying on it.
 */
export function summarise(
  calibration: Omit<Calibration, 'summary'>,
  { note, repeats }: { note: Note; repeats: number },
): string {
  const { n, unmatched, withoutScore } = calibration;
  if (n === 0) {
    return unmatched + withoutScore === 0
      ? 'Nothing to compare: no item that is done has a label.'
      : `Nothing to compare: of ${count(unmatched + withoutScore, 'label')} none has a score (${unmatched} without a closed item, ${withoutScore} whose item failed or has no value).`;
  }
  const parts = [
    ...(calibration.comparedAs === 'graded' ? [] : agreement(calibration)),
    ...graded(calibration),
    ...(note === 'other_scale'
      ? ['the labels are on another scale than the metric, so that only the order is compared']
      : []),
    ...positionBias(calibration),
    ...(repeats > 1
      ? [
          'repeats of an item count here as items of their own, so that the intervals are too narrow',
        ]
      : []),
  ];
  const told = `On ${count(n, 'item')} ${parts.join('; ')}.`;
  return n < ITEMS_ENOUGH
    ? `Too few to say, label at least ${ITEMS_ENOUGH} items: ${told.replace(/^On/, 'on')}`
    : told;
}

function agreement({ n, agreement, kappa, confusion }: Omit<Calibration, 'summary'>): string[] {
  const same = confusion.reduce((sum, row, place) => sum + (row[place] ?? 0), 0);
  const told = `the judge gives the human verdict in ${percent(agreement.value)} (${same} of ${n}; 95 % interval ${percent(agreement.confidenceLow)} to ${percent(agreement.confidenceHigh)})`;
  return [told, ...beyondChance({ agreement, kappa })];
}

function beyondChance({ agreement, kappa }: Pick<Calibration, 'agreement' | 'kappa'>): string[] {
  const { value, confidenceLow: low, confidenceHigh: high } = kappa;
  if (value === null) {
    return [
      'kappa is not defined, since both gave one verdict only, so that nothing tells judgement from habit',
    ];
  }
  if (low === null || high === null) {
    return [
      `kappa is ${value.toFixed(2)}, without an interval, since ${value === 1 ? 'nothing differs' : 'it does not vary'}`,
    ];
  }
  const words =
    low > high ? strength(value) : [...new Set([strength(low), strength(high)])].join(' to ');
  const told = `beyond chance that is a kappa of ${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), ${words}`;
  const mostlyChance = (agreement.value ?? 0) >= 0.8 && value < 0.4;
  return [
    told,
    ...(mostlyChance ? ['most of the agreement is what one frequent verdict gives by chance'] : []),
    ...(high - low > WIDTH_MAX ? ['that is too wide to decide on: label more'] : []),
  ];
}

/** The usual words: J. R. Landis and G. G. Koch, Biometrics 33 (1977), 159–174. */
function strength(kappa: number): string {
  if (kappa < 0) return 'poor';
  if (kappa <= 0.2) return 'slight';
  if (kappa <= 0.4) return 'fair';
  if (kappa <= 0.6) return 'moderate';
  return kappa <= 0.8 ? 'substantial' : 'almost perfect';
}

function graded({
  comparedAs,
  correlation,
  meanDifference,
}: Omit<Calibration, 'summary'>): string[] {
  if (comparedAs !== 'graded' && comparedAs !== 'levels') return [];
  const order =
    correlation.value === null
      ? 'how far the judge orders them as people do cannot be told, since one side never changes'
      : `the judge's order and the people's have a rank correlation of ${correlation.value.toFixed(2)}${range(correlation)}`;
  if (meanDifference.value === null) return [order];
  const { value } = meanDifference;
  const higher = value < 0 ? 'lower' : 'higher';
  const off = `it scores ${number(Math.abs(value))} ${higher} than people on average`;
  const low = meanDifference.confidenceLow;
  const high = meanDifference.confidenceHigh;
  if (low === null || high === null) return [order, off];
  const unclear = low <= 0 && high >= 0;
  return [
    order,
    `${off}, ${unclear ? 'which may be chance' : 'beyond chance'} (difference ${number(low)} to ${number(high)})`,
  ];
}

function positionBias({ positionBias }: Omit<Calibration, 'summary'>): string[] {
  if (!positionBias || positionBias.consistent === null) return [];
  return [
    `with the answers swapped it keeps its verdict in ${percent(positionBias.consistent)} of ${count(positionBias.n, 'pair')}`,
  ];
}

const range = ({ confidenceLow: low, confidenceHigh: high }: Calibration['kappa']): string =>
  low === null || high === null ? '' : ` (${low.toFixed(2)} to ${high.toFixed(2)})`;

const percent = (share: number | null): string => `${((share ?? 0) * 100).toFixed(1)} %`;
const number = (value: number): string => String(Number(value.toPrecision(2)));
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
