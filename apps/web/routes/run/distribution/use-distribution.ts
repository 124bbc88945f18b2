import { useQuery } from '@tanstack/react-query';
import type { Run } from '#libs/contracts';
import { runDistributionQuery } from '../../../queries/run-results.ts';
import { useRefreshWith } from '../use-refresh-with.ts';

/** Every value is counted for it, so it follows a run more slowly than the means do. */
const refreshEvery = 8_000;

export function useDistribution(run: Run, metric: string) {
  const query = useQuery(runDistributionQuery(run.id, metric));
  useRefreshWith(run, () => void query.refetch({ cancelRefetch: false }), refreshEvery);
  return query;
}
