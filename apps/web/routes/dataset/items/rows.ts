import type { DatasetItem } from '#libs/contracts';
import { toShownItem, type Change } from '../draft/draft.ts';

/** An item as the list shows it: as the version has it, or as the draft would have it. */
export interface ItemRow {
  /** Of an item of the version, its key. */
  id: string;
  item: DatasetItem;
  change: Change | undefined;
}

export const rowOf = (item: DatasetItem, change: Change | undefined): ItemRow => ({
  id: item.key,
  item: change?.kind === 'changed' ? toShownItem(change.item, item) : item,
  change,
});

/** The row of what only the draft knows, or knows of by itself. */
export const rowOfChange = (change: Change): ItemRow => ({
  id: change.id,
  item:
    change.kind === 'added'
      ? toShownItem(change.item)
      : change.kind === 'changed'
        ? toShownItem(change.item, change.was)
        : change.was,
  change,
});
