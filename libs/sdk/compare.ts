import type { Comparison, CreateComparison } from '#libs/contracts';
import type { Client } from './client.ts';
import { pause } from './pause.ts';

export interface CompareOptions {
  /** `closed_forms`: as soon as there are numbers; `refined`, the default: once it is resampled too. */
  until?: 'closed_forms' | 'refined' | undefined;
  signal?: AbortSignal | undefined;
}

/** What a caller gives: two runs at least; what is left out has its default. */
export type CompareRequest = Pick<CreateComparison, 'baselineRunId' | 'candidateRunIds'> &
  Partial<CreateComparison>;

const POLL_MS = { first: 50, most: 1_000 };

/**
 * Compares runs with a baseline and waits for the result, of what the runs hold at that time.
 * @throws {ApiError | ConnectionError} where the API refuses, or is away; the signal's reason where the
 * caller aborted
 * @throws {Error} where the comparison failed, with its reason
 */
export async function compare(
  client: Client,
  request: CompareRequest,
  { until = 'refined', signal }: CompareOptions = {},
): Promise<Comparison> {
  const how = signal && { signal };
  let comparison = await client.createComparison({ body: request, ...how });
  for (let waitMs = POLL_MS.first; ; waitMs = Math.min(POLL_MS.most, waitMs * 2)) {
    if (comparison.state === 'failed') {
      throw new Error(`The comparison failed: ${comparison.reason ?? 'without a reason'}`);
    }
    const isThere = comparison.result !== null && comparison.current;
    if (isThere && (until === 'closed_forms' || comparison.state === 'completed')) {
      return comparison;
    }
    // Runs that have gone on meanwhile are compared again.
    await pause(waitMs, signal);
    comparison = await client.getComparison({
      params: { id: comparison.id },
      query: { refresh: comparison.state === 'completed' },
      ...how,
    });
  }
}
