import { ActionIcon, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CopyPlus, Ellipsis, PencilLine, Pin, PinOff, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { isFinal } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { useMay } from '../../queries/session.ts';
import { EditRun } from './edit-run.tsx';
import { useBaseline } from './use-baseline.ts';
import { useRunChange } from './use-run-change.ts';
import styles from './actions.module.css';

/** What changes what the run is to people, and nothing of what it gave; for those who may write. */
export function EditMenu({ run }: { run: Run }) {
  const mayEdit = useMay('editor');
  const announce = useAnnounce();
  const { remove } = useRunChange(run.id);
  const { baseline, isBaseline, pin, unpin } = useBaseline(run);
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (!mayEdit) return null;
  const over = isFinal(run.state);
  const removeNow = (): void =>
    remove.mutate(undefined, {
      onSuccess: () => announce('The run is deleted. Restore takes that back.'),
    });
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={250} withinPortal={false}>
        <Menu.Target>
          <ActionIcon
            ref={button}
            variant="default"
            size={30}
            aria-label="More actions"
            title="More actions"
          >
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={(root) => <Link to="/runs/new" search={{ clone: run.id }} {...root} />}
            leftSection={<CopyPlus size={15} aria-hidden />}
          >
            New run like this one
          </Menu.Item>
          {isBaseline ? (
            <Menu.Item
              leftSection={<PinOff size={15} aria-hidden />}
              disabled={unpin.isPending}
              onClick={() =>
                unpin.mutate(undefined, {
                  onSuccess: () => announce('The dataset has no baseline any more.'),
                })
              }
            >
              Unpin as the baseline
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<Pin size={15} aria-hidden />}
              disabled={run.state !== 'completed' || pin.isPending}
              onClick={() =>
                pin.mutate(undefined, {
                  onSuccess: () =>
                    announce(`The run is the baseline of ${run.datasetName} from now on.`),
                })
              }
            >
              Pin as the baseline
            </Menu.Item>
          )}
          {!isBaseline && run.state === 'completed' && baseline && (
            <Menu.Label>In place of “{baseline.runName}”.</Menu.Label>
          )}
          <Menu.Item
            leftSection={<PencilLine size={15} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            Rename, change tags
          </Menu.Item>
          <Menu.Item
            leftSection={<Trash2 size={15} aria-hidden />}
            disabled={!over || remove.isPending}
            onClick={removeNow}
          >
            Delete
          </Menu.Item>
          {!over && <Menu.Label>A run is deleted when it is over, or canceled.</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {remove.isError && (
        <div className={styles.problem}>
          <ProblemPanel error={remove.error} doing="delete this run" onRetry={removeNow} />
        </div>
      )}
      {(pin.error ?? unpin.error) && (
        <div className={styles.problem}>
          <ProblemPanel
            error={pin.error ?? unpin.error}
            doing={pin.error ? 'pin the baseline' : 'unpin the baseline'}
          />
        </div>
      )}
      {editing && <EditRun run={run} returnTo={button} onClose={() => setEditing(false)} />}
    </>
  );
}
