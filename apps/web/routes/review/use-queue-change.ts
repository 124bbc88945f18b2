import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReviewQueue, UpdateReviewQueue } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { reviewKeys, reviewQueueQuery } from '../../queries/reviews.ts';

/** What people may change of a queue, and whether it is deleted. */
export function useQueueChange(queueId: string) {
  const queries = useQueryClient();
  const params = { id: queueId };
  const onSuccess = (answered: ReviewQueue): void => {
    queries.setQueryData(
      reviewQueueQuery(queueId).queryKey,
      (before) => before && { ...before, ...answered },
    );
    void queries.invalidateQueries({ queryKey: reviewKeys.lists });
  };
  return {
    update: useMutation({
      mutationFn: (body: UpdateReviewQueue) => client.updateReviewQueue({ params, body }),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: async () => {
        await client.deleteReviewQueue({ params });
        return client.getReviewQueue({ params });
      },
      onSuccess,
    }),
    restore: useMutation({ mutationFn: () => client.restoreReviewQueue({ params }), onSuccess }),
  };
}
