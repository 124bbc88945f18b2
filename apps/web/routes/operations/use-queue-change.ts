import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Queue } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { operationKeys, type QueueName } from '../../queries/operations.ts';

export type QueueChange =
  { action: 'pause' } | { action: 'resume' } | { action: 'drain' | 'obliterate'; confirm: string };

/** What an admin may do to a queue. */
export function useQueueChange(queue: QueueName) {
  const queries = useQueryClient();
  const params = { queue };
  return useMutation({
    mutationFn: (change: QueueChange): Promise<Queue> => {
      if (change.action === 'pause') return client.pauseQueue({ params });
      if (change.action === 'resume') return client.resumeQueue({ params });
      const { action, confirm } = change;
      if (action === 'drain') return client.drainQueue({ params, body: { confirm } });
      return client.obliterateQueue({ params, body: { confirm } });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: operationKeys.all }),
  });
}
