import { Button, Skeleton } from '@mantine/core';
import { FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { EvaluationItem, Run } from '#libs/contracts';
import { SidePanel } from '../../components/side-panel.tsx';
import { useMay } from '../../queries/session.ts';
import { AddToDataset } from './add-to-dataset.tsx';
import { ItemDetails } from './item-details.tsx';
import { ItemStatus } from './item-status.tsx';
import { People } from './people/people.tsx';
import styles from './item-panel.module.css';

export interface ItemPanelProps {
  no: number;
  /** Undefined while it is looked for, and where it is not among the items. */
  item: EvaluationItem | undefined;
  run: Run;
  position: number | undefined;
  count: number;
  more: boolean;
  searching: boolean;
  onStep: (step: number) => void;
  /** Undefined where all items have been looked through. */
  onSearchOn: (() => void) | undefined;
  onClose: () => void;
}

/** One item of the run, whole. */
export function ItemPanel(props: ItemPanelProps) {
  const { item, position, count, onStep } = props;
  const mayEdit = useMay('editor');
  const [adding, setAdding] = useState(false);
  const first = position === undefined || position === 0;
  const last = position === undefined || (position >= count - 1 && !props.more);
  return (
    <SidePanel
      label={item ? `Item ${item.key}` : 'Item'}
      title={item?.key ?? `No. ${props.no}`}
      noun="item"
      icon={item && <ItemStatus status={item.status} />}
      onPrevious={first ? undefined : () => onStep(-1)}
      onNext={last ? undefined : () => onStep(1)}
      onClose={props.onClose}
    >
      {item ? (
        <>
          {mayEdit && (
            <div className={styles.panelActions}>
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<FolderPlus size={13} aria-hidden />}
                aria-haspopup="dialog"
                onClick={() => setAdding(true)}
              >
                Add to a dataset
              </Button>
            </div>
          )}
          <ItemDetails key={item.no} item={item} run={props.run} />
          <People key={`people ${item.no}`} run={props.run} item={item} />
          {adding && (
            <AddToDataset
              run={props.run}
              added={{ items: [{ key: item.key, repeat: item.repeat }] }}
              onClose={() => setAdding(false)}
            />
          )}
        </>
      ) : (
        <Missing {...props} />
      )}
    </SidePanel>
  );
}

function Missing({ searching, onSearchOn }: ItemPanelProps) {
  if (searching) {
    return (
      <div aria-busy="true">
        <span className="visually-hidden">Looking for the item</span>
        <Skeleton height={12} mt={8} width="40%" />
        <Skeleton height={96} mt={12} />
        <Skeleton height={96} mt={12} />
      </div>
    );
  }
  return (
    <>
      <p>
        {onSearchOn
          ? 'This item is not among those that are loaded so far.'
          : 'This item is not among those that the filters show, or it is not done yet.'}
      </p>
      {onSearchOn && (
        <Button variant="default" size="xs" mt="sm" onClick={onSearchOn}>
          Look further
        </Button>
      )}
    </>
  );
}
