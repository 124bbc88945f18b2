import { Button } from '@mantine/core';
import { Trash2, Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useMay } from '../queries/session.ts';
import { useAnnounce } from './announcer.tsx';
import { ProblemPanel } from './problem.tsx';
import { RelativeTime } from './relative-time.tsx';
import styles from './deleted-hint.module.css';

interface Restoring {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  mutate: (nothing: void, options?: { onSuccess: () => void }) => void;
}

/**
 * Says that what the page shows is deleted, and takes it back.
 * @param props.noun what it is, as in "restore this run"
 * @param props.means what that means, in a sentence
 */
export function DeletedHint(props: {
  at: string;
  noun: string;
  means: string;
  restore: Restoring;
}) {
  const { at, noun, means, restore } = props;
  const mayRestore = useMay('editor');
  const announce = useAnnounce();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Who has just deleted it stands where the menu was: the way back comes to hand.
    if (Date.now() - Date.parse(at) < 5_000) button.current?.focus({ preventScroll: true });
  }, [at]);
  const restoreNow = (): void =>
    restore.mutate(undefined, { onSuccess: () => announce(`The ${noun} is restored`) });
  return (
    <section className={styles.hint} aria-label="Deleted">
      <Trash2 size={16} aria-hidden />
      <p>
        Deleted <RelativeTime at={at} />. {means}
      </p>
      {mayRestore && (
        <Button
          ref={button}
          variant="default"
          size="xs"
          leftSection={<Undo2 size={14} aria-hidden />}
          disabled={restore.isPending}
          onClick={restoreNow}
        >
          {restore.isPending ? 'Restoring…' : 'Restore'}
        </Button>
      )}
      {restore.isError && (
        <div className={styles.problem}>
          <ProblemPanel error={restore.error} doing={`restore this ${noun}`} onRetry={restoreNow} />
        </div>
      )}
    </section>
  );
}
