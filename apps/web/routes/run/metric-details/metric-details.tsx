import { TriangleAlert } from 'lucide-react';
import { isFinal } from '#libs/evaluation';
import type { Run, RunMetric } from '#libs/contracts';
import { Dialog } from '../../../components/dialog.tsx';
import { formatCount, formatScore } from '../../../format/numbers.ts';
import { CategoryBars } from '../category-bars.tsx';
import { Distribution } from '../distribution/distribution.tsx';
import { Interval } from '../interval.tsx';
import { useShowItems } from '../show-items.ts';
import { missingOf, openRange, reasonsMissing } from '../without-score.ts';
import { AgainstLabels } from './against-labels.tsx';
import { Facts, Section } from './parts.tsx';
import { Repeats } from './repeats.tsx';
import { RunLevel } from './run-level.tsx';
import styles from './metric-details.module.css';

/** Everything that is known of one metric over the run, in a dialog. */
export default function MetricDetails({
  metric,
  run,
  onClose,
}: {
  metric: RunMetric;
  run: Run;
  onClose: () => void;
}) {
  const { categories, reduced, runLevel } = metric;
  const showItems = useShowItems();
  const counted = categories?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <Dialog title={metric.name} size="58rem" fills onClose={onClose}>
      <div className={styles.body}>
        <p className={styles.about}>
          {metric.metric}
          {!isFinal(run.state) &&
            ' · on what is done so far; quantiles, repeats and values of the run come at its end'}
        </p>
        {categories ? (
          <Section title="Categories">
            <CategoryBars
              categories={categories}
              shown={10}
              total={Math.max(metric.n, counted)}
              expandable
              onPick={(category) => showItems({ metric: metric.name, category })}
            />
            {categories.length >= 100 && (
              <p className={styles.note}>Only the 100 most frequent ones are kept.</p>
            )}
          </Section>
        ) : (
          <>
            <Section title="Scores">
              <Scores metric={metric} />
            </Section>
            <Section title="Distribution">
              <Distribution run={run} name={metric.name} />
            </Section>
          </>
        )}
        {missingOf(metric) > 0 && <Missing metric={metric} />}
        {reduced && <Repeats reduced={reduced} repeats={run.repeats} />}
        {runLevel && <RunLevel runLevel={runLevel} />}
        <Section title="Against labels of people">
          <AgainstLabels run={run} metric={metric} />
        </Section>
      </div>
    </Dialog>
  );
}

function Scores({ metric }: { metric: RunMetric }) {
  const { confidenceLow: low, confidenceHigh: high } = metric;
  return (
    <>
      <div className={styles.drawing}>
        <Interval metric={metric} />
      </div>
      <Facts
        facts={[
          ['Mean', formatScore(metric.mean)],
          ['95 % interval', `${formatScore(low)} to ${formatScore(high)}`],
          ['Scores (n)', formatCount(metric.n)],
          ['Standard deviation', formatScore(metric.standardDeviation)],
          ['Standard error', formatScore(metric.standardError)],
          ['Least', formatScore(metric.min)],
          ['Median', formatScore(metric.p50)],
          ['95th percentile', formatScore(metric.p95)],
          ['Greatest', formatScore(metric.max)],
          ...(metric.passed === null
            ? []
            : [pair('Passed', `${formatCount(metric.passed)} of ${formatCount(metric.n)}`)]),
        ]}
      />
    </>
  );
}

const pair = (name: string, value: string): [string, string] => [name, value];

/** Items without a score are never a 0; what they leave open is said instead. */
function Missing({ metric }: { metric: RunMetric }) {
  const open = openRange(metric);
  return (
    <Section title="Without a score">
      <ul className={`numeric ${styles.missing}`}>
        {reasonsMissing(metric).map(({ name, count, broken, title }) => (
          <li key={name}>
            <strong className={broken ? styles.broken : undefined}>
              {broken && <TriangleAlert size={13} aria-hidden />}
              {formatCount(count)} {name}
            </strong>{' '}
            <span className={styles.soft}>{title}.</span>
          </li>
        ))}
      </ul>
      {open !== undefined && (
        <p className="numeric">
          Mean {open}{' '}
          <span className={styles.soft}>
            (worst case {formatScore(metric.worstCase)}, best case {formatScore(metric.bestCase)}:
            if every missing score were the worst or the best value that there is)
          </span>
        </p>
      )}
    </Section>
  );
}
