import { comparisonLimits, id, type ComparisonOptions } from '#libs/contracts';
import type { CompareRequest } from '#libs/sdk';
import type { CompareSearch } from './search.ts';

/** A baseline and its candidates. */
export const runsMax = comparisonLimits.candidates + 1;

/** The runs that an address names, in their order: each once, what is no id left out. */
export function runIdsOf(runs: string | undefined): string[] {
  const named = (runs ?? '').split(',').flatMap((text) => {
    const parsed = id.safeParse(text.trim());
    return parsed.success ? [parsed.data] : [];
  });
  return [...new Set(named)].slice(0, runsMax);
}

/** The runs as an address names them; nothing where there are none. */
export const runsText = (runIds: readonly string[]): string | undefined =>
  runIds.length === 0 ? undefined : runIds.join(',');

/** A run one place further, or back; the first one is the baseline. */
export function movedRun(runIds: readonly string[], from: number, to: number): string[] {
  const moved = runIds[from];
  if (moved === undefined || to < 0 || to >= runIds.length) return [...runIds];
  const others = runIds.toSpliced(from, 1);
  return others.toSpliced(to, 0, moved);
}

/** A, B, C …: how a run is named where there is no room for its name. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

/** What an address says of how the runs are compared; what it leaves out is as the API has it. */
export function optionsOf(search: CompareSearch): Partial<ComparisonOptions> {
  const { metrics, usage, filter, confidence, margins, differences } = search;
  const { sliceBy, clusterBy, resample, resampleSlices, seed } = search;
  return {
    ...(metrics !== undefined && { metrics }),
    ...(usage !== undefined && { usage }),
    ...(filter !== undefined && { filter }),
    ...(confidence !== undefined && { confidence }),
    ...(margins !== undefined && { margins }),
    ...(differences !== undefined && { differences }),
    ...(sliceBy !== undefined && { sliceBy }),
    ...(clusterBy !== undefined && { clusterBy }),
    ...(resample !== undefined && { resample }),
    ...(resampleSlices !== undefined && { resampleSlices }),
    ...(seed !== undefined && { seed }),
  };
}

/** The call that an address stands for; undefined where it names fewer than two runs. */
export function requestOf(search: CompareSearch): CompareRequest | undefined {
  const [baselineRunId, ...candidateRunIds] = runIdsOf(search.runs);
  if (baselineRunId === undefined || candidateRunIds.length === 0) return undefined;
  return { baselineRunId, candidateRunIds, ...optionsOf(search) };
}
