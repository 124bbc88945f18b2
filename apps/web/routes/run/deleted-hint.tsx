import { Button } from '@mantine/core';
import { Trash2, Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useMay } from '../../queries/session.ts';
import { useRunChange } from './use-run-change.ts';
import styles from './deleted-hint.module.css';

/** Says that the run is deleted, and takes it back. */
export function DeletedHint({ run, at }: { run: Run; at: string }) {
  const mayRestore = useMay('editor');
  const announce = useAnnounce();
  const { restore } = useRunChange(run.id);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Who has just deleted it stands where the menu was: the way back comes to hand.
    if (Date.now() - Date.parse(at) < 5_000) button.current?.focus({ preventScroll: true });
  }, [at]);
  return (
    <section className={styles.hint} aria-label="Deleted">
      <Trash2 size={16} aria-hidden />
      <p>
        Deleted <RelativeTime at={at} />. Only the list of deleted runs shows it; its results stay.
      </p>
      {mayRestore && (
        <Button
          ref={button}
          variant="default"
          size="xs"
          leftSection={<Undo2 size={14} aria-hidden />}
          disabled={restore.isPending}
          onClick={() =>
            restore.mutate(undefined, { onSuccess: () => announce('The run is restored') })
          }
        >
          {restore.isPending ? 'Restoring…' : 'Restore'}
        </Button>
      )}
      {restore.isError && (
        <div className={styles.problem}>
          <ProblemPanel
            error={restore.error}
            doing="restore this run"
            onRetry={() => restore.mutate()}
          />
        </div>
      )}
    </section>
  );
}
