import { accessOperations } from './access.ts';
import { adminOperations } from './admin.ts';
import { annotationOperations } from './annotations.ts';
import { baselineOperations } from './baselines.ts';
import { calibrationOperations } from './calibrations.ts';
import { comparisonOperations } from './comparisons.ts';
import { datasetOperations } from './datasets.ts';
import { errorClassOperations } from './error-classes.ts';
import { gateOperations } from './gates.ts';
import { healthOperations } from './health.ts';
import { importOperations } from './imports.ts';
import { leaseOperations } from './leases.ts';
import { metricOperations } from './metrics.ts';
import { previewOperations } from './previews.ts';
import { promptOperations } from './prompts.ts';
import { providerOperations } from './providers.ts';
import { recordingOperations } from './recordings.ts';
import { reviewAgreementOperations } from './review-agreement.ts';
import { reviewOperations } from './reviews.ts';
import { runListOperations } from './run-list.ts';
import { runResultOperations } from './run-results.ts';
import { runViewOperations } from './run-views.ts';
import { runOperations } from './runs.ts';
import { templateOperations } from './templates.ts';
import { trendOperations } from './trends.ts';

export * from './access.ts';
export * from './admin.ts';
export * from './annotations.ts';
export * from './baselines.ts';
export * from './calibrations.ts';
export * from './common.ts';
export * from './comparisons.ts';
export * from './datasets.ts';
export * from './error-classes.ts';
export * from './errors.ts';
export * from './evaluation-items.ts';
export { faultsOf, type Fault } from './faults.ts';
export * from './gates.ts';
export * from './health.ts';
export * from './imports.ts';
export * from './jobs.ts';
export * from './leases.ts';
export * from './live.ts';
export * from './metric-specs.ts';
export * from './metrics.ts';
export * from './operation.ts';
export * from './previews.ts';
export * from './prompts.ts';
export * from './providers.ts';
export * from './recordings.ts';
export * from './review-agreement.ts';
export * from './reviews.ts';
export * from './run-list.ts';
export * from './run-metrics.ts';
export * from './run-results.ts';
export * from './run-views.ts';
export * from './runs.ts';
export * from './targets.ts';
export * from './templates.ts';
export * from './trends.ts';

/** Every call of the API. */
export const operations = {
  ...healthOperations,
  ...accessOperations,
  ...datasetOperations,
  ...recordingOperations,
  ...importOperations,
  ...runListOperations,
  ...runOperations,
  ...runViewOperations,
  ...runResultOperations,
  ...errorClassOperations,
  ...leaseOperations,
  ...previewOperations,
  ...templateOperations,
  ...metricOperations,
  ...promptOperations,
  ...providerOperations,
  ...calibrationOperations,
  ...annotationOperations,
  ...reviewOperations,
  ...reviewAgreementOperations,
  ...comparisonOperations,
  ...baselineOperations,
  ...gateOperations,
  ...trendOperations,
  ...adminOperations,
};
