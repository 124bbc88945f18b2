import { Button, Menu } from '@mantine/core';
import { Download, FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { EvaluationItem, Run } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';
import { useMay } from '../../queries/session.ts';
import type { ItemFilter } from '../../queries/runs.ts';
import { AddToDataset, mostAdded } from './add-to-dataset.tsx';
import { itemsAddress } from './items-address.ts';
import styles from './items.module.css';

/** What can be done with the items that the filters take. */
export function ListActions({
  run,
  filter,
  items,
  isWhole,
}: {
  run: Run;
  filter: ItemFilter;
  items: EvaluationItem[];
  /** These are all that the filters take. */
  isWhole: boolean;
}) {
  const mayEdit = useMay('editor');
  const [adding, setAdding] = useState(false);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  // The same item may stand there with several repeats: a dataset has it once.
  const shown = [...new Map(items.map((item) => [item.key, item])).values()].slice(0, mostAdded);
  return (
    <div className={styles.actions}>
      {mayEdit && isFiltered && shown.length > 0 && (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<FolderPlus size={13} aria-hidden />}
          onClick={() => setAdding(true)}
        >
          Add {isWhole && shown.length === items.length ? 'all' : 'the'} {formatCount(shown.length)}{' '}
          {isWhole ? '' : 'loaded '}to a dataset
        </Button>
      )}
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
      {adding && (
        <AddToDataset
          run={run}
          items={shown.map(({ key, repeat }) => ({ key, repeat }))}
          onClose={() => setAdding(false)}
        />
      )}
    </div>
  );
}
