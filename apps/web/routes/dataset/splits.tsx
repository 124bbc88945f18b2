import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { MOST_SUMMARIZED, type Dataset } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount, formatShare } from '../../format/numbers.ts';
import { summaryQuery } from '../../queries/datasets.ts';
import type { DatasetSearch } from './search.ts';
import styles from './dataset.module.css';

/** How many items of the version are in each split, and have each tag. */
export function Splits({ dataset, version }: { dataset: Dataset; version: number | null }) {
  const { data, isError, error, refetch } = useQuery({
    ...summaryQuery(dataset.id, version ?? 0),
    enabled: version !== null,
  });
  if (version === null) return <p className={styles.none}>There are no items yet.</p>;
  if (isError) {
    return <ProblemPanel error={error} doing="count the items" onRetry={() => void refetch()} />;
  }
  if (!data) return <SkeletonRows rows={6} label="Counting the items" />;
  const { itemCount, expectedCount, splits, splitCount, tags, tagCount } = data;
  const from = { dataset, version, total: itemCount };
  return (
    <>
      <p className={`${styles.wide} ${styles.soft}`}>
        {formatCount(itemCount)} items, of which {formatCount(expectedCount)} have an expected
        value. A run may be made on a part of them: on some splits, tags or keys.
      </p>
      <div className={styles.tables}>
        {splitCount === 0 ? (
          <p className={styles.none}>No item is in a split, such as train or test.</p>
        ) : (
          <Counts
            {...from}
            title="Splits"
            noun="Split"
            rows={splits.map(({ split, items }) => ({
              name: split,
              items,
              search: split === null ? undefined : { split },
            }))}
            more={splitCount - MOST_SUMMARIZED}
          />
        )}
        {tagCount === 0 ? (
          <p className={styles.none}>No item has a tag.</p>
        ) : (
          <Counts
            {...from}
            title="Tags"
            noun="Tag"
            rows={tags.map(({ tag, items }) => ({ name: tag, items, search: { tag } }))}
            more={tagCount - MOST_SUMMARIZED}
          />
        )}
      </div>
    </>
  );
}

function Counts(props: {
  dataset: Dataset;
  version: number;
  total: number;
  title: string;
  noun: string;
  rows: { name: string | null; items: number; search: DatasetSearch | undefined }[];
  /** How many are not listed. */
  more: number;
}) {
  const { dataset, version, total, title, noun, rows, more } = props;
  return (
    <div>
      <table className={styles.counts}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{noun}</th>
            <th scope="col" className={styles.number}>
              Items
            </th>
            <th scope="col" className={styles.share}>
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, items, search }) => (
            <tr key={name === null ? 'none' : `=${name}`}>
              <th scope="row">
                {search === undefined ? (
                  <span className={styles.soft}>none</span>
                ) : (
                  <Link
                    to="/datasets/$datasetId"
                    params={{ datasetId: dataset.id }}
                    search={{
                      ...search,
                      version: version === dataset.latestVersion ? undefined : version,
                    }}
                  >
                    {name}
                  </Link>
                )}
              </th>
              <td className={`numeric ${styles.number}`}>{formatCount(items)}</td>
              {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- it holds the share */}
              <td className={styles.share}>
                <div className={styles.shareLine}>
                  <div className={styles.bar}>
                    <div style={{ width: `max(2px, ${(100 * items) / Math.max(1, total)}%)` }} />
                  </div>
                  <span className="numeric">{formatShare(items, total)}</span>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className={styles.end}>and {formatCount(more)} more with fewer items</p>}
    </div>
  );
}
