import { queryOptions } from '@tanstack/react-query';
import type { GateResult } from '#libs/contracts';
import { client } from './client.ts';

export const gateKeys = {
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

const askAgainAfterMs = 1_000;

/** Checks a run beside a baseline, and waits until both are compared. */
export async function checkGate(
  gateId: string,
  body: { runId: string; baselineRunId: string },
): Promise<GateResult> {
  for (;;) {
    const { result } = await client.checkGate({ params: { id: gateId }, body });
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, askAgainAfterMs));
  }
}
