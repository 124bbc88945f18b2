import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { isFinal } from '#libs/evaluation';
import type { EvaluationItem, Run } from '#libs/contracts';
import type { ItemFilter } from '../../queries/runs.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import {
  SelectionContext,
  useRowSelection,
  useSelectionKeys,
} from '../../components/row-selection.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import { ItemFilters } from './item-filters.tsx';
import { itemColumns, itemTracks } from './item-columns.tsx';
import { ItemPanel } from './item-panel.tsx';
import { filterOf } from './item-filter.ts';
import { ListActions } from './list-actions.tsx';
import { Looked } from './looked.tsx';
import { useItems } from './use-items.ts';
import { useOpenItem } from './use-open-item.ts';
import styles from './items.module.css';

const route = getRouteApi('/app/runs/$runId');
const idOf = ({ no }: EvaluationItem): string => String(no);

export function Items({ run }: { run: Run }) {
  const filter = filterOf(route.useSearch());
  return (
    <>
      <ItemFilters run={run} />
      <ItemList key={JSON.stringify(filter)} run={run} filter={filter} />
    </>
  );
}

function ItemList({ run, filter }: { run: Run; filter: ItemFilter }) {
  const { list, items, loadMore, catchUp, behind, search } = useItems(run, filter);
  const open = useOpenItem(items, list);
  const { show } = open;
  const choose = useCallback(
    (index: number) => {
      const item = items[index];
      if (item) show(item.no);
    },
    [items, show],
  );
  const selects = useMay('editor');
  const selection = useRowSelection(items, idOf);
  useSelectionKeys(selection);
  const { select } = selection;
  const onSelect = useCallback(
    (index: number, range: boolean) => {
      const item = items[index];
      if (item) select(idOf(item), range);
    },
    [items, select],
  );
  const repeats = run.repeats > 1;
  const errors = run.failed > 0;
  const shape = useMemo(
    () => ({ metrics: run.metrics.map(({ name }) => name), repeats, errors, selects }),
    [run.metrics, repeats, errors, selects],
  );
  const first = filter.metric;
  const columns = useMemo(() => itemColumns(shape, first, show), [shape, first, show]);

  if (list.isPending) return <SkeletonRows rows={12} label="Loading the items" />;
  if (list.isError && items.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the items" onRetry={retry} />;
  }
  const unfiltered = Object.values(filter).every((value) => value === undefined);
  return (
    <>
      {behind && (
        <p className={styles.behind}>
          The run has moved on.{' '}
          <Button variant="default" size="compact-xs" onClick={catchUp}>
            Show newer results
          </Button>
        </p>
      )}
      <div className={styles.above}>
        {search && <Looked run={run} found={items.length} search={search} />}
        <ListActions run={run} filter={filter} selection={selection} isWhole={!list.hasNextPage} />
      </div>
      {items.length === 0 ? (
        search?.isOn !== true && search?.goOn === undefined ? (
          <p className={styles.none}>{whyNone(run, unfiltered)}</p>
        ) : null
      ) : (
        <SelectionContext value={selection}>
          <VirtualTable
            label="Items of the run"
            columns={columns}
            rows={items}
            rowId={idOf}
            tracks={itemTracks(shape)}
            className={styles.table}
            total={unfiltered ? run.done : list.hasNextPage ? -1 : items.length}
            estimatedRowHeight={37}
            chosen={open.index}
            onChoose={choose}
            onNearEnd={loadMore}
            selected={selection.ids}
            onSelect={selects ? onSelect : undefined}
          />
        </SelectionContext>
      )}
      <div className={styles.end}>
        {list.isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load more items"
            onRetry={() => void list.fetchNextPage()}
          />
        ) : (
          items.length > 0 && (
            <p>
              {formatCount(items.length)}
              {unfiltered ? ` of ${formatCount(Math.max(run.done, items.length))}` : ''}{' '}
              {list.hasNextPage ? 'loaded; the next ones load as you scroll' : 'shown'}
            </p>
          )
        )}
      </div>
      {open.no !== undefined && (
        <ItemPanel
          no={open.no}
          item={open.item}
          run={run}
          position={open.index}
          count={items.length}
          more={list.hasNextPage}
          searching={open.searching}
          onStep={(step) => choose((open.index ?? 0) + step)}
          onSearchOn={open.searchOn}
          onClose={open.close}
        />
      )}
    </>
  );
}

function whyNone(run: Run, unfiltered: boolean): string {
  if (!unfiltered) return 'No item matches these filters.';
  if (isFinal(run.state)) return 'No item was evaluated.';
  if (run.state === 'paused') return 'The run was paused before its first results.';
  return run.target.kind === 'client'
    ? 'Nothing is answered and scored yet. Your own code takes the items, with runTarget of the client or POST /runs/{id}/leases; the run waits for it.'
    : 'The first results are on their way.';
}
