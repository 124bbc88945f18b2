import {
  gateLimits,
  RequestError,
  type CreateGate,
  type Gate,
  type GateRule,
  type UpdateGate,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { getOpenDataset } from '#libs/datasets';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';

/** A gate with the version of its rules, which a result is of. */
export interface VersionedGate extends Gate {
  rulesVersion: number;
}

const columns = sql`id, name, dataset_id as "datasetId", rules, rules_version as "rulesVersion",
  ${isoTime('created_at')} as "createdAt"`;

const toGate = ({ id, name, datasetId, rules, createdAt }: VersionedGate): Gate => ({
  id,
  name,
  datasetId,
  rules,
  createdAt,
});

const rulesJson = (rules: readonly GateRule[]) => sql`${JSON.stringify(rules)}::json`;

/** @throws {RequestError} `dataset_not_found`, `dataset_deleted`, naming `datasetId`; `too_many_gates` */
export async function createGate(
  database: Database,
  projectId: string,
  { name, datasetId, rules }: CreateGate,
): Promise<Gate> {
  await checkDataset(database, projectId, datasetId);
  const created = await database.queryOne<VersionedGate>(sql`
    insert into gates (id, project_id, name, dataset_id, rules)
    select ${uuid()}, ${projectId}, ${name}, ${datasetId}::uuid, ${rulesJson(rules)}
    where (select count(*) from gates where project_id = ${projectId}) < ${gateLimits.perProject}
    returning ${columns}`);
  if (created) return toGate(created);
  throw new RequestError(
    'conflict',
    'too_many_gates',
    `A project has at most ${gateLimits.perProject} gates, each with up to ${gateLimits.rules} rules; delete one, or put rules together.`,
  );
}

/** Newest first. @throws {RequestError} `invalid_cursor` */
export async function listGates(
  database: Queryable,
  projectId: string,
  { limit, cursor, datasetId }: PageQuery & { datasetId?: string | undefined },
): Promise<Page<Gate>> {
  // Ids of version 7 sort by time.
  const after = decodeCursor(z.strictObject({ id: z.uuid() }), cursor);
  const rows = await database.query<VersionedGate>(sql`
    select ${columns} from gates where project_id = ${projectId}
      ${datasetId === undefined ? sql`` : sql`and (dataset_id is null or dataset_id = ${datasetId})`}
      ${after ? sql`and id < ${after.id}::uuid` : sql``}
    order by id desc limit ${limit + 1}`);
  return toPage(rows, limit, toGate, ({ id }) => ({ id }));
}

/** @throws {RequestError} `gate_not_found` */
export const getGate = async (
  database: Queryable,
  projectId: string,
  gateId: string,
): Promise<Gate> => toGate(await getVersionedGate(database, projectId, gateId));

/** @throws {RequestError} `gate_not_found` */
export async function getVersionedGate(
  database: Queryable,
  projectId: string,
  gateId: string,
): Promise<VersionedGate> {
  const row = await database.queryOne<VersionedGate>(
    sql`select ${columns} from gates where id = ${gateId} and project_id = ${projectId}`,
  );
  if (!row) throw gateNotFound();
  return row;
}

/** All gates that a run of this dataset has to meet. */
export const gatesFor = (
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<VersionedGate[]> =>
  database.query<VersionedGate>(sql`
    select ${columns} from gates
    where project_id = ${projectId} and (dataset_id is null or dataset_id = ${datasetId})
    order by id`);

/** What is left out stays. @throws {RequestError} `gate_not_found`, and as `createGate` */
export async function updateGate(
  database: Database,
  projectId: string,
  gateId: string,
  { name, datasetId, rules }: UpdateGate,
): Promise<Gate> {
  if (datasetId !== undefined) await checkDataset(database, projectId, datasetId);
  const changed = rules === undefined ? null : rulesJson(rules);
  const updated = await database.queryOne<VersionedGate>(sql`
    update gates set name = coalesce(${name ?? null}, name)
      ${datasetId === undefined ? sql`` : sql`, dataset_id = ${datasetId}::uuid`}
      ${
        changed === null
          ? sql``
          : sql`, rules = ${changed}, rules_version = rules_version
              + case when rules::text = ${changed}::text then 0 else 1 end`
      }
    where id = ${gateId} and project_id = ${projectId}
    returning ${columns}`);
  if (!updated) throw gateNotFound();
  return toGate(updated);
}

/** With its results. @throws {RequestError} `gate_not_found` */
export async function deleteGate(
  database: Database,
  projectId: string,
  gateId: string,
): Promise<void> {
  await database.transaction(async (tx) => {
    // Whoever stores a result holds the gate meanwhile.
    const found = await tx.queryOne(sql`
      delete from gates where id = ${gateId} and project_id = ${projectId} returning 1`);
    if (!found) throw gateNotFound();
    await tx.query(sql`delete from gate_results where gate_id = ${gateId}`);
  });
}

async function checkDataset(
  database: Queryable,
  projectId: string,
  datasetId: string | null,
): Promise<void> {
  if (datasetId === null) return;
  try {
    await getOpenDataset(database, projectId, datasetId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError(error.kind, error.code, error.message, [
      { field: 'datasetId', message: 'names no dataset of this project that can be used' },
    ]);
  }
}

const gateNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'gate_not_found',
    'There is no such gate in this project; GET /api/v1/gates lists those that are.',
  );
