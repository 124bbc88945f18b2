import { Button, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, ListPlus, PenLine } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReviewQueueDetail } from '#libs/contracts';
import { ButtonLink } from '../../components/button-link.tsx';
import { ReviewProgress } from '../../components/review-progress.tsx';
import { ScreenHead } from '../../components/screen-head.tsx';
import { formatCount, formatPercent } from '../../format/numbers.ts';
import { useReviewLive } from '../../live/live.tsx';
import { reviewKeys, reviewsAddress } from '../../queries/reviews.ts';
import styles from './review.module.css';

const route = getRouteApi('/app/reviews/$queueId');

/** What the queue is, how far it is just now, who did how much, and what can be done. */
export function QueueHead(props: { queue: ReviewQueueDetail; mayEdit: boolean }) {
  const { mayEdit } = props;
  const navigate = route.useNavigate();
  const queue = useReviewLive(props.queue);
  useFollow(props.queue, queue.version);
  const { people } = props.queue;
  const { name, items, complete, reviews, reviewersPerItem, blind, humanMetrics, mine } = queue;
  const asked = humanMetrics.map(({ name }) => name).join(', ');
  return (
    <>
      <ScreenHead
        title={name}
        about={`${reviewersPerItem === 1 ? 'One person scores' : `${reviewersPerItem} people score`} each item by ${asked}${blind ? ', blind' : ''}.`}
      >
        {mayEdit && mine.open > 0 && (
          <ButtonLink
            to="/reviews/$queueId/score"
            params={{ queueId: queue.id }}
            size="xs"
            leftSection={<PenLine size={14} aria-hidden />}
          >
            Score
          </ButtonLink>
        )}
        {mayEdit && (
          <Button
            variant={items === 0 ? 'filled' : 'default'}
            size="xs"
            leftSection={<ListPlus size={14} aria-hidden />}
            onClick={() => void navigate({ search: (before) => ({ ...before, add: true }) })}
          >
            Add items
          </Button>
        )}
        <Menu position="bottom-end" shadow="md" width={250} withinPortal={false}>
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<Download size={14} aria-hidden />}>
              Export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>A line for each score of a person</Menu.Label>
            <Menu.Item component="a" href={reviewsAddress(queue.id, 'csv')} download>
              CSV
            </Menu.Item>
            <Menu.Item component="a" href={reviewsAddress(queue.id, 'ndjson')} download>
              NDJSON
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </ScreenHead>
      <section className={styles.head} aria-label="Progress">
        <div className={styles.progress}>
          <ReviewProgress queue={queue} large />
          <dl className={`numeric ${styles.facts}`}>
            <div>
              <dt>Complete</dt>
              <dd>{items === 0 ? '–' : formatPercent(complete, items)}</dd>
            </div>
            <div>
              <dt>Reviews</dt>
              <dd>
                {formatCount(reviews)}{' '}
                <span className={styles.soft}>of {formatCount(items * reviewersPerItem)}</span>
              </dd>
            </div>
            {mayEdit && (
              <div>
                <dt>Left for you</dt>
                <dd>
                  {formatCount(mine.open)}
                  {mine.skipped > 0 && (
                    <span className={styles.soft}> ({formatCount(mine.skipped)} skipped)</span>
                  )}
                </dd>
              </div>
            )}
          </dl>
        </div>
        <People people={people} />
      </section>
    </>
  );
}

/** Who has scored how much, most first. */
function People({ people }: { people: ReviewQueueDetail['people'] }) {
  if (people.length === 0) return <p className={styles.soft}>Nobody has scored yet.</p>;
  const most = Math.max(1, ...people.map(({ done }) => done));
  return (
    <ul className={styles.people} aria-label="Who has scored how much">
      {people.map(({ keyId, name, done, skipped }) => (
        <li key={keyId}>
          <span className={styles.person}>{name}</span>
          <span className={styles.bar} aria-hidden>
            <span style={{ width: `${(100 * done) / most}%` }} />
          </span>
          <span className="numeric">
            {formatCount(done)}
            <span className="visually-hidden"> scored</span>
            {skipped > 0 && <span className={styles.soft}>, {formatCount(skipped)} skipped</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const followEveryMs = 3_000;

/** Asks again for what snapshots do not carry, some time after one said that there is news. */
function useFollow({ id, version }: ReviewQueueDetail, newest: number): void {
  const queries = useQueryClient();
  const isBehind = newest > version;
  const last = useRef(0);
  useEffect(() => {
    if (!isBehind) return undefined;
    const wait = Math.max(0, last.current + followEveryMs - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      void queries.invalidateQueries({ queryKey: reviewKeys.one(id) });
    }, wait);
    return () => clearTimeout(timer);
  }, [queries, id, isBehind]);
}
