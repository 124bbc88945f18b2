import type { Principal } from '#libs/access';
import { reviewAgreementOperations, reviewOperations, type Project } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  addItems,
  createQueue,
  deleteQueue,
  deleteQueueItem,
  exportReviews,
  getAgreement,
  getJudgeAgreement,
  getQueueDetail,
  getTask,
  listQueueItems,
  listQueues,
  restoreQueue,
  submitReview,
  takeNext,
  updateQueue,
  type Caller,
} from '#libs/reviews';
import type { Runs } from '#libs/runs';
import { download } from '../http/download.ts';
import { route, type Route } from '../http/route.ts';

export function reviewRoutes(context: { database: Database; runs: Runs }): Route[] {
  const { database } = context;
  return [
    route(reviewOperations.listReviewQueues, ({ query, ...call }) =>
      listQueues(database, callerOf(call), query),
    ),
    route(reviewOperations.createReviewQueue, ({ body, ...call }) =>
      createQueue(database, callerOf(call), body),
    ),
    route(reviewOperations.getReviewQueue, ({ params, ...call }) =>
      getQueueDetail(database, callerOf(call), params.id),
    ),
    route(reviewOperations.updateReviewQueue, ({ params, body, ...call }) =>
      updateQueue(database, callerOf(call), params.id, body),
    ),
    route(reviewOperations.deleteReviewQueue, async ({ params, ...call }) => {
      await deleteQueue(database, callerOf(call), params.id);
      return undefined;
    }),
    route(reviewOperations.restoreReviewQueue, ({ params, ...call }) =>
      restoreQueue(database, callerOf(call), params.id),
    ),
    route(reviewOperations.addReviewItems, ({ params, body, ...call }) =>
      addItems(context, callerOf(call), params.id, body),
    ),
    route(reviewOperations.listReviewItems, ({ params, query, ...call }) =>
      listQueueItems(database, callerOf(call), params.id, query),
    ),
    route(reviewOperations.deleteReviewItem, async ({ params, ...call }) => {
      await deleteQueueItem(database, callerOf(call), params.id, params.place);
      return undefined;
    }),
    route(reviewOperations.takeNextReview, ({ params, body, ...call }) =>
      takeNext(context, callerOf(call), params.id, body),
    ),
    route(reviewOperations.getReviewTask, ({ params, ...call }) =>
      getTask(context, callerOf(call), params.id, params.place),
    ),
    route(reviewOperations.submitReview, ({ params, body, ...call }) =>
      submitReview(database, callerOf(call), params.id, params.place, body),
    ),
    route(reviewAgreementOperations.getReviewAgreement, ({ params, query, ...call }) =>
      getAgreement(database, callerOf(call), params.id, query.humanMetricId),
    ),
    route(reviewAgreementOperations.getJudgeAgreement, ({ params, query, ...call }) =>
      getJudgeAgreement(context, callerOf(call), params.id, query),
    ),
    route(reviewOperations.exportReviews, async ({ params, query, request, response, ...call }) => {
      const caller = callerOf(call);
      const { name } = await getQueueDetail(database, caller, params.id);
      const [ndjson, csv] = reviewOperations.exportReviews.downloads;
      await download(request, response, {
        chunks: exportReviews(database, caller, params.id, query.format),
        mediaType: query.format === 'csv' ? csv : ndjson,
        fileName: { stem: name, ending: `-reviews.${query.format}` },
      });
      return undefined;
    }),
  ];
}

const callerOf = ({ project, principal }: { project: Project; principal: Principal }): Caller => ({
  projectId: project.id,
  keyId: principal.keyId,
});
