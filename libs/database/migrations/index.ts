import { Migration0001Initial } from './0001-initial.ts';
import { Migration0002DatasetsAndMetrics } from './0002-datasets-and-metrics.ts';
import { Migration0003TargetsAndJudges } from './0003-targets-and-judges.ts';
import { Migration0004NoStatisticsOfRuns } from './0004-no-statistics-of-runs.ts';
import { Migration0005Comparisons } from './0005-comparisons.ts';
import { Migration0006Gates } from './0006-gates.ts';
import { Migration0007Admin } from './0007-admin.ts';
import { Migration0008DatasetAuthors } from './0008-dataset-authors.ts';
import { Migration0009Baselines } from './0009-baselines.ts';
import { Migration0010ApiReplicas } from './0010-api-replicas.ts';
import { Migration0011RunList } from './0011-run-list.ts';
import { Migration0012Reviews } from './0012-reviews.ts';

/** Every migration, in order. A migration that has been released never changes. */
export const migrations = [
  Migration0001Initial,
  Migration0002DatasetsAndMetrics,
  Migration0003TargetsAndJudges,
  Migration0004NoStatisticsOfRuns,
  Migration0005Comparisons,
  Migration0006Gates,
  Migration0007Admin,
  Migration0008DatasetAuthors,
  Migration0009Baselines,
  Migration0010ApiReplicas,
  Migration0011RunList,
  Migration0012Reviews,
];
