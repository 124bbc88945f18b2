import { ActionIcon, Button, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Ellipsis, Eraser, ListX, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Queue, QueueScaling } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCompact, formatRate } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';
import { ClearQueue } from './clear-queue.tsx';
import { useQueueChange } from './use-queue-change.ts';
import styles from './queues.module.css';

const abouts: Record<Queue['name'], string> = {
  batches: 'Items whose outputs are there already: scored many at a time.',
  calls: 'Items that call a model or an endpoint: one job each.',
  runs: 'Starts and ends of runs.',
  comparisons: 'Comparisons of runs.',
};

/** One queue: what it holds, how fast it moves, and what an admin may do to it. */
export function QueueCard(props: {
  queue: Queue;
  scaling: QueueScaling | undefined;
  stale: boolean;
}) {
  const { queue, scaling, stale } = props;
  const { name, paused } = queue;
  const announce = useAnnounce();
  const menu = useRef<HTMLButtonElement>(null);
  const [clearing, setClearing] = useState<'drain' | 'obliterate'>();
  const change = useQueueChange(name);
  const toggle = (): void => {
    const action = paused ? 'resume' : 'pause';
    change.mutate(
      { action },
      { onSuccess: () => announce(`The queue ${name} is ${paused ? 'resumed' : 'paused'}`) },
    );
  };
  const Icon = paused ? Play : Pause;
  const number = (count: number) => (
    <dd className={`numeric ${stale ? 'stale' : ''}`}>{formatCompact(count)}</dd>
  );
  return (
    <section className={styles.card} aria-labelledby={`queue-${name}`} data-paused={paused}>
      <div className={styles.head}>
        <h2 id={`queue-${name}`}>{name}</h2>
        {paused && (
          <span className={styles.paused}>
            <Pause size={14} aria-hidden /> Paused
          </span>
        )}
        <p className={styles.about}>{abouts[name]}</p>
        <div className={styles.actions}>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Icon size={14} aria-hidden />}
            disabled={change.isPending}
            aria-label={`${paused ? 'Resume' : 'Pause'} ${name}`}
            onClick={toggle}
          >
            {paused ? 'Resume' : 'Pause'}
          </Button>
          <Menu position="bottom-end" shadow="md" withinPortal={false}>
            <Menu.Target>
              <ActionIcon ref={menu} variant="default" size={26} aria-label={`More for ${name}`}>
                <Ellipsis size={15} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<ListX size={15} aria-hidden />}
                onClick={() => setClearing('drain')}
              >
                Drain…
              </Menu.Item>
              <Menu.Item
                leftSection={<Eraser size={15} aria-hidden />}
                onClick={() => setClearing('obliterate')}
              >
                Obliterate…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      {change.isError && clearing === undefined && (
        <ProblemPanel error={change.error} doing={`change the queue ${name}`} onRetry={toggle} />
      )}
      <dl className={styles.counts}>
        <div>
          <dt>Waiting</dt>
          {number(queue.waiting)}
        </div>
        <div>
          <dt>Active</dt>
          {number(queue.active)}
        </div>
        <div>
          <dt>Delayed</dt>
          {number(queue.delayed)}
        </div>
        <div>
          <dt>Failed</dt>
          {queue.failed === 0 ? (
            number(0)
          ) : (
            <dd className={`numeric ${styles.failed} ${stale ? 'stale' : ''}`}>
              <Link
                to="/operations"
                search={{ view: 'failures', list: 'jobs', queue: name }}
                aria-label={`${queue.failed} failed jobs of ${name}`}
              >
                {formatCompact(queue.failed)}
              </Link>
            </dd>
          )}
        </div>
      </dl>
      <dl className={`numeric ${styles.facts}`}>
        <Fact
          name="Oldest wait"
          value={
            queue.oldestWaitSeconds === null ? '–' : formatDuration(queue.oldestWaitSeconds * 1000)
          }
        />
        <Fact name="Jobs a minute" value={rate(queue.donePerMinute)} />
        <Fact name="Failed a minute" value={rate(queue.failedPerMinute)} />
        <Fact name="Items a minute" value={rate(queue.itemsPerMinute)} />
        <Fact
          name={name === 'batches' || name === 'calls' ? 'Open items' : 'Open jobs'}
          value={scaling ? formatCompact(scaling.backlog) : '–'}
        />
        <Fact name="Drained in" value={drainInWords(scaling)} />
        <Fact name="Side by side" value={scaling ? formatCompact(scaling.slots) : '–'} />
        <Fact name="Workers wanted" value={scaling ? String(scaling.workersWanted) : '–'} />
      </dl>
      {clearing !== undefined && (
        <ClearQueue
          queue={queue}
          how={clearing}
          returnTo={menu}
          onClose={() => setClearing(undefined)}
        />
      )}
    </section>
  );
}

const rate = (perMinute: number): string => (perMinute === 0 ? '0' : formatRate(perMinute));

function drainInWords(scaling: QueueScaling | undefined): string {
  if (!scaling) return '–';
  if (scaling.backlog === 0) return 'nothing to do';
  if (scaling.paused === true) return 'paused';
  if (scaling.drainSeconds === null) return scaling.slots === 0 ? 'no worker' : 'not known yet';
  return `about ${formatDuration(scaling.drainSeconds * 1000)}`;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
