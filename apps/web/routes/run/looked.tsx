import { Button, Loader } from '@mantine/core';
import type { Run } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';
import type { ItemSearch } from './use-items.ts';
import styles from './items.module.css';

/** How far a search has come that no index answers, and how it goes on. */
export function Looked({ run, found, search }: { run: Run; found: number; search: ItemSearch }) {
  const { looked, isWhole, isOn, goOn } = search;
  return (
    <output className={styles.looked}>
      {isWhole
        ? `${formatCount(found)} ${found === 1 ? 'item' : 'items'} found`
        : `${formatCount(found)} found among the first ${formatCount(looked)} of ${formatCount(Math.max(run.done, looked))} items`}
      {isOn && (
        <>
          <Loader size={12} aria-hidden /> looking further…
        </>
      )}
      {!isOn && goOn && (
        <Button variant="default" size="compact-xs" onClick={goOn}>
          Look further
        </Button>
      )}
    </output>
  );
}
