import { Button, Menu } from '@mantine/core';
import { Download, FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { EvaluationItem, Run } from '#libs/contracts';
import type { RowSelection } from '../../components/row-selection.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import type { ItemFilter } from '../../queries/runs.ts';
import { AddToDataset, mostAdded, type Added } from './add-to-dataset.tsx';
import { itemsAddress } from './items-address.ts';
import { ReviewButton } from './people/add-to-review.tsx';
import styles from './items.module.css';

/** What can be done with the items that are selected, or with all that the filters take. */
export function ListActions({
  run,
  filter,
  selection,
  isWhole,
}: {
  run: Run;
  filter: ItemFilter;
  selection: RowSelection<EvaluationItem>;
  /** What is loaded is all that the filters take. */
  isWhole: boolean;
}) {
  const mayEdit = useMay('editor');
  const [adding, setAdding] = useState<Added>();
  const { rows: selected, loaded, none } = selection;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  // The same item may stand there with several repeats: a dataset has it once.
  const items = [...new Map(selected.map((item) => [item.key, item])).values()];
  const isTooMany = items.length > mostAdded;
  return (
    <div className={styles.actions}>
      {selected.length > 0 && (
        <span className={styles.selected}>
          <output>{formatCount(selected.length)} selected</output>
          <Button variant="subtle" size="compact-xs" onClick={none}>
            Clear
          </Button>
        </span>
      )}
      {mayEdit && loaded > 0 && (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<FolderPlus size={13} aria-hidden />}
          disabled={isTooMany}
          title={
            isTooMany
              ? `At most ${formatCount(mostAdded)} selected ones at once; to add all that the filters take, clear the selection`
              : undefined
          }
          onClick={() =>
            setAdding(
              items.length > 0
                ? { items: items.map(({ key, repeat }) => ({ key, repeat })) }
                : { filter, count: isWhole ? loaded : undefined },
            )
          }
        >
          Add{' '}
          {items.length > 0
            ? `the ${formatCount(items.length)} selected`
            : `all${isWhole ? ` ${formatCount(loaded)}` : isFiltered ? ' filtered' : ''}`}{' '}
          to a dataset
        </Button>
      )}
      <ReviewButton run={run} filter={filter} selected={selected} />
      <Menu position="bottom-end" shadow="md" width={240} withinPortal={false}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<Download size={13} aria-hidden />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {isFiltered ? 'All items that the filters take' : 'All items that are done'}
          </Menu.Label>
          <Menu.Item component="a" href={itemsAddress(run.id, filter, 'csv')} download>
            CSV, a row for each item
          </Menu.Item>
          <Menu.Item component="a" href={itemsAddress(run.id, filter, 'ndjson')} download>
            JSON Lines, with everything
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {adding && <AddToDataset run={run} added={adding} onClose={() => setAdding(undefined)} />}
    </div>
  );
}
