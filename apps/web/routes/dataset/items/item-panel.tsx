import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { PencilLine, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useAnnounce } from '../../../components/announcer.tsx';
import { SidePanel } from '../../../components/side-panel.tsx';
import { TagList } from '../../../components/tag-list.tsx';
import { ValueBlock } from '../../../components/value-block.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { blankItem } from './item-form.ts';
import { ChangeLabel } from './item-columns.tsx';
import { ItemEditor } from './item-editor.tsx';
import { toDraftItem, toShownItem, type Change, type DraftItem } from '../draft/draft.ts';
import { useDraft } from '../draft/use-draft.tsx';
import { ItemDifferences } from '../versions/item-differences.tsx';
import type { ItemRow } from './rows.ts';
import styles from './items.module.css';

/** One item: to read, and where the version is the latest, to change in the draft. */
export function ItemPanel(props: {
  /** Undefined while it is looked for; null where there is none. */
  row: ItemRow | null | undefined;
  name: string;
  isNew: boolean;
  editable: boolean;
  raw: boolean;
  splits: string[];
  onRaw: (raw: boolean) => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
}) {
  const { row, name, isNew, editable, raw, onRaw } = props;
  const { set, takeBack, faults } = useDraft();
  const announce = useAnnounce();
  const [editing, setEditing] = useState(isNew && !row);
  const [typed, setTyped] = useState(false);
  const [asking, setAsking] = useState(false);
  const change = row?.change;
  const refused = faults.get(row?.id ?? '') ?? [];
  const stopEditing = (): void => {
    setEditing(false);
    setTyped(false);
    setAsking(false);
    if (isNew && !row) props.onClose();
  };
  const close = (): void => {
    if (editing && typed) setAsking(true);
    else props.onClose();
  };
  const step = (go: (() => void) | undefined) =>
    go && editing && typed ? () => setAsking(true) : go;
  const keep = (item: DraftItem): void => {
    const next: Change =
      !row || change?.kind === 'added'
        ? { kind: 'added', id: name, item }
        : { kind: 'changed', id: row.id, was: wasOf(row), item };
    set?.(next);
    announce('It is in the draft');
    setEditing(false);
    setTyped(false);
    setAsking(false);
  };
  const title = isNew ? (row?.item.key ?? '') || 'New item' : name;
  const draftItem = row ? draftItemOf(row) : blankItem;
  return (
    <SidePanel
      label={isNew ? 'New item' : `Item ${name}`}
      title={title}
      noun="item"
      onPrevious={step(props.onPrevious)}
      onNext={step(props.onNext)}
      onClose={close}
    >
      {asking && (
        <div className={styles.notice} role="alert">
          <p>What you have typed is not in the draft yet.</p>
          <Button variant="default" size="compact-xs" mt={6} onClick={stopEditing}>
            Throw it away
          </Button>
        </div>
      )}
      {editing ? (
        <ItemEditor
          item={draftItem}
          keyIsFixed={row !== undefined && row !== null && change?.kind !== 'added'}
          refused={refused}
          splits={props.splits}
          onTyped={setTyped}
          onKeep={keep}
          onCancel={stopEditing}
        />
      ) : row ? (
        <>
          <div className={styles.panelTop}>
            {change && <ChangeLabel kind={change.kind} faulty={refused.length > 0} />}
            {editable && set && change?.kind !== 'removed' && (
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<PencilLine size={13} aria-hidden />}
                onClick={() => setEditing(true)}
              >
                Edit
              </Button>
            )}
            {editable && set && change === undefined && (
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<Trash2 size={13} aria-hidden />}
                onClick={() => {
                  set({ kind: 'removed', id: row.id, was: row.item });
                  announce('It will be removed when the draft is saved');
                }}
              >
                Remove
              </Button>
            )}
            {change && (
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<Undo2 size={13} aria-hidden />}
                onClick={() => {
                  takeBack(change.id);
                  announce('It is as it was');
                  if (change.kind === 'added') props.onClose();
                }}
              >
                {change.kind === 'added' ? 'Leave it out' : 'Take the change back'}
              </Button>
            )}
            {change?.kind !== 'changed' && (
              <SegmentedControl
                size="xs"
                aria-label="Show values"
                data={[
                  { value: 'rendered', label: 'Rendered' },
                  { value: 'raw', label: 'Raw' },
                ]}
                value={raw ? 'raw' : 'rendered'}
                onChange={(value) => onRaw(value === 'raw')}
              />
            )}
          </div>
          {refused.map(({ path, message }) => (
            <p key={`${path}: ${message}`} role="alert" className={styles.notice}>
              {path === '' ? message : `${path}: ${message}`}
            </p>
          ))}
          {change?.kind === 'changed' ? (
            <ItemDifferences before={change.was} after={toShownItem(change.item, change.was)} />
          ) : (
            <ItemView row={row} raw={raw} />
          )}
        </>
      ) : row === undefined ? (
        <div aria-busy="true">
          <span className="visually-hidden">Looking for the item</span>
          <Skeleton height={96} mt={12} />
          <Skeleton height={96} mt={12} />
        </div>
      ) : (
        <p>There is no item with this key in this version.</p>
      )}
    </SidePanel>
  );
}

/** What stood in the version, whatever the draft makes of it. */
const wasOf = ({ item, change }: ItemRow) =>
  change?.kind === 'changed' || change?.kind === 'removed' ? change.was : item;

const draftItemOf = ({ item, change }: ItemRow): DraftItem =>
  change?.kind === 'added' || change?.kind === 'changed' ? change.item : toDraftItem(item);

function ItemView({ row: { item }, raw }: { row: ItemRow; raw: boolean }) {
  return (
    <>
      <ValueBlock name="Input" value={item.input} none="none" view={raw ? undefined : 'text'} />
      <ValueBlock
        name="Expected"
        value={item.expected}
        none={item.expectedIsNull ? 'null, as JSON' : 'none'}
        view={raw ? undefined : 'text'}
      />
      {Object.keys(item.metadata).length > 0 && (
        <ValueBlock
          name="Metadata"
          value={item.metadata}
          none="none"
          view={raw ? undefined : 'text'}
        />
      )}
      <dl className={styles.facts}>
        {item.position >= 0 && (
          <div>
            <dt>No.</dt>
            <dd className="numeric">{formatCount(item.position + 1)}</dd>
          </div>
        )}
        <div>
          <dt>Split</dt>
          <dd>{item.split ?? 'none'}</dd>
        </div>
        {item.tags.length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>
              <TagList tags={item.tags} />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
