import {
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ClientResponse } from '#libs/sdk';
import { client } from '../../queries/client.ts';
import { runKeys, runsQuery, type RunsFilter } from '../../queries/runs.ts';
import { withHead } from './with-head.ts';

type RunPages = InfiniteData<ClientResponse<'listRuns'>, string | undefined>;

/**
 * The runs, newest first, page by page. Only their head is asked for again (every 5 s while the
 * page is visible, and when it gets the focus), whatever number of pages is loaded.
 */
export function useRuns(which: RunsFilter) {
  const queries = useQueryClient();
  const options = runsQuery(which);
  const list = useInfiniteQuery(options);
  const head = useQuery({
    queryKey: [...runKeys.list(which), 'head'],
    queryFn: async ({ signal }) => {
      const page = await client.listRuns({ query: { ...which }, signal });
      queries.setQueryData<RunPages>(options.queryKey, (known) => known && withHead(known, page));
      return true;
    },
    enabled: list.isSuccess,
    staleTime: 1_000,
    refetchInterval: 5_000,
    refetchOnWindowFocus: 'always',
  });
  const runs = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return { list, runs, headError: head.isError ? head.error : undefined, retryHead: head.refetch };
}
