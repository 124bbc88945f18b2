import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { dimensionsQuery } from '../../queries/comparisons.ts';
import { useCompared, useSetSearch } from './compared.ts';
import { DifferenceGlyph, reachOf } from './difference-glyph.tsx';
import { sliceRows, wholeRow } from './forest-rows.ts';
import { pText } from './number-text.ts';
import { VerdictOutcomeLabel } from '../../components/verdict-outcome.tsx';
import styles from './slices.module.css';

const ForestChart = lazy(() => import('./forest-chart.tsx'));
const route = getRouteApi('/app/compare');

/** Below so many pairs a slice says next to nothing. */
const few = 30;

/** The metric in parts of the items: by tags, by split, by what their metadata says. */
export function Slices() {
  const { comparison } = useCompared();
  const { sliceBy } = comparison.options;
  if (sliceBy.length === 0) return <Offer />;
  return (
    <div className={styles.slices}>
      <p className={styles.lead}>
        The tests of all slices are a family of their own: with many of them, some would look like a
        difference by chance, and the adjusted p allows for that. A slice that was picked because it
        stands out says less than its interval.
      </p>
      {sliceBy.map((by) => (
        <Dimension key={by} by={by} />
      ))}
    </div>
  );
}

function Dimension({ by }: { by: string }) {
  const { metric, text } = useCompared();
  const { show } = route.useSearch();
  const slices = useMemo(() => metric.slices.filter((slice) => slice.by === by), [metric, by]);
  const rows = useMemo(() => [wholeRow(metric), ...sliceRows(slices)], [metric, slices]);
  const reach = Math.max(...slices.map((slice) => reachOf(slice)), reachOf(metric));
  if (slices.length === 0) {
    return (
      <section aria-label={`By ${by}`}>
        <h2>By {by}</h2>
        <p className={styles.lead}>No item has a value here.</p>
      </section>
    );
  }
  return (
    <section aria-label={`By ${by}`}>
      <h2>By {by}</h2>
      {show !== 'tables' && !metric.categorical && (
        <Suspense fallback={<Skeleton height={64 + 34 * rows.length} />}>
          <ForestChart rows={rows} text={text} direction={metric.direction} />
        </Suspense>
      )}
      <Scrollable label={`Slices by ${by}`} className={styles.scroll}>
        <table className={`numeric ${styles.table}`}>
          <thead>
            <tr>
              <th scope="col">Slice</th>
              <th scope="col">Verdict</th>
              <th scope="col">Pairs</th>
              <th scope="col">Baseline</th>
              <th scope="col">Candidate</th>
              <th scope="col">Difference</th>
              <th scope="col">Interval</th>
              <th scope="col">Adjusted p</th>
            </tr>
          </thead>
          <tbody>
            {slices.map((slice) => (
              <tr key={slice.value}>
                <th scope="row">
                  {slice.value === '' ? '(empty)' : slice.value}
                  {slice.against && (
                    <span
                      className={styles.against}
                      title="It goes the other way than on the whole"
                    >
                      <TriangleAlert size={12} aria-hidden /> the other way
                    </span>
                  )}
                </th>
                <td>
                  <VerdictOutcomeLabel outcome={slice.outcome} />
                </td>
                <td>
                  {formatCount(slice.n)}
                  {slice.n < few && (
                    <span className={styles.few} title={`Fewer than ${few} pairs say very little`}>
                      {' '}
                      few
                    </span>
                  )}
                </td>
                <td>{text.value(slice.baselineMean)}</td>
                <td>{text.value(slice.candidateMean)}</td>
                <td>{text.difference(slice.difference)}</td>
                <td className={styles.interval}>
                  <DifferenceGlyph drawn={slice} reach={reach} outcome={slice.outcome} />
                  <span>{text.range(slice.interval)}</span>
                </td>
                <td title={`p ${pText(slice.test.p)} alone; ${slice.test.method}`}>
                  {pText(slice.test.holm)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </section>
  );
}

/** What the items of the baseline can be sliced by. */
function Offer() {
  const { comparison } = useCompared();
  const set = useSetSearch();
  const [baseline] = comparison.runs;
  const found = useQuery(dimensionsQuery(baseline?.datasetId ?? '', baseline?.datasetVersion ?? 1));
  return (
    <div className={styles.offer}>
      <p>
        The same comparison within parts of the items tells where a difference comes from. Slice by:
      </p>
      {found.isPending ? (
        <Skeleton height={30} width={260} />
      ) : (
        <div className={styles.dimensions}>
          {(found.data ?? ['tags', 'split']).map((by) => (
            <Button key={by} variant="default" size="xs" onClick={() => set({ sliceBy: [by] })}>
              {by}
            </Button>
          ))}
        </div>
      )}
      {found.data?.length === 0 && (
        <p className={styles.lead}>
          The items of this dataset have no tags, no split and no metadata. An item of an upload
          takes them: {'{"input": …, "tags": ["algebra"], "metadata": {"topic": "sums"}}'}.
        </p>
      )}
    </div>
  );
}
