import type { BatchJob } from '#libs/contracts';
import type { AnyQueue, QueueName } from '#libs/queues';
import type { World } from './world.ts';

/** A queue as Bull Board holds it. */
export function board(world: World, name: QueueName): AnyQueue {
  const found = world.queues.boards.find((queue) => queue.name === name);
  if (!found) throw new Error(`there is no board for the queue ${name}`);
  return found;
}

/** How many jobs the queue holds that are not ended: waiting, delayed or at work. */
export async function liveJobs(world: World, name: QueueName): Promise<number> {
  const counts = await board(world, name).getJobCounts('waiting', 'active', 'delayed');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Takes a job away from the queue, as an operator could. */
export async function removeBatchJob(world: World, { runId, batch, attempt }: BatchJob) {
  await board(world, 'batches').remove(`${runId}-${batch}-${attempt}`);
}
