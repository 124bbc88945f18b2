export { getAgreement } from './agreement.ts';
export {
  createNote,
  deleteNote,
  deleteScore,
  getAnnotations,
  setScore,
  updateNote,
} from './annotations.ts';
export { exportReviews } from './export.ts';
export { createHumanMetric, listHumanMetrics, updateHumanMetric } from './human-metrics.ts';
export { addItems, deleteQueueItem, listQueueItems } from './items.ts';
export { getJudgeAgreement } from './judges.ts';
export {
  createQueue,
  deleteQueue,
  getQueueDetail,
  listQueues,
  restoreQueue,
  snapshotsOfQueues,
  updateQueue,
  versionsOfQueues,
  type Caller,
} from './queues.ts';
export { getTask, submitReview, takeNext } from './scoring.ts';
