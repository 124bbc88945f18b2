import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Dataset } from '#libs/contracts';
import { ButtonLink } from '../../../components/button-link.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { versionsQuery } from '../../../queries/datasets.ts';
import { Difference } from './difference.tsx';
import { originInWords } from './origin-in-words.ts';
import styles from './versions.module.css';

/** How the dataset came to be what it is, and what lies between any two of its versions. */
export function Versions({ dataset }: { dataset: Dataset }) {
  const list = useInfiniteQuery(versionsQuery(dataset.id));
  const versions = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const params = { datasetId: dataset.id };
  const { latestVersion } = dataset;
  if (list.isPending) return <SkeletonRows rows={4} label="Loading the versions" />;
  if (list.isError && versions.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the versions" onRetry={retry} />;
  }
  if (versions.length === 0) {
    return (
      <p className={styles.none}>
        No version yet: import a file, or write items and save them, under Items.
      </p>
    );
  }
  return (
    <>
      <ol className={styles.list} aria-label="Versions, newest first">
        {versions.map((version) => (
          <li key={version.version}>
            <span className={styles.number}>Version {version.version}</span>
            <span>
              {originInWords(version)}
              <span className={styles.soft}> · {formatCount(version.itemCount)} items in all</span>
            </span>
            <span className={styles.soft}>
              {version.createdBy === null ? '' : `${version.createdBy}, `}
              <RelativeTime at={version.createdAt} />
            </span>
            <span className={styles.actions}>
              <ButtonLink
                to="/datasets/$datasetId"
                params={params}
                search={{ version: version.version }}
                variant="default"
                size="compact-xs"
                aria-label={`Items of version ${version.version}`}
              >
                Items
              </ButtonLink>
              {version.version > 1 && (
                <ButtonLink
                  to="/datasets/$datasetId"
                  params={params}
                  search={{ view: 'versions', from: version.version - 1, to: version.version }}
                  resetScroll={false}
                  variant="default"
                  size="compact-xs"
                  aria-label={`What changed in version ${version.version}`}
                >
                  What changed
                </ButtonLink>
              )}
            </span>
          </li>
        ))}
      </ol>
      {list.hasNextPage && (
        <div className={styles.end}>
          <Button
            variant="default"
            size="xs"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {list.isFetchingNextPage ? 'Loading…' : 'Show older versions'}
          </Button>
        </div>
      )}
      {latestVersion !== null && latestVersion > 1 && (
        <Difference dataset={dataset} latest={latestVersion} />
      )}
    </>
  );
}
