import { ActionIcon, UnstyledButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import styles from './go-to.module.css';

// Loaded when it is asked for: few open it on their first page.
const GoToDialog = lazy(() => import('./go-to-dialog.tsx'));

const keys = /mac/i.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

/** The way to any screen, run or dataset by a part of its name, from anywhere. */
export function GoTo({ compact = false }: { compact?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  useHotkeys([['mod+K', () => setOpen(true)]], []);
  const about = {
    'aria-label': 'Go to',
    'aria-haspopup': 'dialog',
    'aria-keyshortcuts': 'Control+K',
    onClick: () => setOpen(true),
  } as const;
  return (
    <>
      {compact ? (
        <ActionIcon variant="subtle" color="gray" size="lg" {...about}>
          <Search size={18} aria-hidden />
        </ActionIcon>
      ) : (
        <UnstyledButton className={styles.button} {...about}>
          <Search size={14} aria-hidden />
          <span>Go to…</span>
          <kbd>{keys}</kbd>
        </UnstyledButton>
      )}
      {isOpen && (
        <Suspense fallback={null}>
          <GoToDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
