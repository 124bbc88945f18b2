import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { Run } from '#libs/contracts';
import { runItemsQuery, type ItemFilter } from '../../queries/runs.ts';

const refreshEvery = 4_000;
/** As long as not even the first screen is full. */
const refreshFirstEvery = 1_000;
/** So many pages are asked for again by themselves; more of them only when somebody wants it. */
const pagesThatFollow = 2;

/**
 * The closed items of a run, page by page. While the run goes on, a short list follows it; a long
 * one stays as it is, under the reader's eyes, and says that there is more (`behind`).
 */
export function useItems(run: Run, filter: ItemFilter) {
  const list = useInfiniteQuery(runItemsQuery(run.id, filter));
  const { data, isFetching, hasNextPage, isFetchNextPageError, fetchNextPage, refetch } = list;
  // What came out of the cache may be from any version.
  const [seen, setSeen] = useState(data ? -1 : run.version);
  const changed = run.version !== seen;
  const follows = (data?.pages.length ?? 0) <= pagesThatFollow;

  const refresh = useEffectEvent(() => {
    setSeen(run.version);
    void refetch({ cancelRefetch: false });
  });
  const screenful = (data?.pages[0]?.items.length ?? 0) >= 30;
  const wait = seen === -1 ? 0 : screenful ? refreshEvery : refreshFirstEvery;
  const due = changed && follows && !isFetching;
  useEffect(() => {
    if (!due) return undefined;
    const timer = setTimeout(refresh, wait);
    return () => clearTimeout(timer);
  }, [due, wait]);

  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const catchUp = useCallback(() => {
    setSeen(run.version);
    void refetch();
  }, [run.version, refetch]);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return { list, items, loadMore, catchUp, behind: changed && !follows };
}
