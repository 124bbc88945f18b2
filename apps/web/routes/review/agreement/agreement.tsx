import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReviewAgreement, ReviewQueue } from '#libs/contracts';
import { Empty } from '../../../components/empty.tsx';
import { formatFraction } from '../../../components/estimate.ts';
import { meanInWords, scaleInWords } from '../../../components/human-values.ts';
import { PlainTable } from '../../../components/plain-table.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { reviewAgreementQuery } from '../../../queries/reviews.ts';
import { AlphaLine } from './alpha-line.tsx';
import { Disagreements } from './disagreements.tsx';
import { Judge } from './judge.tsx';
import { Pairs } from './pairs.tsx';
import styles from './agreement.module.css';

const route = getRouteApi('/app/reviews/$queueId');

/** How far people agree in one human metric, and a judge with them. */
export function Agreement({ queue }: { queue: ReviewQueue }) {
  const { metric } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = queue.humanMetrics.find(({ id }) => id === metric) ?? queue.humanMetrics[0];
  const { open, done } = queue.mine;
  const [isWanted, setWanted] = useState(false);
  // Whoever has begun to score blindly, and goes on, is not shown by chance what others gave.
  const isHidden = queue.blind && done > 0 && open > 0 && !isWanted;
  const query = useQuery({
    ...reviewAgreementQuery(queue.id, chosen?.id ?? ''),
    enabled: chosen !== undefined && !isHidden,
  });
  if (!chosen) return null;
  if (isHidden) {
    return (
      <Empty title="This shows what others gave">
        <p>
          The queue is blind, and {formatCount(open)} {open === 1 ? 'item is' : 'items are'} left
          for you. Score {open === 1 ? 'it' : 'them'} first, so that what you give is your own.
        </p>
        <Button variant="default" size="xs" onClick={() => setWanted(true)}>
          Show it anyway
        </Button>
      </Empty>
    );
  }
  const { data } = query;
  return (
    <>
      {queue.humanMetrics.length > 1 && (
        <NativeSelect
          size="xs"
          label="Human metric"
          className={styles.metric}
          value={chosen.id}
          data={queue.humanMetrics.map(({ id, name, scale }) => ({
            value: id,
            label: `${name}: ${scaleInWords(scale)}`,
          }))}
          onChange={({ currentTarget: { value } }) =>
            void navigate({
              search: { view: 'agreement', metric: value },
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
      {data ? (
        data.items === 0 ? (
          <Empty title="Nobody has scored yet">
            <p>
              Agreement is told from the first item that two people have scored; a judge can be
              compared with one person already.
            </p>
          </Empty>
        ) : (
          <Shown queue={queue} agreement={data} />
        )
      ) : query.isError ? (
        <ProblemPanel
          error={query.error}
          doing="load the agreement"
          onRetry={() => void query.refetch()}
        />
      ) : (
        <SkeletonRows rows={8} label="Loading the agreement" />
      )}
    </>
  );
}

function Shown({ queue, agreement }: { queue: ReviewQueue; agreement: ReviewAgreement }) {
  const { humanMetric, items, pairable, cannotTell, people, alpha, pairs } = agreement;
  return (
    <>
      <section aria-labelledby="between-people" className={styles.section}>
        <h2 id="between-people">Between people</h2>
        <p className={styles.summary}>{agreement.summary}</p>
        {pairable > 0 && (
          <div className={styles.measures}>
            <AlphaLine alpha={alpha} level={agreement.level} />
            <dl className={`numeric ${styles.facts}`}>
              <div>
                <dt>Same value</dt>
                <dd>{formatFraction(agreement.percentAgreement)}</dd>
              </div>
              <div>
                <dt>Scored by two or more</dt>
                <dd>
                  {formatCount(pairable)} <span>of {formatCount(items)} items</span>
                </dd>
              </div>
              <div>
                <dt>Could not tell</dt>
                <dd>{formatCount(cannotTell)}</dd>
              </div>
            </dl>
          </div>
        )}
        <div className={styles.tables}>
          <div>
            <h3>People</h3>
            <PlainTable
              label="People and their scores"
              columns={[
                { id: 'name', header: 'Person', names: true, cell: ({ name }) => name },
                {
                  id: 'scores',
                  header: 'Scores',
                  numeric: true,
                  cell: ({ scores }) => formatCount(scores),
                },
                ...(humanMetric.scale.kind === 'categorical'
                  ? []
                  : [
                      {
                        id: 'mean',
                        header: 'Mean',
                        numeric: true,
                        cell: ({ mean }: (typeof people)[number]) =>
                          meanInWords(mean, humanMetric.scale),
                      },
                    ]),
              ]}
              rows={people}
              rowId={({ keyId }) => keyId}
            />
          </div>
          {pairs.length > 0 && <Pairs pairs={pairs} isWeighted={agreement.level !== 'nominal'} />}
        </div>
        {agreement.disagreements.length > 0 && (
          <Disagreements disagreements={agreement.disagreements} />
        )}
      </section>
      <Judge queue={queue} agreement={agreement} />
    </>
  );
}
