import { ActionIcon } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronLeft, Keyboard } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReviewQueue, ReviewQueueDetail } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { ConnectionHint } from '../../layout/connection-hint.tsx';
import { useReviewLive } from '../../live/live.tsx';
import { reviewQueueQuery } from '../../queries/reviews.ts';
import { useMay } from '../../queries/session.ts';
import { ColorSchemeToggle } from '../../theme/color-scheme-toggle.tsx';
import { End } from './end.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { ScoreSkeleton } from './score-skeleton.tsx';
import { TaskView } from './task-view.tsx';
import { useTask } from './use-task.ts';
import styles from './score.module.css';

const route = getRouteApi('/reviews/$queueId/score');

/** One item after another, to be scored by keyboard; nothing else is on the screen. */
export function ScorePage() {
  const { queueId } = route.useParams();
  const queue = useQuery(reviewQueueQuery(queueId));
  const mayScore = useMay('editor');
  useEffect(() => {
    document.title = `${queue.data ? `Score ${queue.data.name}` : 'Score'} · LLM-Eval`;
  }, [queue.data]);
  if (queue.data && mayScore) return <Scoring key={queueId} queue={queue.data} />;
  return (
    <main className={styles.main} id="main">
      {queue.isError ? (
        <ProblemPanel
          error={queue.error}
          doing="load this queue"
          onRetry={() => void queue.refetch()}
        />
      ) : mayScore ? (
        <ScoreSkeleton />
      ) : (
        <div className={styles.end}>
          <h1>Scoring takes an editor’s key</h1>
          <p>Your key may look at queues and at what people scored, but not score.</p>
          <ButtonLink to="/reviews/$queueId" params={{ queueId }}>
            Show the queue
          </ButtonLink>
        </div>
      )}
    </main>
  );
}

function Scoring({ queue: given }: { queue: ReviewQueueDetail }) {
  const queue = useReviewLive(given);
  const task = useTask(queue.id);
  const { query, submit, skipped } = task;
  const [keysShown, setKeysShown] = useState(false);
  // Counted at once: whoever submits sees that it counts.
  const shown = query.data?.task ?? undefined;
  const counts = submit.isPending && shown?.mine.state !== 'done' && !submit.variables.review.skip;
  const done = queue.mine.done + (counts ? 1 : 0);
  return (
    <div className={styles.screen}>
      <header className={styles.head}>
        <Link
          to="/reviews/$queueId"
          params={{ queueId: queue.id }}
          className={styles.back}
          aria-label={`Leave, back to ${queue.name}`}
        >
          <ChevronLeft size={16} aria-hidden />
          <span>{queue.name}</span>
        </Link>
        <Progress queue={queue} done={done} />
        <ConnectionHint />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => setKeysShown(true)}
        >
          <Keyboard size={18} aria-hidden />
        </ActionIcon>
        <ColorSchemeToggle />
      </header>
      <main className={styles.main} id="main">
        <h1 className="visually-hidden">Score {queue.name}</h1>
        {shown ? (
          <TaskView
            key={`${shown.place}:${query.dataUpdatedAt}`}
            queue={queue}
            task={shown}
            state={task}
            onShowKeys={() => setKeysShown(true)}
          />
        ) : query.isError ? (
          <ProblemPanel
            error={query.error}
            doing="load the next item"
            onRetry={() => void query.refetch()}
          />
        ) : query.data ? (
          <End
            queue={queue}
            given={query.data}
            isSkippedShown={skipped}
            onSkipped={task.onSkipped}
            onBack={task.onBack}
            onAgain={() => void query.refetch()}
          />
        ) : (
          <ScoreSkeleton />
        )}
      </main>
      {keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
    </div>
  );
}

/** How far whoever scores is, among what they have done and may do. */
function Progress({ queue, done }: { queue: ReviewQueue; done: number }) {
  const { mine, items, complete } = queue;
  const all = mine.done + mine.open;
  const share = all === 0 ? 0 : Math.min(1, done / all);
  return (
    <div
      className={styles.progress}
      title={`Of the whole queue, ${formatCount(complete)} of ${formatCount(items)} items are complete`}
    >
      <div className={styles.track}>
        <progress
          className="visually-hidden"
          aria-label="What you have scored"
          max={Math.max(1, all)}
          value={Math.min(done, all)}
        />
        <div className={styles.done} style={{ transform: `scaleX(${share})` }} />
      </div>
      <span className="numeric">
        {formatCount(done)} of {formatCount(all)}
        {mine.skipped > 0 && ` · ${formatCount(mine.skipped)} skipped`}
      </span>
    </div>
  );
}
