import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { EyeOff, ListPlus, PencilLine, PenLine } from 'lucide-react';
import { useState } from 'react';
import type { EvaluationItem, HumanScore, Run } from '#libs/contracts';
import { valueInWords } from '../../../components/human-values.ts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { humanMetricsQuery, itemAnnotationsQuery } from '../../../queries/annotations.ts';
import { useMay, useSession } from '../../../queries/session.ts';
import { AddToReview } from './add-to-review.tsx';
import { MyScore } from './my-score.tsx';
import { Notes } from './notes.tsx';
import styles from './people.module.css';

/** What people say of an item: their scores, and their notes. */
export function People({ run, item }: { run: Run; item: EvaluationItem }) {
  const annotations = useQuery(itemAnnotationsQuery(run.id, item.no));
  const mayScore = useMay('editor') && run.deletedAt === null;
  const me = useSession()?.keyId;
  /** The metric that is scored just now; null: it is still to be chosen. */
  const [scoring, setScoring] = useState<string | null>();
  const [isAdding, setAdding] = useState(false);
  const { data } = annotations;
  const metrics = useQuery({ ...humanMetricsQuery(false), enabled: mayScore });
  const mayScoreThis = mayScore && item.status === 'completed';
  return (
    <section aria-label="People" className={styles.people}>
      <div className={styles.head}>
        <h3>People</h3>
        {mayScoreThis && (
          <div className={styles.actions}>
            {scoring === undefined && data && (
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<PenLine size={12} aria-hidden />}
                onClick={() => setScoring(null)}
              >
                Score it
              </Button>
            )}
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<ListPlus size={12} aria-hidden />}
              aria-haspopup="dialog"
              onClick={() => setAdding(true)}
            >
              Add to a review queue
            </Button>
          </div>
        )}
      </div>
      {annotations.isError && (
        <ProblemPanel
          error={annotations.error}
          doing="load what people say"
          onRetry={() => void annotations.refetch()}
        />
      )}
      {data && data.hidden > 0 && (
        <p className={styles.hidden}>
          <EyeOff size={14} aria-hidden />
          {data.hidden} {data.hidden === 1 ? 'score' : 'scores'} of others and their notes are
          hidden: you have this item in a blind review queue, and have not scored it yet.
        </p>
      )}
      {data && data.scores.length === 0 && data.hidden === 0 && scoring === undefined && (
        <p className={styles.soft}>Nobody has scored this item.</p>
      )}
      {data && data.scores.length > 0 && (
        <ul className={styles.scores}>
          {data.scores.map((score, index) => (
            <Score
              key={`${score.humanMetricId} ${score.by.keyId}`}
              score={score}
              isFirst={data.scores[index - 1]?.humanMetricId !== score.humanMetricId}
              isMine={score.by.keyId === me}
              onChange={
                mayScoreThis && metrics.data?.some(({ id }) => id === score.humanMetricId) === true
                  ? () => setScoring(score.humanMetricId)
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {data && scoring !== undefined && (
        <MyScore
          key={scoring}
          run={run}
          no={item.no}
          metrics={metrics}
          metricId={scoring}
          mine={data.scores.filter(({ by }) => by.keyId === me)}
          onChoose={setScoring}
          onClose={() => setScoring(undefined)}
        />
      )}
      {data && <Notes run={run} no={item.no} notes={data.notes} mayWrite={mayScore} me={me} />}
      {isAdding && (
        <AddToReview run={run} which={{ nos: [item.no] }} onClose={() => setAdding(false)} />
      )}
    </section>
  );
}

function Score(props: {
  score: HumanScore;
  /** Of its metric, whose name is seen once. */
  isFirst: boolean;
  isMine: boolean;
  onChange: (() => void) | undefined;
}) {
  const { score, isFirst, isMine, onChange } = props;
  return (
    <li data-first={isFirst || undefined}>
      <span className={styles.metric}>
        <span className={isFirst ? undefined : 'visually-hidden'}>{score.humanMetric}</span>
      </span>
      <strong>{valueInWords(score.value)}</strong>
      <span className={styles.soft}>
        {isMine ? 'you' : score.by.name}, <RelativeTime at={score.updatedAt} />
      </span>
      {isMine && onChange && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<PencilLine size={12} aria-hidden />}
          aria-label={`Change your score of ${score.humanMetric}`}
          onClick={onChange}
        >
          Change
        </Button>
      )}
      {score.comment !== null && <p>{score.comment}</p>}
    </li>
  );
}
