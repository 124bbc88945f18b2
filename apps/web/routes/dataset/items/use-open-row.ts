import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { v4 as uuid } from 'uuid';
import type { ItemRow } from './rows.ts';

const route = getRouteApi('/app/datasets/$datasetId');
const none: ItemRow[] = [];

/** The row that the address names, among those that are shown, and how another one is opened. */
export function useOpenRow(rows: readonly ItemRow[] = none) {
  const { item: key, added, raw } = route.useSearch();
  const navigate = route.useNavigate();
  const at = useMemo(
    () =>
      rows.findIndex(({ id, change }) =>
        change?.kind === 'added' ? id === added : key !== undefined && id === key,
      ),
    [rows, key, added],
  );
  const isOpen = key !== undefined || added !== undefined;
  const open = useCallback(
    (which: { item?: string; added?: string }) =>
      void navigate({
        search: (before) => ({ ...before, item: which.item, added: which.added }),
        // Opening is a step back to return from; moving on from item to item is not.
        replace: isOpen,
        resetScroll: false,
      }),
    [navigate, isOpen],
  );
  const show = useCallback(
    ({ id, change }: ItemRow) => open(change?.kind === 'added' ? { added: id } : { item: id }),
    [open],
  );
  const close = useCallback(
    () =>
      void navigate({
        search: (before) => ({ ...before, item: undefined, added: undefined }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const create = useCallback(() => open({ added: uuid() }), [open]);
  const setRaw = useCallback(
    (shown: boolean) =>
      void navigate({
        search: (before) => ({ ...before, raw: shown ? true : undefined }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return {
    index: at === -1 ? undefined : at,
    key,
    added,
    raw: raw === true,
    show,
    close,
    create,
    setRaw,
  };
}
