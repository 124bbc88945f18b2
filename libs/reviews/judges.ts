import type { HumanMetric, HumanValue, JudgeAgreement } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import type { Runs } from '#libs/runs';
import { readScored, type Given } from './agreement.ts';
import { getHumanMetrics } from './human-metrics.ts';
import { getQueue, type Caller } from './queues.ts';

/**
 * How far a metric of a run agrees with people, who are taken together first.
 * @throws {RequestError} `review_queue_not_found`, `human_metric_not_found`, and as a calibration of
 *   the run
 */
export async function getJudgeAgreement(
  { database, runs }: { database: Queryable; runs: Pick<Runs, 'get' | 'calibrate'> },
  caller: Caller,
  queueId: string,
  asked: { humanMetricId: string; runId: string; metric: string; threshold?: number | undefined },
): Promise<JudgeAgreement> {
  await getQueue(database, caller, queueId);
  const [human] = await getHumanMetrics(database, caller.projectId, [asked.humanMetricId]);
  if (!human) throw new Error('a human metric was lost');
  await runs.get(caller.projectId, asked.runId);
  const { items } = await readScored(database, queueId, human, asked.runId);
  const labelled = items.flatMap((item) => {
    const label = togetherOf(human, item.given);
    return label === undefined ? [] : [{ ...item, label }];
  });
  const calibration = await runs.calibrate(caller.projectId, asked.runId, {
    metric: asked.metric,
    labels: labelled.map(({ key, repeat, label }) => ({ key, repeat, label })),
    threshold: asked.threshold,
  });
  const places = new Map(labelled.map((item) => [`${item.repeat}/${item.key}`, item]));
  return {
    calibration,
    labelled: labelled.length,
    tied: items.length - labelled.length,
    disagreements: calibration.disagreements.flatMap((one) => {
      const item = places.get(`${one.repeat}/${one.key}`);
      return item ? [{ ...one, place: item.place, no: item.no }] : [];
    }),
  };
}

/** What people say together: of numbers the mean, else what most gave; undefined: it is a tie. */
function togetherOf(
  { scale }: Pick<HumanMetric, 'scale'>,
  given: readonly Pick<Given, 'value' | 'position'>[],
): HumanValue | undefined {
  if (scale.kind === 'numeric') {
    return given.reduce((sum, { position }) => sum + position, 0) / given.length;
  }
  const votes = new Map<HumanValue, number>();
  for (const { value } of given) votes.set(value, (votes.get(value) ?? 0) + 1);
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a);
  return first && first[1] > (second?.[1] ?? 0) ? first[0] : undefined;
}
