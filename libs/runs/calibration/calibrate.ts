import {
  RequestError,
  type Calibration,
  type operations,
  type OperationInput,
  type RunMetricSpec,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { shapeOf } from '#libs/metrics';
import { runNotFound } from '../rows.ts';
import { compareVerdicts } from './compare.ts';
import { readLabelled, type LabelledItem } from './labelled.ts';
import { PositionBias } from './position-bias.ts';
import { summarise } from './summary.ts';

type Request = OperationInput<typeof operations.calibrateRun>['body'];

/** Items with a label at most: what is compared is held in memory. */
const LABELLED_MAX = 100_000;

/**
 * Compares what a metric of a run says with human labels, item by item: those that are given, or those
 * that the dataset has. It takes what is scored by now, and stores nothing.
 * @throws {RequestError} where the run has no such metric, a label cannot be read as a verdict of that
 *   metric, or more than 100,000 items have one
 */
export async function calibrate(
  database: Queryable,
  projectId: string,
  runId: string,
  request: Request,
): Promise<Calibration> {
  const run = await database.queryOne<{
    metrics: RunMetricSpec[];
    version_id: string;
    repeats: number;
  }>(sql`
    select metrics, dataset_version_id as version_id, repeats from evaluation_runs
    where id = ${runId} and project_id = ${projectId}`);
  if (!run) throw runNotFound();
  const index = run.metrics.findIndex(({ name }) => name === request.metric);
  const spec = run.metrics[index];
  if (!spec) throw unknownMetric(request.metric, run.metrics);

  const counted = { unmatched: 0, withoutScore: 0 };
  const bias = spec.metric === 'pairwise_preference' ? new PositionBias() : undefined;
  const labelled: LabelledItem[] = [];
  const source = {
    runId,
    metric: index,
    versionId: run.version_id,
    withDetails: bias !== undefined,
  };
  for await (const page of readLabelled(database, source, request)) {
    for (const { details, ...item } of page) {
      if (item.state === 'unmatched') counted.unmatched += 1;
      else if (item.state === 'without_score') counted.withoutScore += 1;
      else {
        if (labelled.length === LABELLED_MAX) throw tooManyLabels();
        labelled.push(item);
        bias?.add(details);
      }
    }
  }
  const comparison = compareVerdicts(labelled, {
    shape: shapeOf(spec),
    threshold: request.threshold,
    ownThreshold: spec.threshold,
    categories: request.categories,
  });
  const { note, ...compared } = comparison;
  const result = {
    metric: request.metric,
    n: labelled.length,
    ...counted,
    ...compared,
    positionBias: bias?.result() ?? null,
  };
  return { ...result, summary: summarise(result, { note, repeats: run.repeats }) };
}

function unknownMetric(metric: string, metrics: readonly RunMetricSpec[]): RequestError {
  const names = metrics.map(({ name }) => name).join(', ');
  return new RequestError(
    'invalid',
    'unknown_metric',
    `This run has no metric "${metric}"; it has ${names}.`,
    [{ field: 'metric', message: `is none of ${names}` }],
  );
}

const tooManyLabels = (): RequestError =>
  new RequestError(
    'unprocessable',
    'too_many_labels',
    `More than ${LABELLED_MAX} items have a label; a calibration takes so many at most. Give a sample of them as labels.`,
    [{ field: 'labelPath', message: `leads to more than ${LABELLED_MAX} labels` }],
  );
