import {
  createComparison,
  RequestError,
  type Comparison,
  type CreateComparison,
  type GateCheck,
  type GateOutcome,
  type GateResult,
  type RuleResult,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import { getBaseline, readGatedRun, requireCompleted, type GatedRun } from './baselines.ts';
import type { GateContext } from './context.ts';
import { getVersionedGate, type VersionedGate } from './gates.ts';
import { checkRules, uncompared } from './rules.ts';

/** How gates compare: as whoever compares two runs and asks for nothing in particular. */
export const comparisonOf = (baselineRunId: string, runId: string): CreateComparison =>
  createComparison.parse({ baselineRunId, candidateRunIds: [runId] });

/**
 * Checks whether a completed run meets a gate, beside a baseline or the pinned one of its dataset, and
 * stores the result. Without a result while the runs are still being compared.
 * @throws {RequestError} `gate_not_found`, `run_not_found`, `run_deleted`, `run_not_finished`, `same_run`;
 *   `other_dataset` for a gate of another dataset; `no_baseline`; and as `createComparison`
 */
export async function checkGate(
  { database, comparisons }: GateContext,
  projectId: string,
  gateId: string,
  { runId, baselineRunId }: { runId: string; baselineRunId?: string | undefined },
): Promise<GateCheck> {
  const gate = await getVersionedGate(database, projectId, gateId);
  const run = await readGatedRun(database, projectId, runId, 'runId');
  if (gate.datasetId !== null && gate.datasetId !== run.datasetId) {
    throw new RequestError(
      'unprocessable',
      'other_dataset',
      `The gate "${gate.name}" is for runs of the dataset ${gate.datasetId}; "${run.name}" is one of ${run.datasetId}. PATCH the gate with "datasetId": null to have it for all.`,
      [{ field: 'runId', message: 'is a run of another dataset' }],
    );
  }
  requireCompleted(run, 'runId', 'checked');
  const against =
    baselineRunId === undefined
      ? await pinnedFor(database, projectId, run)
      : await readGatedRun(database, projectId, baselineRunId, 'baselineRunId');
  if (against.id === run.id) {
    throw new RequestError(
      'unprocessable',
      'same_run',
      `The run "${run.name}" is ${baselineRunId === undefined ? 'the pinned baseline of its dataset' : 'its own baseline'}; name another one as baselineRunId.`,
      [{ field: 'baselineRunId', message: 'must be another run than runId' }],
    );
  }
  const comparison = await comparisons.compare(projectId, comparisonOf(against.id, run.id));
  if (comparison.state === 'failed') {
    throw new RequestError(
      'conflict',
      'comparison_failed',
      `The runs could not be compared: ${comparison.reason ?? 'no reason is known'} Check again to try once more.`,
    );
  }
  const checked = checkedIn(comparison);
  if (!checked) return { comparisonId: comparison.id, result: null };
  await storeResults(database, projectId, [gate], checked);
  return {
    comparisonId: comparison.id,
    result: await readResultOf(database, { gateId, runId, baselineRunId: against.id }),
  };
}

async function pinnedFor(
  database: Queryable,
  projectId: string,
  { datasetId }: GatedRun,
): Promise<{ id: string }> {
  try {
    const { runId } = await getBaseline(database, projectId, datasetId);
    return await readGatedRun(database, projectId, runId, 'baselineRunId');
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'no_baseline') throw error;
    throw new RequestError(
      'unprocessable',
      'no_baseline',
      `The dataset of this run has no pinned baseline; name a run as baselineRunId, or pin one with POST /api/v1/datasets/${datasetId}/baseline.`,
      [{ field: 'baselineRunId', message: 'is needed where no baseline is pinned' }],
    );
  }
}

/** What gates are checked on. */
export interface Checked {
  runId: string;
  baselineRunId: string;
  comparisonId: string | null;
  check(this: void, gate: VersionedGate): { outcome: GateOutcome; rules: RuleResult[] };
}

/** Undefined where the comparison has no result of what the runs hold now. */
export function checkedIn(comparison: Comparison): Checked | undefined {
  const { id, baselineRunId, result, current } = comparison;
  const [candidate] = result?.candidates ?? [];
  if (!current || !candidate) return undefined;
  return {
    runId: candidate.runId,
    baselineRunId,
    comparisonId: id,
    check: ({ rules }) => checkRules(rules, candidate.metrics),
  };
}

/** What cannot be compared passes no gate, and fails none. */
export const checkedWithout = (runs: Omit<Checked, 'check'>, why: string): Checked => ({
  ...runs,
  check: ({ rules }) => uncompared(rules, why),
});

/** Stores a result of each gate that is still there, in place of an earlier one. */
export async function storeResults(
  database: Queryable,
  projectId: string,
  gates: readonly VersionedGate[],
  { runId, baselineRunId, comparisonId, check }: Checked,
): Promise<void> {
  for (const gate of gates) {
    const { outcome, rules } = check(gate);
    await database.query(sql`
      insert into gate_results (id, project_id, gate_id, run_id, baseline_run_id, comparison_id,
        outcome, rules, rules_version)
      select ${uuid()}, ${projectId}, g.id, ${runId}, ${baselineRunId}, ${comparisonId}::uuid,
        ${outcome}, ${JSON.stringify(rules)}::json, ${gate.rulesVersion}
      from gates g where g.id = ${gate.id} for share
      on conflict (gate_id, run_id, baseline_run_id) do update set
        id = excluded.id, comparison_id = excluded.comparison_id, outcome = excluded.outcome,
        rules = excluded.rules, rules_version = excluded.rules_version, created_at = now()`);
  }
}

const selectResults = sql`
  select x.id, x.gate_id as "gateId", g.name as "gateName", x.run_id as "runId",
    x.baseline_run_id as "baselineRunId", x.comparison_id as "comparisonId", x.outcome, x.rules,
    x.rules_version <> g.rules_version as "rulesChanged", ${isoTime('x.created_at')} as "createdAt"
  from gate_results x join gates g on g.id = x.gate_id`;

const readResultOf = async (
  database: Queryable,
  { gateId, runId, baselineRunId }: { gateId: string; runId: string; baselineRunId: string },
): Promise<GateResult | null> =>
  (await database.queryOne<GateResult>(sql`
    ${selectResults}
    where x.gate_id = ${gateId} and x.run_id = ${runId} and x.baseline_run_id = ${baselineRunId}`)) ??
  null;

/** Newest first. @throws {RequestError} `invalid_cursor` */
export async function listGateResults(
  database: Queryable,
  projectId: string,
  query: PageQuery & { runId?: string | undefined; gateId?: string | undefined },
): Promise<Page<GateResult>> {
  const { limit, runId, gateId } = query;
  const after = decodeCursor(z.strictObject({ id: z.uuid() }), query.cursor);
  const rows = await database.query<GateResult>(sql`
    ${selectResults}
    where x.project_id = ${projectId}
      ${runId === undefined ? sql`` : sql`and x.run_id = ${runId}`}
      ${gateId === undefined ? sql`` : sql`and x.gate_id = ${gateId}`}
      ${after ? sql`and x.id < ${after.id}::uuid` : sql``}
    order by x.id desc limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => row,
    ({ id }) => ({ id }),
  );
}
