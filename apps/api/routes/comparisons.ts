import type { Comparisons } from '#libs/comparisons';
import { comparisonOperations, type Comparison } from '#libs/contracts';
import type { Response } from 'express';
import { route, type Route } from '../http/route.ts';

/** Seconds after which a comparison that is being computed is worth asking for again. */
const RETRY_AFTER_S = 1;

export function comparisonRoutes({ comparisons }: { comparisons: Comparisons }): Route[] {
  return [
    route(comparisonOperations.createComparison, async ({ project, body, response }) =>
      answered(await comparisons.compare(project.id, body), response),
    ),
    route(comparisonOperations.listComparisons, ({ project, query }) =>
      comparisons.list(project.id, query),
    ),
    route(comparisonOperations.getComparison, async ({ project, params, query, response }) =>
      answered(await comparisons.get(project.id, params.id, query.refresh), response),
    ),
    route(comparisonOperations.listComparisonItems, ({ project, params, query }) =>
      comparisons.listItems(project.id, params.id, query),
    ),
    route(comparisonOperations.getComparisonDistribution, ({ project, params, query }) =>
      comparisons.distribution(project.id, params.id, query),
    ),
    route(comparisonOperations.compareRuns, async ({ project, query, response }) =>
      answered(await comparisons.compareRuns(project.id, query), response),
    ),
  ];
}

/** 202 while what the runs hold now is being computed; an older result may stand there meanwhile. */
function answered(comparison: Comparison, response: Response): Comparison {
  const { state, current } = comparison;
  if (!current && (state === 'queued' || state === 'running' || state === 'refining')) {
    response.status(202).set('Retry-After', String(RETRY_AFTER_S));
  }
  return comparison;
}
