import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import type { Comparison } from '#libs/contracts';
import type { CompareRequest } from '#libs/sdk';
import { useComparisonLive, useConnection } from '../../live/live.tsx';
import { askQuery, comparisonKeys, comparisonQuery } from '../../queries/comparisons.ts';
import { client } from '../../queries/client.ts';

const isUnderWay = ({ state }: Pick<Comparison, 'state'>): boolean =>
  state === 'queued' || state === 'running' || state === 'refining';

const pollEvery = { live: 15_000, lost: 1_500 } as const;

/**
 * The answer to a request, from its first numbers to the last. While it is being computed the socket says
 * how far it is; where that is away, the API is asked again and again.
 */
export function useCompare(request: CompareRequest) {
  const queries = useQueryClient();
  const connection = useConnection();
  const asked = useQuery(askQuery(request));
  const id = asked.data?.id;
  const news = useQuery({
    ...comparisonQuery(id ?? ''),
    enabled: id !== undefined,
    // What was answered to the question is the first that is known of the comparison.
    ...(asked.data && { initialData: asked.data, initialDataUpdatedAt: asked.dataUpdatedAt }),
    refetchInterval: ({ state: { data } }) =>
      data && isUnderWay(data) ? pollEvery[connection === 'live' ? 'live' : 'lost'] : false,
  });
  const { data: comparison, refetch } = news;
  const snapshot = useComparisonLive(comparison);

  const next = snapshot?.state;
  const reread = useEffectEvent(() => void refetch());
  useEffect(() => {
    if (next !== undefined) reread();
  }, [next]);

  const again = async (): Promise<void> => {
    if (id === undefined) return;
    const answer = await client.getComparison({ params: { id }, query: { refresh: true } });
    queries.setQueryData([...comparisonKeys.one(id), 'comparison'], answer);
  };
  return {
    comparison,
    progress:
      comparison && isUnderWay(comparison) ? (snapshot?.progress ?? comparison.progress) : 1,
    isUnderWay: comparison !== undefined && isUnderWay(comparison),
    error: asked.error ?? news.error ?? undefined,
    retry: () => (asked.isError ? void asked.refetch() : void news.refetch()),
    again,
  };
}
