import { Button } from '@mantine/core';
import { ProblemPanel } from './problem.tsx';
import styles from './more-rows.module.css';

/** What ends a list that comes in pages: the next one, or that this is all. */
export function MoreRows({
  list,
  shown,
  noun,
}: {
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
  shown: number;
  noun: string;
}) {
  const more = (): void => void list.fetchNextPage();
  if (list.isFetchNextPageError) {
    return <ProblemPanel error={list.error} doing={`load more ${noun}`} onRetry={more} />;
  }
  return (
    <p className={styles.end}>
      {list.hasNextPage ? (
        <Button
          variant="default"
          size="compact-sm"
          disabled={list.isFetchingNextPage}
          onClick={more}
        >
          {list.isFetchingNextPage ? 'Loading…' : `Show more ${noun}`}
        </Button>
      ) : (
        `${shown} in all`
      )}
    </p>
  );
}
