import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { GateResult } from '#libs/contracts';
import { client } from './client.ts';
import { pages } from './pages.ts';

/** All about gates lies below `all`; baselines beside it, since pinning one changes no gate. */
export const gateKeys = {
  all: ['gates'] as const,
  anyResults: ['gates', 'results'] as const,
  baselines: ['baselines'] as const,
  of: (datasetId: string) => ['gates', 'of', datasetId] as const,
  results: (runId: string) => ['gates', 'results', runId] as const,
};

/** The gates that runs of a dataset have to meet; a project has a hundred at most. */
export const gatesQuery = (datasetId: string) =>
  queryOptions({
    queryKey: gateKeys.of(datasetId),
    queryFn: ({ signal }) => client.listGates({ query: { datasetId, limit: 100 }, signal }),
    select: (page) => page.items,
  });

export const gateResultsQuery = (runId: string) =>
  queryOptions({
    queryKey: gateKeys.results(runId),
    queryFn: ({ signal }) => client.listGateResults({ query: { runId, limit: 200 }, signal }),
    select: (page) => page.items,
  });

/** All gates of the project, of which there are a hundred at most. */
export const allGatesQuery = queryOptions({
  queryKey: [...gateKeys.all, 'list'],
  queryFn: ({ signal }) => client.listGates({ query: { limit: 100 }, signal }),
  select: (page) => page.items,
});

export const gateQuery = (id: string) =>
  queryOptions({
    queryKey: [...gateKeys.all, 'one', id],
    queryFn: ({ signal }) => client.getGate({ params: { id }, signal }),
  });

/** What one gate said of runs, page by page. */
export const resultsOfGateQuery = (gateId: string) =>
  infiniteQueryOptions({
    queryKey: [...gateKeys.anyResults, 'of', gateId],
    queryFn: ({ pageParam, signal }) =>
      client.listGateResults({ query: { gateId, limit: 20, cursor: pageParam }, signal }),
    ...pages,
  });

/** The newest two hundred results of all gates: of each gate the first of them is its last. */
export const newestResultsQuery = queryOptions({
  queryKey: [...gateKeys.anyResults, 'newest'],
  queryFn: ({ signal }) => client.listGateResults({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
});

export const baselinesQuery = infiniteQueryOptions({
  queryKey: gateKeys.baselines,
  queryFn: ({ pageParam, signal }) =>
    client.listBaselines({ query: { limit: 50, cursor: pageParam }, signal }),
  ...pages,
});

/** The pinned baseline of a dataset; null where none is, which is no error and so not asked for as one. */
export const baselineQuery = (datasetId: string) =>
  queryOptions({
    queryKey: [...gateKeys.baselines, 'of', datasetId],
    queryFn: ({ signal }) => client.listBaselines({ query: { datasetId, limit: 1 }, signal }),
    select: (page) => page.items[0] ?? null,
    staleTime: 30_000,
  });

/** The newest completed runs: those that can be pinned or checked. */
export const completedRunsQuery = (datasetId: string | undefined) =>
  queryOptions({
    queryKey: ['runs', 'completed', datasetId],
    queryFn: ({ signal }) =>
      client.listRuns({ query: { state: 'completed', datasetId, limit: 100 }, signal }),
    select: (page) => page.items,
  });

/** The newest two hundred datasets, to choose from and to name. */
export const datasetNamesQuery = queryOptions({
  queryKey: ['datasets', 'names'],
  queryFn: ({ signal }) => client.listDatasets({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
});

const askAgainAfterMs = 1_000;

/**
 * Checks a run beside a baseline, and waits until both are compared.
 * @param body without a baseline: beside the pinned one of its dataset
 * @param signal ends the waiting
 */
export async function checkGate(
  gateId: string,
  body: { runId: string; baselineRunId?: string | undefined },
  signal?: AbortSignal,
): Promise<GateResult> {
  for (;;) {
    const { result } = await client.checkGate({ params: { id: gateId }, body, signal });
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, askAgainAfterMs));
    signal?.throwIfAborted();
  }
}
