import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { isFinal } from '#libs/evaluation';
import type { Run, RunBrief } from '#libs/contracts';
import { useRunList } from '../../../live/live.tsx';
import { client } from '../../../queries/client.ts';
import { runKeys, runsPageSize, runsQuery } from '../../../queries/runs.ts';
import { canonical, listOf, queryOf, type RunsSearch } from '../search.ts';
import { Asker } from './asker.ts';
import { loadedIn, withAnswer, withHead, type RunPages } from './merge.ts';
import { isNews, knownOf } from './news.ts';
import { comparing } from './order.ts';

const NEWS_PAUSE_MS = 250;
/** Of runs that are not shown, how many are remembered, so that each of their batches is no news. */
const BRIEFS_KNOWN = 5_000;

/**
 * The runs that the address asks for, page by page.
 *
 * While the socket is live nothing is polled: it tells which runs are new or have changed, and the API is
 * asked for just these, with the same filters, so that what comes, what leaves and where it stands is
 * decided in one place. While it is not, the first page and the rows in view are asked for every 5 s.
 */
export function useRuns(search: RunsSearch) {
  const queries = useQueryClient();
  const which = canonical(listOf(search));
  const options = useMemo(() => {
    const list = listOf(search);
    return { ...runsQuery(which, () => queryOf(list)), compare: comparing(list), list };
    // oxlint-disable-next-line react/exhaustive-deps -- `which` says all that is of the list
  }, [which]);
  const { compare, list: asked, ...query } = options;
  const list = useInfiniteQuery({
    ...query,
    placeholderData: keepPreviousData,
    refetchOnMount: false,
  });
  const { queryKey } = query;
  const runs = useMemo(() => loadedIn(list.data), [list.data]);

  const change = useCallback(
    (how: (known: RunPages) => RunPages) =>
      queries.setQueryData<RunPages>(queryKey, (known) => known && how(known)),
    [queries, queryKey],
  );
  const loaded = useCallback(
    () => loadedIn(queries.getQueryData<RunPages>(queryKey)),
    [queries, queryKey],
  );

  const readHead = useCallback(
    async (signal?: AbortSignal) => {
      const page = await client.listRuns({
        query: { ...queryOf(asked), limit: runsPageSize },
        signal,
      });
      change((known) => withHead(known, page, compare));
    },
    [asked, change, compare],
  );

  /** Rows of which it is not known whether they are as they were. */
  const suspects = useRef(new Set<string>());
  const inView = useRef<Run[]>([]);
  const briefs = useRef(new Map<string, RunBrief>());
  const asker = useRef<Asker>(undefined);
  useEffect(() => {
    const one = new Asker(async (ids) => {
      const { items } = await client.listRuns({
        query: { ...queryOf(asked), id: ids, limit: ids.length },
      });
      change((known) => withAnswer(known, new Set(ids), items, compare));
    }, NEWS_PAUSE_MS);
    asker.current = one;
    briefs.current.clear();
    // What was loaded before, on an earlier visit, may be old, and newer ones may be missing.
    const before = loaded();
    suspects.current = new Set(before.map(({ id }) => id));
    if (before.length > 0) readHead().catch(() => one.name(before.map(({ id }) => id)));
    return () => one.stop();
  }, [asked, change, compare, loaded, readHead]);

  const told = (news: readonly RunBrief[]): void => {
    const shown = new Map(loaded().map((run) => [run.id, run]));
    const changed: string[] = [];
    for (const brief of news) {
      const run = shown.get(brief.runId);
      const before = [briefs.current.get(brief.runId), run && knownOf(run)]
        .filter((one) => one !== undefined)
        .toSorted((a, b) => a.version - b.version)
        .at(-1);
      if (isNews(before, brief)) changed.push(brief.runId);
      briefs.current.set(brief.runId, brief);
    }
    if (briefs.current.size > BRIEFS_KNOWN) briefs.current.clear();
    if (changed.length > 0) asker.current?.name(changed);
  };
  const askInView = (): void => {
    const due = inView.current.filter(({ id }) => suspects.current.delete(id));
    if (due.length > 0) asker.current?.name(due.map(({ id }) => id));
  };

  const isLive = useRunList({
    listed(news) {
      told(news);
      const versions = new Map(news.map(({ runId, version }) => [runId, version]));
      suspects.current = new Set(
        loaded()
          .filter(({ id, version }) => (versions.get(id) ?? Infinity) > version)
          .map(({ id }) => id),
      );
      askInView();
    },
    changed: told,
  });

  const head = useQuery({
    queryKey: [...runKeys.lists, 'head', which],
    queryFn: async ({ signal }) => {
      await readHead(signal);
      const moving = inView.current.filter(({ state }) => !isFinal(state));
      if (moving.length > 0) asker.current?.name(moving.map(({ id }) => id));
      return true;
    },
    enabled: list.isSuccess && !list.isPlaceholderData && !isLive,
    staleTime: 1_000,
    refetchInterval: 5_000,
    refetchOnWindowFocus: 'always',
  });

  return {
    list,
    runs,
    isLive,
    newsError: !isLive && head.isError ? head.error : undefined,
    retryNews: head.refetch,
    /** Asks for runs again at once, as after a change of one's own. */
    ask: useCallback((ids: readonly string[]) => asker.current?.name(ids, true), []),
    /** Takes runs out of the list, before the API has said so. */
    forget: useCallback(
      (ids: readonly string[]) => change((known) => withAnswer(known, new Set(ids), [], compare)),
      [change, compare],
    ),
    /** Says which rows are in view, of all that are loaded. */
    onView: useCallback(
      (first: number, last: number) => {
        inView.current = loaded().slice(first, last + 1);
        const due = inView.current.filter(({ id }) => suspects.current.delete(id));
        if (due.length > 0) asker.current?.name(due.map(({ id }) => id));
      },
      [loaded],
    ),
  };
}
export type RunList = ReturnType<typeof useRuns>;
