import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { EvaluationItem } from '#libs/contracts';

const route = getRouteApi('/app/runs/$runId');
/** A link to an item deep in the list reads so many pages by itself before it asks. */
const pagesPerSearch = 20;

interface List {
  data: { pages: unknown[] } | undefined;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The item that the address names, and how another one is opened. */
export function useOpenItem(items: EvaluationItem[], list: List) {
  const { item: no } = route.useSearch();
  const navigate = route.useNavigate();
  const [limit, setLimit] = useState(pagesPerSearch);
  const found = useMemo(() => items.findIndex((item) => item.no === no), [items, no]);
  const index = found === -1 ? undefined : found;

  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const pages = list.data?.pages.length ?? 0;
  const searching =
    no !== undefined &&
    index === undefined &&
    (pages === 0 || (hasNextPage && pages < limit && !isFetchNextPageError));
  useEffect(() => {
    if (searching && pages > 0 && !isFetching) void fetchNextPage();
  }, [searching, pages, isFetching, fetchNextPage]);

  const isOpen = no !== undefined;
  const show = useCallback(
    (next: number) =>
      void navigate({
        search: (before) => ({ ...before, item: next }),
        // Opening is a step back to return from; moving on from item to item is not.
        replace: isOpen,
        resetScroll: false,
      }),
    [navigate, isOpen],
  );
  const close = useCallback(
    () =>
      void navigate({
        search: (before) => ({ ...before, item: undefined }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const searchOn = useCallback(() => setLimit(pages + pagesPerSearch), [pages]);
  return {
    no,
    index,
    item: index === undefined ? undefined : items[index],
    searching,
    show,
    close,
    searchOn: hasNextPage ? searchOn : undefined,
  };
}
