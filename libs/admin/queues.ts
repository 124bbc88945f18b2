import { queueNames, RequestError, type Queue } from '#libs/contracts';
import { noRates, readRates, type QueueRates } from '#libs/fleet';
import type { QueueName } from '#libs/queues';
import type { AdminContext } from './admin.ts';

/** What drivers say of a queue that is away is nothing for callers. */
export async function askQueue<Answer>(
  { logger }: Pick<AdminContext, 'logger'>,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    logger.warn({ err: error }, 'the queue did not answer');
    throw new RequestError('busy', 'queue_unavailable', 'The queue is away; try again soon.');
  }
}

export async function listQueues(context: AdminContext): Promise<Queue[]> {
  const rates = await readRates(context.database);
  return Promise.all(queueNames.map((name) => present(context, name, rates)));
}

export const oneQueue = async (context: AdminContext, name: QueueName): Promise<Queue> =>
  present(context, name, await readRates(context.database));

async function present(
  context: AdminContext,
  name: QueueName,
  rates: Map<string, QueueRates>,
): Promise<Queue> {
  const state = await askQueue(context, () => context.queues.state(name));
  const { donePerMinute, failedPerMinute, itemsPerMinute } = rates.get(name) ?? noRates;
  return { name, ...state, donePerMinute, failedPerMinute, itemsPerMinute };
}
