export { RUN_CHANGED_CHANNEL, type AnyQueue, type RunningWorker } from './backend.ts';
export { queueCatalogue, type BatchQueue, type QueueName } from './catalogue.ts';
export {
  openQueues,
  type Handler,
  type JobHandle,
  type JobVerdict,
  type Queues,
  type RunStep,
} from './queues.ts';
