import type { RefObject } from 'react';
import type { Queue } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useQueueChange } from './use-queue-change.ts';

const jobs = (count: number): string => `${formatCount(count)} ${count === 1 ? 'job' : 'jobs'}`;

/** Asks before jobs of a queue are removed, by how many that is now. */
export function ClearQueue(props: {
  queue: Queue;
  how: 'drain' | 'obliterate';
  returnTo: RefObject<HTMLElement | null>;
  onClose: () => void;
}) {
  const { queue, how } = props;
  const announce = useAnnounce();
  const change = useQueueChange(queue.name);
  const waiting = queue.waiting + queue.delayed;
  const removed = how === 'drain' ? waiting : waiting + queue.active + queue.failed;
  return (
    <Confirm
      title={how === 'drain' ? `Drain ${queue.name}?` : `Obliterate ${queue.name}?`}
      confirm={`Remove ${jobs(removed)}`}
      doing={`${how} the queue`}
      name={queue.name}
      pending={change.isPending}
      error={change.error}
      returnTo={props.returnTo}
      onClose={props.onClose}
      onConfirm={() =>
        change.mutate(
          { action: how, confirm: queue.name },
          {
            onSuccess: () => {
              announce(`${jobs(removed)} were removed from ${queue.name}`);
              props.onClose();
            },
          },
        )
      }
    >
      {how === 'drain' ? (
        <p>
          {jobs(removed)} that wait ({formatCount(queue.waiting)} waiting,{' '}
          {formatCount(queue.delayed)} delayed) will be removed. Jobs at work go on.
        </p>
      ) : (
        <p>
          {jobs(removed)} will be removed: {formatCount(queue.waiting)} waiting,{' '}
          {formatCount(queue.delayed)} delayed, {formatCount(queue.active)} at work and{' '}
          {formatCount(queue.failed)} failed. Calls that are being made are paid for and made again.
        </p>
      )}
      <p>
        No result is lost: what runs still need is queued again by itself within seconds, from the
        tables. To keep a queue still, pause it.
      </p>
    </Confirm>
  );
}
