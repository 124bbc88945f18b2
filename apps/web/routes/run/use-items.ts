import {
  useInfiniteQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { Run } from '#libs/contracts';
import { runItemsQuery, type ItemFilter, type ItemsPage } from '../../queries/runs.ts';

const refreshEvery = 4_000;
/** As long as not even the first screen is full. */
const refreshFirstEvery = 1_000;
/** So many pages are asked for again by themselves; more of them only when somebody wants it. */
const pagesThatFollow = 2;

/** A screen is full with so many rows. */
const screenful = 30;
/** A search that no index answers looks so many times by itself before it asks. */
const looksAlone = 12;

/** How far a search has come that looks at one item after another. */
export interface ItemSearch {
  looked: number;
  /** Everything has been looked at. */
  isWhole: boolean;
  /** It goes on by itself just now. */
  isOn: boolean;
  /** Undefined where there is nothing left, or enough to see for now. */
  goOn: (() => void) | undefined;
}

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
  const isSearch = data?.pages[0]?.looked !== undefined;
  // A search would look at everything again.
  const follows = !isSearch && (data?.pages.length ?? 0) <= pagesThatFollow;

  const refresh = useEffectEvent(() => {
    setSeen(run.version);
    void refetch({ cancelRefetch: false });
  });
  const isFull = (data?.pages[0]?.items.length ?? 0) >= screenful;
  const wait = seen === -1 ? 0 : isFull ? refreshEvery : refreshFirstEvery;
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
  const search = useSearch(list, items.length);
  return { list, items, loadMore, catchUp, behind: changed && !follows, search };
}

/** Looks on until the screen is full; what is beyond it comes as people scroll. */
function useSearch(
  list: UseInfiniteQueryResult<InfiniteData<ItemsPage>>,
  found: number,
): ItemSearch | undefined {
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const [limit, setLimit] = useState(looksAlone);
  const pages = data?.pages.length ?? 0;
  const looked = data?.pages.at(-1)?.looked;
  const wants =
    looked !== undefined &&
    hasNextPage &&
    !isFetchNextPageError &&
    found < screenful &&
    pages < limit;
  useEffect(() => {
    if (wants && !isFetching) void fetchNextPage();
  }, [wants, isFetching, fetchNextPage]);
  if (looked === undefined) return undefined;
  return {
    looked,
    isWhole: !hasNextPage,
    isOn: wants || (isFetching && pages > 0 && hasNextPage),
    goOn: hasNextPage && found < screenful ? () => setLimit(pages + looksAlone) : undefined,
  };
}
