import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { ComparisonItem, MetricComparison } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { comparisonItemsQuery, type ComparisonItemKind } from '../../queries/comparisons.ts';
import { letterOfRun, useCompared, useSetSearch } from './compared.ts';
import { itemColumns, itemTracks } from './item-columns.tsx';
import { ItemPanel } from './item-panel.tsx';
import styles from './items.module.css';

const route = getRouteApi('/app/compare');

const kinds: {
  kind: ComparisonItemKind;
  name: string;
  title: string;
  /** How many there are, where the comparison counts them. */
  count?: (metric: MetricComparison) => number;
}[] = [
  {
    kind: 'regressions',
    name: 'Regressions',
    title: 'Pairs in which the candidate is worse, the worst first',
    count: ({ losses }) => losses,
  },
  {
    kind: 'improvements',
    name: 'Improvements',
    title: 'Pairs in which the candidate is better, the best first',
    count: ({ wins }) => wins,
  },
  {
    kind: 'changed',
    name: 'Changed',
    title: 'Pairs whose values differ',
    count: ({ wins, losses, categorical }) => categorical?.changed ?? wins + losses,
  },
  {
    kind: 'ties',
    name: 'Ties',
    title: 'Pairs with the same value',
    count: ({ ties, categorical, pairing }) =>
      categorical ? pairing.paired - categorical.changed : ties,
  },
  { kind: 'flaky', name: 'Flaky', title: 'Items whose repeats disagree in one of the runs' },
  {
    kind: 'unpaired',
    name: 'Unpaired',
    title: 'Common items that lack a score on one side at least: failed, not done, not applicable',
    count: ({ pairing }) => pairing.unpaired,
  },
  {
    kind: 'baseline_only',
    name: 'Only in A',
    title: 'Items that the candidate does not have',
    count: ({ pairing }) => pairing.baselineOnly,
  },
  {
    kind: 'candidate_only',
    name: 'Only in the candidate',
    title: 'Items that the baseline does not have',
    count: ({ pairing }) => pairing.candidateOnly,
  },
];

/** The items behind a metric, as they came out in the baseline and in the candidate. */
export function Items() {
  const { comparison, metric } = useCompared();
  const { kind: wanted } = route.useSearch();
  const set = useSetSearch();
  const kind = wanted ?? (metric.losses > 0 || !metric.categorical ? 'regressions' : 'changed');
  const repeated = comparison.runs.some(({ repeats }) => repeats > 1);
  const offered = kinds.filter(
    (one) =>
      one.kind === kind || (one.count ? one.count(metric) > 0 || isMain(one.kind) : repeated),
  );
  return (
    <>
      <fieldset className={styles.kinds}>
        <legend className="visually-hidden">Which items</legend>
        {offered.map((one) => (
          <button
            key={one.kind}
            type="button"
            aria-pressed={one.kind === kind}
            title={one.title}
            className={styles.kind}
            onClick={() => set({ kind: one.kind, item: undefined, repeat: undefined })}
          >
            {one.name}
            {one.count && <span className="numeric"> {formatCount(one.count(metric))}</span>}
          </button>
        ))}
      </fieldset>
      <List key={`${metric.metric}/${kind}`} kind={kind} />
    </>
  );
}

const isMain = (kind: ComparisonItemKind): boolean =>
  kind === 'regressions' || kind === 'improvements';

function List({ kind }: { kind: ComparisonItemKind }) {
  const { comparison, candidate, metric, text } = useCompared();
  const { item: openKey, repeat: openRepeat = 0 } = route.useSearch();
  const set = useSetSearch();
  const list = useInfiniteQuery(
    comparisonItemsQuery(
      comparison.id,
      { metric: metric.metric, candidateRunId: candidate.runId, kind },
      comparison.computedAt ?? '',
    ),
  );
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const show = useCallback(
    (item: Pick<ComparisonItem, 'key' | 'repeat'> | undefined) =>
      item &&
      set(
        { item: item.key, repeat: item.repeat === 0 ? undefined : item.repeat },
        // Opening is a step back to return from; moving on from item to item is not.
        { push: openKey === undefined },
      ),
    [set, openKey],
  );
  const letter = letterOfRun(comparison, candidate.runId);
  const repeats = comparison.runs.some(({ repeats }) => repeats > 1);
  const differences = metric.kind === 'graded';
  const shape = useMemo(() => ({ letter, repeats, differences }), [letter, repeats, differences]);
  const columns = useMemo(() => itemColumns(shape, text, show), [shape, text, show]);
  const found =
    openKey === undefined
      ? -1
      : items.findIndex(({ key, repeat }) => key === openKey && repeat === openRepeat);
  const index = found === -1 ? undefined : found;

  if (list.isPending) return <SkeletonRows rows={10} label="Loading the items" />;
  if (list.isError && items.length === 0) {
    return (
      <ProblemPanel error={list.error} doing="load the items" onRetry={() => void list.refetch()} />
    );
  }
  return (
    <>
      {items.length === 0 ? (
        <p className={styles.none}>{whyNone(kind, metric)}</p>
      ) : (
        <VirtualTable
          label="Items in the baseline and in the candidate"
          columns={columns}
          rows={items}
          rowId={({ key, repeat }) => `${repeat}/${key}`}
          tracks={itemTracks(shape)}
          className={styles.table}
          total={hasNextPage ? -1 : items.length}
          estimatedRowHeight={37}
          chosen={index}
          onChoose={(next) => show(items[next])}
          onNearEnd={loadMore}
        />
      )}
      <div className={styles.end}>
        {isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load more items"
            onRetry={() => void fetchNextPage()}
          />
        ) : (
          items.length > 0 && (
            <p>
              {formatCount(items.length)}{' '}
              {hasNextPage ? 'loaded; the next ones load as you scroll' : 'shown'}
            </p>
          )
        )}
      </div>
      {openKey !== undefined && (
        <ItemPanel
          itemKey={openKey}
          repeat={openRepeat}
          known={index === undefined ? undefined : items[index]}
          isFirst={index === undefined || index === 0}
          isLast={index === undefined || (index >= items.length - 1 && !hasNextPage)}
          onStep={(step) => {
            if (index === undefined) return;
            if (index + step >= items.length - 5) loadMore();
            show(items[index + step]);
          }}
          onClose={() => set({ item: undefined, repeat: undefined })}
        />
      )}
    </>
  );
}

function whyNone(kind: ComparisonItemKind, metric: MetricComparison): string {
  if (metric.pairing.paired === 0) return `No item has a score of ${metric.metric} in both runs.`;
  const reasons: Record<ComparisonItemKind, string> = {
    regressions: 'The candidate is worse in no item.',
    improvements: 'The candidate is better in no item.',
    changed: 'No value differs.',
    ties: 'No two values are the same.',
    flaky: 'No repeats disagree.',
    unpaired: 'Every common item has a score on both sides.',
    baseline_only: 'The candidate has every item of the baseline.',
    candidate_only: 'The baseline has every item of the candidate.',
  };
  return reasons[kind];
}
