import {
  annotationLimits,
  RequestError,
  type HumanScale,
  type HumanScore,
  type ItemAnnotations,
  type ItemNote,
  type SetHumanScore,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { getHumanMetrics } from './human-metrics.ts';
import { fromStored, toStored, type StoredValue } from './scale.ts';

/** An item of a run, by its place there. */
export interface ItemRef {
  runId: string;
  no: number;
}

interface ScoreRow extends StoredValue {
  humanMetricId: string;
  humanMetric: string;
  scale: HumanScale;
  keyId: string;
  person: string;
  comment: string | null;
  updatedAt: string;
}

interface NoteRow {
  id: string;
  keyId: string;
  person: string;
  text: string;
  createdAt: string;
  updatedAt: string;
}

const toScore = ({ scale, value, category, keyId, person, ...score }: ScoreRow): HumanScore => ({
  humanMetricId: score.humanMetricId,
  humanMetric: score.humanMetric,
  by: { keyId, name: person },
  value: fromStored(scale, { value, category }),
  comment: score.comment,
  updatedAt: score.updatedAt,
});

const toNote = ({ keyId, person, ...note }: NoteRow): ItemNote => ({
  ...note,
  by: { keyId, name: person },
});

const scoresOf = sql`
  select h.human_metric_id as "humanMetricId", m.name as "humanMetric", m.scale, h.key_id as "keyId",
    k.name as person, h.value, h.category, h.comment, ${isoTime('h.updated_at')} as "updatedAt"
  from human_scores h
  join human_metrics m on m.id = h.human_metric_id
  join api_keys k on k.id = h.key_id`;

const notesOf = sql`
  select n.id, n.key_id as "keyId", k.name as person, n.text, ${isoTime('n.created_at')} as "createdAt",
    ${isoTime('n.updated_at')} as "updatedAt"
  from item_notes n join api_keys k on k.id = n.key_id`;

/**
 * What people have said of an item, as far as the caller may see it: whoever scores it in a blind queue
 * sees only what is their own, until they have scored it.
 * @throws {RequestError} `item_not_found`
 */
export async function getAnnotations(
  database: Queryable,
  projectId: string,
  item: ItemRef,
  keyId: string,
): Promise<ItemAnnotations> {
  await checkItem(database, projectId, item);
  const isBlind = await scoresBlindly(database, item, keyId);
  const scores = await database.query<ScoreRow>(sql`
    ${scoresOf} where h.run_id = ${item.runId} and h.no = ${item.no}
    order by m.name, h.created_at, h.key_id limit ${annotationLimits.scores}`);
  const notes = await database.query<NoteRow>(sql`
    ${notesOf} where n.run_id = ${item.runId} and n.no = ${item.no} ${isBlind ? sql`and n.key_id = ${keyId}` : sql``}
    order by n.id limit ${annotationLimits.notes}`);
  const shown = isBlind ? scores.filter((score) => score.keyId === keyId) : scores;
  return {
    scores: shown.map(toScore),
    hidden: scores.length - shown.length,
    notes: notes.map(toNote),
  };
}

/** True where the caller has begun with a blind queue that still asks them for this item. */
async function scoresBlindly(database: Queryable, item: ItemRef, keyId: string): Promise<boolean> {
  const row = await database.queryOne(sql`
    select 1 from review_items i
    join review_queues q on q.id = i.queue_id and q.blind and q.deleted_at is null
      and i.done < q.reviewers_per_item
    where i.run_id = ${item.runId} and i.no = ${item.no}
      and exists (select 1 from reviews v where v.queue_id = i.queue_id and v.key_id = ${keyId})
      and not exists (
        select 1 from reviews v
        where v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId} and v.state = 'done'
      )
    limit 1`);
  return row !== undefined;
}

/**
 * In place of what the person said in this metric before.
 * @throws {RequestError} `item_not_found`, `item_not_completed`, `human_metric_not_found`,
 *   `human_metric_archived`, `value_off_scale`
 */
export async function setScore(
  database: Queryable,
  projectId: string,
  item: ItemRef,
  keyId: string,
  { humanMetricId, value, comment }: SetHumanScore,
): Promise<HumanScore> {
  const status = await checkItem(database, projectId, item);
  if (status !== 'completed') throw itemNotCompleted();
  const [metric] = await getHumanMetrics(database, projectId, [humanMetricId]);
  if (!metric) throw new Error('a human metric was lost');
  if (metric.archivedAt !== null) {
    throw new RequestError(
      'conflict',
      'human_metric_archived',
      `The human metric "${metric.name}" is archived; bring it back, or use another one.`,
      [{ field: 'humanMetricId', message: 'names a human metric that is archived' }],
    );
  }
  const stored = toStored(metric, value, 'value');
  await storeScores(database, item, keyId, [{ humanMetricId, ...stored, comment }]);
  const row = await database.queryOne<ScoreRow>(sql`
    ${scoresOf} where h.run_id = ${item.runId} and h.no = ${item.no}
      and h.human_metric_id = ${humanMetricId} and h.key_id = ${keyId}`);
  if (!row) throw new Error('a human score was lost');
  return toScore(row);
}

/** Stores what one person says of an item, in place of what they said before. */
export async function storeScores(
  tx: Queryable,
  { runId, no }: ItemRef,
  keyId: string,
  scores: readonly (StoredValue & { humanMetricId: string; comment: string | null })[],
): Promise<void> {
  await tx.query(sql`
    insert into human_scores (run_id, no, human_metric_id, key_id, value, category, comment)
    select ${runId}, ${no}, s.* from unnest(
      ${scores.map(({ humanMetricId }) => humanMetricId)}::uuid[],
      ${scores.map(() => keyId)}::uuid[],
      ${scores.map(({ value }) => value)}::float8[],
      ${scores.map(({ category }) => category)}::text[],
      ${scores.map(({ comment }) => comment)}::text[]) as s
    on conflict (run_id, no, human_metric_id, key_id) do update set value = excluded.value,
      category = excluded.category, comment = excluded.comment, updated_at = now()`);
}

/** @throws {RequestError} `item_not_found`, `human_score_not_found`, `score_of_review` */
export async function deleteScore(
  database: Database,
  projectId: string,
  item: ItemRef,
  keyId: string,
  humanMetricId: string,
): Promise<void> {
  await checkItem(database, projectId, item);
  await database.transaction(async (tx) => {
    const gone = await tx.queryOne(sql`
      delete from human_scores
      where run_id = ${item.runId} and no = ${item.no} and human_metric_id = ${humanMetricId}
        and key_id = ${keyId} returning 1`);
    if (!gone) {
      throw new RequestError(
        'not_found',
        'human_score_not_found',
        'You have not scored this item in this metric.',
      );
    }
    const queue = await tx.queryOne<{ name: string }>(sql`
      select q.name from review_items i
      join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId}
        and v.state = 'done'
      join review_queues q on q.id = i.queue_id and q.deleted_at is null
        and ${humanMetricId}::uuid = any(q.human_metric_ids)
      where i.run_id = ${item.runId} and i.no = ${item.no} limit 1`);
    if (!queue) return;
    throw new RequestError(
      'conflict',
      'score_of_review',
      `The score is part of your review in the queue "${queue.name}"; change it there.`,
    );
  });
}

/** @throws {RequestError} `item_not_found`, `too_many_notes` */
export async function createNote(
  database: Queryable,
  projectId: string,
  item: ItemRef,
  keyId: string,
  text: string,
): Promise<ItemNote> {
  await checkItem(database, projectId, item);
  const id = await insertNote(database, item, keyId, text);
  const row = await database.queryOne<NoteRow>(sql`${notesOf} where n.id = ${id}`);
  if (!row) throw new Error('a note was lost');
  return toNote(row);
}

/** @throws {RequestError} `too_many_notes` */
export async function insertNote(
  tx: Queryable,
  { runId, no }: ItemRef,
  keyId: string,
  text: string,
): Promise<string> {
  const id = uuid();
  const made = await tx.queryOne(sql`
    insert into item_notes (id, run_id, no, key_id, text)
    select ${id}, ${runId}, ${no}, ${keyId}, ${text}
    where (select count(*) from item_notes where run_id = ${runId} and no = ${no}) < ${annotationLimits.notes}
    returning 1`);
  if (made) return id;
  throw new RequestError(
    'conflict',
    'too_many_notes',
    `An item has at most ${annotationLimits.notes} notes; delete one first.`,
  );
}

/** @throws {RequestError} `note_not_found`, `note_of_another` */
export async function updateNote(
  database: Queryable,
  projectId: string,
  noteId: string,
  keyId: string,
  text: string,
): Promise<ItemNote> {
  await checkNote(database, projectId, noteId, keyId);
  await database.query(
    sql`update item_notes set text = ${text}, updated_at = now() where id = ${noteId}`,
  );
  const row = await database.queryOne<NoteRow>(sql`${notesOf} where n.id = ${noteId}`);
  if (!row) throw noteNotFound();
  return toNote(row);
}

/** @param keyId whose note it must be; undefined: anybody's. @throws {RequestError} as `updateNote` */
export async function deleteNote(
  database: Queryable,
  projectId: string,
  noteId: string,
  keyId: string | undefined,
): Promise<void> {
  await checkNote(database, projectId, noteId, keyId);
  await database.query(sql`delete from item_notes where id = ${noteId}`);
}

async function checkNote(
  database: Queryable,
  projectId: string,
  noteId: string,
  keyId: string | undefined,
): Promise<void> {
  const note = await database.queryOne<{ keyId: string; person: string }>(sql`
    select n.key_id as "keyId", k.name as person from item_notes n
    join evaluation_runs r on r.id = n.run_id and r.project_id = ${projectId}
    join api_keys k on k.id = n.key_id
    where n.id = ${noteId}`);
  if (!note) throw noteNotFound();
  if (keyId === undefined || note.keyId === keyId) return;
  throw new RequestError(
    'forbidden',
    'note_of_another',
    `The note was written by "${note.person}"; only they can change it, and they or an admin delete it.`,
  );
}

/** Of the run and in the project. @throws {RequestError} `item_not_found` */
async function checkItem(
  database: Queryable,
  projectId: string,
  { runId, no }: ItemRef,
): Promise<'completed' | 'failed'> {
  const row = await database.queryOne<{ status: 'completed' | 'failed' }>(sql`
    select i.status from evaluation_items i
    join evaluation_runs r on r.id = i.run_id and r.project_id = ${projectId}
    where i.run_id = ${runId} and i.no = ${no} and i.status <> 'open'`);
  if (row) return row.status;
  throw new RequestError(
    'not_found',
    'item_not_found',
    'There is no such item that is done in this project; GET /api/v1/runs/{id}/items lists those of a run.',
  );
}

const itemNotCompleted = (): RequestError =>
  new RequestError(
    'conflict',
    'item_not_completed',
    'The item has failed, so that there is no output to score; write a note, or retry it.',
  );

const noteNotFound = (): RequestError =>
  new RequestError('not_found', 'note_not_found', 'There is no such note in this project.');
