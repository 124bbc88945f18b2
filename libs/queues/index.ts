export { RUN_CHANGED_CHANNEL, type AnyQueue, type RunningWorker } from './backend.ts';
export { queueCatalogue, type BatchQueue, type QueueName } from './catalogue.ts';
export {
  JobFailure,
  openQueues,
  type FailedJob,
  type Handler,
  type JobHandle,
  type JobObserver,
  type JobVerdict,
  type Queues,
  type QueueState,
  type RunStep,
} from './queues.ts';
