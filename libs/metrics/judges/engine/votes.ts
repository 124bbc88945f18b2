import type { ErrorClass, Json } from '#libs/contracts';
import type { Judgement, MetricShape } from '#libs/evaluation';

/** What one asking of a judge came to. */
export type Opinion =
  | {
      value: number | boolean | string;
      /** Why, in the judge's words. */
      reason: string;
      /** What the value was computed from. */
      details?: Record<string, Json>;
    }
  | { notApplicable: string };

/** A vote that came to nothing. */
export interface FailedVote {
  error: string;
  errorClass: ErrorClass;
}

type Scored = Extract<Opinion, { value: unknown }>;

/** Reasons in the details are cut to this many characters. */
const REASON_MAX = 1_000;

/**
 * Makes one judgement of several votes.
 *
 * - Numbers: the mean. The reason is that of the vote nearest to it.
 * - True or false: what more than half of the votes say; a tie counts against the output.
 * - Categories: the most frequent one, of equally frequent ones that which was voted for first.
 * - More votes that find it not applicable than any others: not applicable.
 *
 * @param opinions at least one
 * @param failed votes that are left out; whether enough are left is the caller's to say
 */
export function combineVotes(
  opinions: readonly Opinion[],
  failed: readonly FailedVote[],
  { kind, direction }: MetricShape,
): Judgement {
  const scored = opinions.filter((opinion): opinion is Scored => 'value' in opinion);
  const open = opinions.filter((opinion) => 'notApplicable' in opinion);
  if (open.length > scored.length || scored.length === 0) {
    return { outcome: 'not_applicable', reason: open[0]?.notApplicable ?? 'no vote was given' };
  }
  const elected = kind === 'numeric' ? mean(scored) : mostFrequent(scored, direction);
  const { value, vote, agreeing } = elected;
  const asked = opinions.length + failed.length;
  return {
    outcome: 'scored',
    value,
    reason: asked === 1 ? vote.reason : `${summaryOf(elected, scored, failed)} ${vote.reason}`,
    details: {
      ...vote.details,
      votes: [...opinions.map((opinion) => voteOf(opinion, asked > 1)), ...failed.map(failedOf)],
      agreement: agreeing / scored.length,
    },
  };
}

interface Elected {
  value: number | boolean | string;
  /** The vote that speaks for it. */
  vote: Scored;
  /** How many votes gave the most frequent value. */
  agreeing: number;
  tied: boolean;
}

function mean(votes: readonly Scored[]): Elected {
  const numbers = votes.map(({ value }) => Number(value));
  const sum = numbers.reduce((sum, number) => sum + number, 0);
  // Rounding may lead a hair beyond what the votes lie between.
  const value = Math.min(
    Math.max(...numbers),
    Math.max(Math.min(...numbers), sum / numbers.length),
  );
  const agreeing = Math.max(
    ...numbers.map((number) => numbers.filter((other) => other === number).length),
  );
  const vote = votes.reduce((best, next) =>
    Math.abs(Number(next.value) - value) < Math.abs(Number(best.value) - value) ? next : best,
  );
  return { value, vote, agreeing, tied: false };
}

function mostFrequent(votes: readonly Scored[], direction: MetricShape['direction']): Elected {
  const count = ({ value }: Scored) => votes.filter((other) => other.value === value).length;
  const agreeing = Math.max(...votes.map(count));
  const leading = votes.filter((vote) => count(vote) === agreeing);
  const against = leading.find(({ value }) => value === (direction === 'lower'));
  const tied = new Set(leading.map(({ value }) => value)).size > 1;
  const vote = (tied ? against : undefined) ?? leading.reduce((first) => first);
  return { value: vote.value, vote, agreeing, tied };
}

function summaryOf(
  { value, agreeing, tied }: Elected,
  { length }: readonly Scored[],
  failed: readonly FailedVote[],
): string {
  const lost = failed.length === 0 ? '' : `, ${failed.length} more failed`;
  if (typeof value === 'number') return `(Mean of ${length} votes${lost}.)`;
  const rule =
    typeof value === 'boolean' ? 'a tie counts against the output' : 'a tie goes to the first';
  return `(${agreeing} of ${length} votes${tied ? `; ${rule}` : ''}${lost}.)`;
}

const voteOf = (opinion: Opinion, withDetails: boolean): Json =>
  'notApplicable' in opinion
    ? { notApplicable: opinion.notApplicable }
    : {
        value: opinion.value,
        reason: opinion.reason.slice(0, REASON_MAX).toWellFormed(),
        ...(withDetails && opinion.details && { details: opinion.details }),
      };

const failedOf = ({ error, errorClass }: FailedVote): Json => ({ error, errorClass });
