import { getRouteApi } from '@tanstack/react-router';
import { createContext, useCallback, useContext } from 'react';
import type { Comparison, ComparisonResult, MetricComparison } from '#libs/contracts';
import type { NumberText } from './number-text.ts';
import { letterOf } from './request.ts';
import type { CompareSearch } from './search.ts';

const route = getRouteApi('/app/compare');

/** What all parts of the page are about. */
export interface Compared {
  comparison: Comparison;
  result: ComparisonResult;
  candidate: ComparisonResult['candidates'][number];
  metric: MetricComparison;
  /** How the numbers of the metric are written. */
  text: NumberText;
}

export const ComparedContext = createContext<Compared | undefined>(undefined);

export function useCompared(): Compared {
  const compared = useContext(ComparedContext);
  if (!compared) throw new Error('A ComparedContext is missing above this component');
  return compared;
}

/** The candidate and the metric that the address names, or the first ones. */
export function chosenOf(
  result: ComparisonResult,
  { candidate, metric }: Pick<CompareSearch, 'candidate' | 'metric'>,
): Pick<Compared, 'candidate' | 'metric'> | undefined {
  const found = result.candidates.find(({ runId }) => runId === candidate) ?? result.candidates[0];
  const of = found?.metrics.find(({ metric: name }) => name === metric) ?? found?.metrics[0];
  return found && of && { candidate: found, metric: of };
}

/** Changes what the address says, without a step back to return from. */
export function useSetSearch(): (
  change: Partial<CompareSearch>,
  options?: { push?: boolean },
) => void {
  const navigate = route.useNavigate();
  return useCallback(
    (change, { push = false } = {}) =>
      void navigate({
        search: (before) => ({ ...before, ...change }),
        replace: !push,
        resetScroll: false,
      }),
    [navigate],
  );
}

/** A run of the comparison by its letter and name, as in "B, nightly". */
export function labelOf({ runs }: Pick<Comparison, 'runs'>, runId: string): string {
  const index = runs.findIndex(({ id }) => id === runId);
  return `${letterOf(index)}, ${runs[index]?.name ?? ''}`;
}

export const letterOfRun = ({ runs }: Pick<Comparison, 'runs'>, runId: string): string =>
  letterOf(runs.findIndex(({ id }) => id === runId));
