import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { NextReview, ReviewQueue, ReviewTask, SubmitReview } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { reviewKeys, reviewQueueQuery } from '../../queries/reviews.ts';
import { forgetDraft } from './draft.ts';
import { addToTrail, neighbours, readTrail } from './trail.ts';

const route = getRouteApi('/reviews/$queueId/score');

export interface Given {
  task: ReviewTask | null;
  heldByOthers: number;
  ofDeletedRuns: number;
}

/**
 * The item that is before the reader: the next one, or one that the address names. The server holds
 * one item for each person, so the next is asked for only once this one is scored; until it is there,
 * this one stays on the screen.
 */
export function useTask(queueId: string) {
  const { place, skipped = false } = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const learn = (queue: ReviewQueue): void => {
    queries.setQueryData(
      reviewQueueQuery(queueId).queryKey,
      (before) => before && { ...before, ...queue },
    );
  };
  const query = useQuery({
    queryKey: ['reviews', 'task', queueId, { place, skipped }],
    queryFn: async ({ signal }): Promise<Given> => {
      const params = { id: queueId };
      if (place !== undefined) {
        const task = await client.getReviewTask({ params: { ...params, place }, signal });
        return { task, heldByOthers: 0, ofDeletedRuns: 0 };
      }
      const next: NextReview = await client.takeNextReview({ params, body: { skipped }, signal });
      learn(next.queue);
      return next;
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const go = (to: number | undefined): void =>
    void navigate({ search: { place: to, skipped: skipped || undefined } });
  const { before, after } = neighbours(readTrail(queueId), place);
  const submit = useMutation({
    mutationFn: ({ place, review }: { place: number; review: SubmitReview }) =>
      client.submitReview({ params: { id: queueId, place }, body: review }),
    onSuccess: (queue, { place: scored, review }) => {
      learn(queue);
      // What was said of an item that is skipped waits for the second look.
      if (!review.skip) forgetDraft(queueId, scored);
      addToTrail(queueId, scored);
      void queries.invalidateQueries({ queryKey: reviewKeys.lists, refetchType: 'none' });
      void queries.invalidateQueries({ queryKey: reviewKeys.items(queueId), refetchType: 'none' });
      if (place === undefined) void query.refetch();
      else go(after);
    },
  });
  useHold(queueId, query.data?.task ?? null, skipped);
  return {
    query,
    submit,
    place,
    skipped,
    /** Neither keys nor clicks count while the next item is on its way. */
    isBusy: submit.isPending || query.isFetching,
    onBack: before === undefined ? undefined : () => go(before),
    /** To the item after one that is looked at again; undefined at the next item itself. */
    onForward: place === undefined ? undefined : () => go(after),
    onSkipped: () => void navigate({ search: { skipped: true } }),
  };
}

/** The hold is renewed this long before it ends, if somebody is still there. */
const earlier = 2 * 60_000;

/** Keeps the item held for as long as somebody is at work on it. */
function useHold(queueId: string, task: ReviewTask | null, skipped: boolean): void {
  const [renewed, setRenewed] = useState<ReviewTask>();
  const place = task?.place;
  const held = renewed?.place === place && renewed !== undefined ? renewed : task;
  const heldUntil = held?.heldUntil ?? undefined;
  useEffect(() => {
    if (heldUntil === undefined) return undefined;
    let isActive = false;
    const act = (): void => {
      isActive = true;
    };
    const renew = async (): Promise<void> => {
      if (!isActive || document.visibilityState !== 'visible') return;
      const params = { id: queueId };
      const { task: taken } = await client.takeNextReview({ params, body: { skipped } });
      if (taken !== null && taken.place === place) setRenewed(taken);
    };
    const timer = setTimeout(
      // What comes late is taken as well: without an answer nothing is lost.
      () => void renew().catch(() => undefined),
      Math.max(0, Date.parse(heldUntil) - Date.now() - earlier),
    );
    document.addEventListener('keydown', act);
    document.addEventListener('pointerdown', act);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', act);
      document.removeEventListener('pointerdown', act);
    };
  }, [queueId, place, heldUntil, skipped]);
}
