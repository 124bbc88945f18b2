import { Button, Group } from '@mantine/core';
import type { ReviewQueue } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { formatCount } from '../../format/numbers.ts';
import styles from './add-items.module.css';

/** What came of adding items, and the way on. */
export function Added(props: {
  answer: { added: number; present: number; notCompleted: number; queue: ReviewQueue };
  onMore?: (() => void) | undefined;
  onClose: () => void;
}) {
  const { added, present, notCompleted, queue } = props.answer;
  return (
    <div className={styles.form}>
      <p>
        <strong>
          {formatCount(added)} {added === 1 ? 'item is' : 'items are'} added
        </strong>{' '}
        to {queue.name}, which has {formatCount(queue.items)} now.
        {present > 0 && ` ${formatCount(present)} were in it before.`}
        {notCompleted > 0 && ` ${formatCount(notCompleted)} have no output to score.`}
      </p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={props.onClose}>
          Close
        </Button>
        {props.onMore && (
          <Button variant="default" onClick={props.onMore}>
            Add more
          </Button>
        )}
        {queue.mine.open > 0 && (
          <ButtonLink to="/reviews/$queueId/score" params={{ queueId: queue.id }}>
            Score them
          </ButtonLink>
        )}
      </Group>
    </div>
  );
}
