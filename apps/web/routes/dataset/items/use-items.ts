import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { itemsQuery, type ItemsFilter } from '../../../queries/datasets.ts';

/** A search goes on by itself until so many are found. */
const screenful = 30;

/** The items of a version, page by page; a search may look through many that do not match. */
export function useItems(datasetId: string, version: number, filter: ItemsFilter) {
  const list = useInfiniteQuery(itemsQuery(datasetId, version, filter));
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const searches = filter.search !== undefined && items.length < screenful;
  useEffect(() => {
    if (searches) loadMore();
  }, [searches, loadMore]);
  const searchedTo = data?.pages.at(-1)?.searchedTo;
  return { list, items, loadMore, searched: searchedTo === undefined ? undefined : searchedTo + 1 };
}
