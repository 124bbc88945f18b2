import { NativeSelect, NumberInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { HumanScale, JudgeAgreement, ReviewAgreement, ReviewQueue } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { CalibrationView } from '../../../components/calibration.tsx';
import { PlainTable, type PlainColumn } from '../../../components/plain-table.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { judgeAgreementQuery, type ComparedJudge } from '../../../queries/reviews.ts';
import { ItemLink } from './disagreements.tsx';
import type { ReviewSearch } from '../search.ts';
import styles from './agreement.module.css';

const route = getRouteApi('/app/reviews/$queueId');

/** How far a metric of a run agrees with people. */
export function Judge({ queue, agreement }: { queue: ReviewQueue; agreement: ReviewAgreement }) {
  const { run: runId, judge: metric, threshold } = route.useSearch();
  const navigate = route.useNavigate();
  const { judges, humanMetric } = agreement;
  const run = judges.find((one) => one.runId === runId) ?? judges[0];
  const name = run?.metrics.find((one) => one === metric) ?? run?.metrics[0];
  const set = (change: Partial<ReviewSearch>): void =>
    void navigate({
      search: (before) => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
  return (
    <section aria-labelledby="judge" className={styles.section}>
      <h2 id="judge">Against a judge</h2>
      {run && name !== undefined ? (
        <>
          <div className={styles.choose}>
            <NativeSelect
              size="xs"
              label="Run"
              value={run.runId}
              data={judges.map((one) => ({ value: one.runId, label: one.runName }))}
              onChange={({ currentTarget: { value } }) => set({ run: value, judge: undefined })}
            />
            <NativeSelect
              size="xs"
              label="Metric"
              value={name}
              data={run.metrics}
              onChange={({ currentTarget: { value } }) => set({ judge: value })}
            />
            {humanMetric.scale.kind !== 'categorical' && (
              <NumberInput
                size="xs"
                label="Pass from"
                placeholder="as it is"
                title="Makes numbers pass or fail: at least this much is a pass"
                decimalScale={6}
                value={threshold ?? ''}
                onChange={(value) =>
                  set({ threshold: typeof value === 'number' ? value : undefined })
                }
              />
            )}
          </div>
          <Compared
            queue={queue}
            scale={humanMetric.scale}
            judge={{ humanMetricId: humanMetric.id, runId: run.runId, metric: name, threshold }}
          />
        </>
      ) : (
        <p className={styles.soft}>No run with items in this queue has a metric to compare with.</p>
      )}
    </section>
  );
}

function Compared(props: { queue: ReviewQueue; judge: ComparedJudge; scale: HumanScale }) {
  const { queue, judge, scale } = props;
  const query = useQuery({
    ...judgeAgreementQuery(queue.id, judge),
    placeholderData: keepPreviousData,
  });
  if (query.error instanceof ApiError && query.error.status === 422) {
    return (
      <div>
        <p>
          What people gave cannot be compared with this metric as it is.{' '}
          {scale.kind === 'categorical'
            ? 'Choose another metric.'
            : 'Say in “Pass from” from which number on it is a pass, or choose another metric.'}
        </p>
        <p className={styles.soft}>{query.error.detail}</p>
      </div>
    );
  }
  if (query.isError) {
    return (
      <ProblemPanel
        error={query.error}
        doing="compare people with this metric"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <SkeletonRows rows={6} label="Comparing" />;
  const { calibration, labelled, tied, disagreements } = query.data;
  return (
    <>
      <CalibrationView calibration={calibration} />
      <p className={styles.soft}>
        People are taken together first: {formatCount(labelled)} items have a value that people
        agree on
        {tied > 0 && `; ${formatCount(tied)} are left out, since as many said one thing as another`}
        .
      </p>
      {disagreements.length > 0 && (
        <div>
          <h3>Where the judge differs from people</h3>
          <PlainTable
            label="Items on which the judge differs from people"
            columns={columns(judge.runId)}
            rows={disagreements}
            rowId={({ place }) => String(place)}
          />
        </div>
      )}
    </>
  );
}

const columns = (runId: string): PlainColumn<JudgeAgreement['disagreements'][number]>[] => [
  {
    id: 'item',
    header: 'Item',
    names: true,
    cell: ({ no, key, repeat }) => <ItemLink runId={runId} no={no} itemKey={key} repeat={repeat} />,
  },
  { id: 'human', header: 'People', cell: ({ human }) => human },
  { id: 'judge', header: 'Judge', cell: ({ judge }) => judge },
];
