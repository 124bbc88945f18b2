import { Button } from '@mantine/core';
import { CircleCheck, Hourglass, SkipForward, Trash2 } from 'lucide-react';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { ReviewQueue } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { formatCount } from '../../format/numbers.ts';
import type { Given } from './use-task.ts';
import styles from './score.module.css';

const lookAgainMs = 15_000;

/** Nothing is to be scored just now: why, and what can be done. */
export function End(props: {
  queue: ReviewQueue;
  given: Given;
  isSkippedShown: boolean;
  onSkipped: () => void;
  onBack: (() => void) | undefined;
  onAgain: () => void;
}) {
  const { queue, given, isSkippedShown, onSkipped, onBack, onAgain } = props;
  const { heldByOthers, ofDeletedRuns } = given;
  const skipped = isSkippedShown ? 0 : queue.mine.skipped;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'b') onBack?.();
    const onControl = event.target instanceof Element && event.target.closest('a, button');
    if (event.key === 'Enter' && !onControl && skipped > 0) onSkipped();
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const again = useEffectEvent(onAgain);
  const waits = heldByOthers > 0;
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => again(), lookAgainMs);
    return () => clearInterval(timer);
  }, [waits]);
  const { title, icon: Icon, text } = inWords(queue, skipped, given);
  return (
    <div className={styles.end}>
      <Icon size={28} aria-hidden />
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {text !== '' && <p>{text}</p>}
      {ofDeletedRuns > 0 && (
        <p>
          {items(ofDeletedRuns)} {ofDeletedRuns === 1 ? 'is' : 'are'} not shown, since the run is
          deleted. Restore it to score {ofDeletedRuns === 1 ? 'that one' : 'those'}.
        </p>
      )}
      <div className={styles.endActions}>
        {skipped > 0 && (
          <Button onClick={onSkipped}>
            Score the skipped {skipped === 1 ? 'one' : formatCount(skipped)} <kbd>↵</kbd>
          </Button>
        )}
        {waits && (
          <Button variant={skipped > 0 ? 'default' : 'filled'} onClick={onAgain}>
            Look again
          </Button>
        )}
        {onBack && (
          <Button variant="default" onClick={onBack}>
            Back to the last one <kbd>b</kbd>
          </Button>
        )}
        <ButtonLink
          to="/reviews/$queueId"
          params={{ queueId: queue.id }}
          search={queue.items === 0 ? { add: true } : { view: 'agreement' }}
          variant="default"
        >
          {queue.items === 0 ? 'Add items' : 'Show the agreement'}
        </ButtonLink>
        <ButtonLink to="/reviews" variant="default">
          All queues
        </ButtonLink>
      </div>
    </div>
  );
}

const items = (count: number): string => `${formatCount(count)} ${count === 1 ? 'item' : 'items'}`;

function inWords(queue: ReviewQueue, skipped: number, given: Given) {
  const { heldByOthers, ofDeletedRuns } = given;
  if (queue.items === 0) {
    return {
      title: 'Nothing to score yet',
      icon: Hourglass,
      text: 'This queue has no items. Add outputs of a run first.',
    };
  }
  if (skipped > 0) {
    return {
      title: `Only what you skipped is left`,
      icon: SkipForward,
      text: `You have scored ${items(queue.mine.done)}, and skipped ${formatCount(skipped)}. Others may score those as well.`,
    };
  }
  if (heldByOthers > 0) {
    return {
      title: 'Somebody else has the rest',
      icon: Hourglass,
      text: `${items(heldByOthers)} ${heldByOthers === 1 ? 'is' : 'are'} before the eyes of others. What they leave comes back to you within 15 minutes; this page looks by itself.`,
    };
  }
  if (ofDeletedRuns > 0) {
    return {
      title: 'The rest cannot be shown',
      icon: Trash2,
      text: queue.mine.done > 0 ? `You have scored ${items(queue.mine.done)}.` : '',
    };
  }
  return {
    title: queue.mine.done > 0 ? 'All done' : 'Nothing is left for you',
    icon: CircleCheck,
    text:
      queue.mine.done > 0
        ? `You have scored ${items(queue.mine.done)}. Thank you.`
        : 'Others have scored all of it already.',
  };
}
